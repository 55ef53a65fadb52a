"""
The engine touches nothing: it is folded under an audit hook that forbids files, sockets and processes.
"""

import sys

import pytest

from driver import drive, program_of, series

FORBIDDEN = ("open", "socket.", "subprocess.", "os.system", "os.exec", "shutil.", "time.sleep")
_watching = []


def _hook(event, args):
    if _watching and event.startswith(FORBIDDEN):
        raise AssertionError(f"the engine did `{event}` with {args[:1]}")


sys.addaudithook(_hook)


def test_the_fold_opens_connects_and_starts_nothing():
    program = program_of()
    items = series(program, canary_errors=[0.002] * 6 + [None, 0.03, 0.03, 0.03, 0.03])
    drive(program, items)  # once before, so that nothing is imported under the hook
    _watching.append(True)
    try:
        decisions = drive(program, items)
        margins = [reason.margin for decision in decisions for reason in decision.reasons]
    finally:
        _watching.clear()
    assert decisions[-1].verdict.value == "rollback"
    assert margins


def test_the_hook_bites(tmp_path):
    _watching.append(True)
    try:
        with pytest.raises(AssertionError, match="`open`"):
            (tmp_path / "x").write_text("")
    finally:
        _watching.clear()
