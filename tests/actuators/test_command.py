"""
Traffic by programs: the weight that is set, what is read, and every way in which it fails.
"""

from __future__ import annotations

import os
import sys

import pytest
from canarypolicy.actuators.command import CommandTraffic
from canarypolicy.documents.program_parameters import CommandActuatorParameters
from canarypolicy.errors import Unavailable
from canarypolicy.live.protocols import NotDone

from programs import python, world

QUIET = python("pass")


def traffic(variables=None, **parameters):
    return CommandTraffic(
        "traffic", CommandActuatorParameters.model_validate(parameters), world({**os.environ, **(variables or {})})
    )


@pytest.mark.parametrize(
    ("weight", "shown"), [(0, "0"), (10.0, "10"), (12.5, "12.5"), (100, "100"), (33.3333, "33.3333"), (0.00001, "0.00001")]
)
def test_the_weight_is_in_the_argument_and_in_the_environment(weight, shown, tmp_path):
    text = f"import os, sys; open({str(tmp_path / 'set')!r}, 'w').write(sys.argv[1] + ' ' + os.environ['CANARYPOLICY_WEIGHT'])"
    traffic(set=python(text, "--canary={weight}%"), read=QUIET).set(weight)
    assert (tmp_path / "set").read_text() == f"--canary={shown}% {shown}"


def test_what_was_set_is_read_back(tmp_path):
    kept = str(tmp_path / "weight")
    both = traffic(
        set=python(f"import sys; open({kept!r}, 'w').write(sys.argv[1])", "{weight}"),
        read=python(f"print(open({kept!r}).read())"),
    )
    for weight in (10, 12.5, 0, 100):
        both.set(weight)
        assert both.read_back() == weight


@pytest.mark.parametrize(
    ("printed", "why"),
    [
        (" ", "`read` prints the weight as the only number, found nothing"),
        ("weight 10", "`read` prints the weight as the only number, found `weight 10`"),
        ("10 20", "`read` prints the weight as the only number, found `10 20`"),
        ("nan", "`read` prints the weight as the only number, found `nan`"),
        ("10%", "`read` prints the weight as the only number, found `10%`"),
        ("1e999", "a weight is between 0 and 100, found `inf`"),
        ("101", "a weight is between 0 and 100, found `101`"),
        ("-0.5", "a weight is between 0 and 100, found `-0.5`"),
    ],
)
def test_what_is_no_percentage_is_not_done(printed, why):
    with pytest.raises(NotDone) as raised:
        traffic(set=QUIET, read=python("import sys; print(sys.argv[1])", printed)).read_back()
    assert raised.value.why == f"actuator `traffic`: {why}"


def test_a_failed_set_says_what_the_program_said_without_secrets():
    failing = python("import sys; sys.exit('cannot log in with ' + sys.argv[1])", "${env:PASSWORD}")
    with pytest.raises(NotDone) as raised:
        traffic({"PASSWORD": "hunter2"}, set=failing, read=QUIET).set(10)
    assert raised.value.why == f"actuator `traffic`: `{sys.executable}` ended in status 1: cannot log in with ***"


def test_a_number_from_a_failed_program_is_not_believed():
    with pytest.raises(NotDone, match="ended in status 1"):
        traffic(set=QUIET, read=python("print(10); raise SystemExit(1)")).read_back()


def test_a_program_that_hangs_is_not_done():
    with pytest.raises(NotDone, match="did not end within 300ms"):
        traffic(set=python("import time; time.sleep(600)"), read=QUIET, timeout="300ms").set(10)


def test_a_secret_that_is_not_there_is_told_before_anything_runs():
    with pytest.raises(Unavailable) as raised:
        traffic(set=[*QUIET, "${env:NOWHERE}"], read=QUIET)
    assert raised.value.message == "`set` of actuator `traffic`: the environment variable `NOWHERE` is not set"


def test_a_backup_moves_no_traffic():
    with pytest.raises(Unavailable, match="moves no traffic"):
        traffic(create=QUIET)
