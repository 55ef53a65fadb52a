"""
Programs as probes: the exit status, the captures and their types, and that a failed one never looks passed.
"""

from __future__ import annotations

import os
import sys

import pytest
from canarypolicy.documents.program_parameters import CommandProbeParameters
from canarypolicy.live.protocols import Check
from canarypolicy.probes.command import CommandProbe

from programs import python, world

FAILED = {"failed": {"regex": r"FAIL=(\d+)", "type": "int"}}


def look(text, captures=None, timeout="20s", variables=None):
    written = {"run": python(text), "captures": captures or {}, "timeout": timeout}
    return CommandProbe(
        "legacy", CommandProbeParameters.model_validate(written), world({**os.environ, **(variables or {})})
    ).look()


def told(result):
    return [(check.name, check.ok, check.detail) for check in result.checks]


def test_status_0_is_a_passed_check():
    result = look("print('fine')")
    assert told(result) == [("command", True, "ended in status 0")]
    assert {key: result.as_record()[key] for key in ("passed", "failed")} == {"passed": 1, "failed": 0}


def test_another_status_is_a_failed_check():
    result = look("raise SystemExit('redis is not there')")
    assert told(result) == [("command", False, f"`{sys.executable}` ended in status 1: redis is not there")]
    assert result.as_record()["failed"] == 1


def test_a_program_that_hangs_is_a_failed_check():
    result = look("import time; print('FAIL=0', flush=True); time.sleep(600)", FAILED, timeout="500ms")
    assert told(result) == [("command", False, f"`{sys.executable}` did not end within 500ms")]
    assert result.as_record()["failed"] == 1


def test_captured_counts_stand_in_for_the_counts():
    captures = {**FAILED, "passed": {"regex": r"PASS=(\d+)", "type": "int"}}
    record = look("print('PASS=11 FAIL=2')", captures).as_record()
    assert (record["passed"], record["failed"]) == (11, 2)


def test_a_program_that_counts_no_failures_and_dies_has_not_passed():
    """The counts say 0 and the status says otherwise: the worse one holds."""
    record = look("print('FAIL=0'); raise SystemExit(1)", FAILED).as_record()
    assert record["failed"] == 1
    record = look("print('FAIL=7'); raise SystemExit(1)", FAILED).as_record()
    assert record["failed"] == 7
    more = {**FAILED, "lag": {"regex": r"LAG=(\d+)", "type": "int"}}
    assert look("print('FAIL=0')", more).as_record()["failed"] == 1


@pytest.mark.parametrize(
    ("type_", "printed", "value"),
    [
        ("int", "v=-12", -12),
        ("double", "v=1.5e3", 1500.0),
        ("double", "v=3", 3.0),
        ("bool", "v=True", True),
        ("bool", "v=0", False),
        ("string", "v=primary of 3", "primary of 3"),
    ],
)
def test_captures_are_typed(type_, printed, value):
    result = look(f"print({printed!r})", {"it": {"regex": "^v=(.*)$", "type": type_}})
    assert result.fields == {"it": value}
    assert type(result.fields["it"]) is type(value)
    assert len(result.checks) == 1


@pytest.mark.parametrize(
    ("type_", "printed", "why"),
    [
        ("int", "nothing here", "nothing in the output matches `^v=(.*)$`"),
        ("int", "v=1.5", "`1.5` is no int"),
        ("int", "v=", "`` is no int"),
        ("double", "v=1e999", "`1e999` is no double"),
        ("double", "v=nan", "`nan` is no double"),
        ("bool", "v=2", "`2` is no bool"),
        ("int", "v=1\nv=2", "`^v=(.*)$` matches different texts, such as `1` and `2`"),
    ],
)
def test_a_capture_without_a_value_is_a_failed_check(type_, printed, why):
    result = look(f"print({printed!r})", {"it": {"regex": "^v=(.*)$", "type": type_}})
    assert told(result)[1:] == [("it", False, why)]
    assert "it" not in result.fields
    assert result.as_record()["failed"] == 1


def test_the_same_text_twice_is_one_value():
    assert look("print('v=1'); print('v=1')", {"it": {"regex": "v=(1)", "type": "int"}}).fields == {"it": 1}


def test_stderr_is_looked_at_too():
    assert look("import sys; print('FAIL=0', file=sys.stderr)", FAILED).fields == {"failed": 0}


def test_no_secret_is_in_a_result():
    captures = {"it": {"regex": "v=(.*)", "type": "string"}, "number": {"regex": "v=(.*)", "type": "int"}}
    written = {"run": python("import sys; print('v=' + sys.argv[1])", "${env:SECRET}"), "captures": captures}
    probe = CommandProbe("p", CommandProbeParameters.model_validate(written), world({**os.environ, "SECRET": "hunter2"}))
    result = probe.look()
    assert result.fields == {"it": "***"}
    assert "hunter2" not in repr(result)


def test_checks_tell_how_long_they_took():
    (check,) = look("pass").checks
    assert isinstance(check, Check)
    assert check.seconds > 0
