"""
A program that prints JSON: each signal a value, or why not.
"""

import sys

import pytest
from canarypolicy.documents.secrets import Secret, World
from canarypolicy.documents.source_parameters import CommandSourceParameters
from canarypolicy.history.window import Window
from canarypolicy.sources.command import Command
from canarypolicy.sources.protocol import Asked

AT = 1_700_000_000_000_000
WINDOW = Window(start_us=AT, end_us=AT, every_us=1)


def fetch(code, timeout="20s", **queries):
    world = World(variables={"TOKEN": "t0ken"}, read_file=lambda _: "")
    source = Command("own", CommandSourceParameters(run=[sys.executable, "-c", code, "${env:TOKEN}"], timeout=timeout), world)
    return source.fetch([Asked(signal=name, query=Secret(query)) for name, query in queries.items()], WINDOW)


def test_one_run_gives_all_signals(tmp_path):
    log = tmp_path / "runs"
    code = f"import sys; open({str(log)!r}, 'a').write('x'); print('{{\"a\": 1, \"b\": {{\"c\": true}}}}')"
    found = fetch(code, a="a", b="b.c", none="d")
    assert (found["a"].values, found["b"].values) == ({AT: 1}, {AT: True})
    assert found["none"].why == {AT: "the query finds nothing"}
    assert log.read_text() == "x"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("print('no json')", "the answer of `own` is not JSON"),
        ("import sys; print('{\"a\": 1}'); sys.exit(3)", "ended in status 3"),
        ("import sys; print('bad', sys.argv[1], file=sys.stderr); sys.exit(1)", "ended in status 1: bad ***"),
        ("import os; os.kill(os.getpid(), 9)", "was ended by SIGKILL"),
    ],
)
def test_what_is_no_answer(code, why):
    """
    What a failing program printed is no evidence.
    """
    if sys.platform == "win32" and "kill" in code:
        pytest.skip("Windows has no SIGKILL")
    series = fetch(code, a="a")["a"]
    assert series.why_missing(AT).endswith(why)
    assert not series.has_answered


def test_a_program_that_hangs_is_ended():
    series = fetch("import time; time.sleep(60)", timeout="300ms", a="a")["a"]
    assert series.why_missing(AT).endswith("did not end within 300ms")
