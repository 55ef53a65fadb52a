"""
Expectations held against decisions: what meets them, and what does not.

Each failing sentence is pinned whole in `tests/transcripts/test-failed.txt`.
"""

from __future__ import annotations

import pytest
from canarypolicy.testing.result import FailureKind
from canarypolicy.testing.running import run_all

from driver import program_of
from policytests import policy_test_of

# Holds up to 5m in canary-10 and up to 10m in full, if all is well; three minutes of errors roll back.
PROGRAM = program_of()
GOOD = {"lasts": "12m"}
BAD = {"series": {"canary.errors": "0.002x1 0.03x8"}}
"""Errors from 2m on: pending at 2m, rolled back at 5m."""


def failed(history, *expect):
    (result,) = run_all(PROGRAM, policy_test_of({"name": "x", **history, "expect": list(expect)}))
    assert result.name == "x"
    return [failure.kind for failure in result.failures]


MET = [
    (GOOD, {"at": "4m", "decision": "hold", "because": ["min-duration"], "step": "canary-10"}),
    (GOOD, {"at": "5m", "decision": "advance", "because": ["low", "min-duration"]}),
    (GOOD, {"first": "advance", "at": "5m"}),
    (GOOD, {"first": "advance", "step": "full", "between": ["10m", "10m"]}),
    (GOOD, {"first": "advance", "after": "4m", "before": "6m"}),
    (GOOD, {"first": "advance"}),
    (GOOD, {"outcome": "complete"}),
    (GOOD, {"never": "rollback"}),
    (GOOD, {"never": "advance", "before": "5m"}),
    (GOOD, {"never": "advance", "after": "5m", "before": "10m"}),
    (GOOD, {"never": "hold", "because": ["high"]}),
    (GOOD, {"always": "hold", "step": "canary-10", "between": ["0m", "4m"], "because": ["min-duration"]}),
    (BAD, {"at": "2m", "decision": "hold", "because": ["high", "low"]}),
    (BAD, {"always": "rollback", "after": "4m", "because": ["high"]}),
    (BAD, {"first": "rollback", "at": "5m", "because": ["high"]}),
    (BAD, {"outcome": "rolled-back"}),
]
NOT_MET = [
    (GOOD, {"first": "advance", "between": ["6m", "12m"]}, FailureKind.WRONG_TIME),
    (GOOD, {"first": "advance", "after": "5m"}, FailureKind.WRONG_TIME),
    (GOOD, {"first": "rollback"}, FailureKind.DID_NOT_HAPPEN),
    (GOOD, {"never": "advance", "before": "5m1s"}, FailureKind.HAPPENED),
    (GOOD, {"never": "advance", "between": ["5m", "5m"]}, FailureKind.HAPPENED),
    (GOOD, {"always": "hold", "between": ["0m", "5m"]}, FailureKind.DID_NOT_HAPPEN),
    (GOOD, {"always": "hold", "step": "full", "before": "3m"}, FailureKind.DID_NOT_HAPPEN),
    (GOOD, {"always": "hold", "because": ["high"], "before": "3m"}, FailureKind.DID_NOT_HAPPEN),
    (GOOD, {"never": "advance", "between": ["5m1s", "5m59s"]}, FailureKind.NEVER_APPLIED),
    (GOOD, {"always": "hold", "after": "12m"}, FailureKind.NEVER_APPLIED),
    (GOOD, {"at": "12m30s", "decision": "advance"}, FailureKind.NEVER_APPLIED),
    (GOOD, {"outcome": "holding"}, FailureKind.WRONG_OUTCOME),
    (BAD, {"at": "5m", "because": ["low"]}, FailureKind.WRONG_REASON),
]


@pytest.mark.parametrize(("history", "expectation"), MET, ids=[str(each) for _, each in MET])
def test_what_is_met_has_no_failure(history, expectation):
    assert failed(history, expectation) == []


@pytest.mark.parametrize(("history", "expectation", "kind"), NOT_MET, ids=[str(each) for _, each, _ in NOT_MET])
def test_what_is_not_met_says_in_what(history, expectation, kind):
    assert failed(history, expectation) == [kind]


def test_every_failure_is_told_and_not_the_first_alone():
    assert failed(GOOD, {"at": "4m", "decision": "advance", "step": "full"}, {"outcome": "refused"}) == [
        FailureKind.WRONG_DECISION, FailureKind.WRONG_STEP, FailureKind.WRONG_OUTCOME,
    ]  # fmt: skip


def test_what_lies_before_the_start_is_history():
    """Nothing is decided at it, and expecting something there is a failure."""
    late = {**GOOD, "start": "3m"}
    assert failed(late, {"first": "advance", "at": "8m"}, {"at": "3m", "decision": "hold"}) == []
    assert failed(late, {"at": "2m", "decision": "hold"}) == [FailureKind.NEVER_APPLIED]
    assert failed({**GOOD, "start": "13m"}, {"at": "2m", "decision": "hold"}) == [FailureKind.EMPTY_RUN]


def test_an_abort_is_decided_between_samples_and_stands_at_the_next():
    aborted = {**GOOD, "events": [{"at": "150s", "event": "abort"}]}
    assert (
        failed(aborted, {"at": "2m30s", "decision": "rollback", "because": ["aborted"]}, {"at": "3m", "decision": "rollback"})
        == []
    )
    assert failed(aborted, {"at": "2m30s", "values": {"canary.errors": 0.002}}) == [FailureKind.OTHER_VALUE]
    assert failed(aborted, {"at": "3m", "values": {"canary.errors": 0.002}}) == []


def test_of_one_time_the_sample_is_looked_at_and_not_the_event_before_it():
    """At an abort no signal is seen; at the sample of that very time, all are."""
    aborted = {**GOOD, "events": [{"at": "3m", "event": "abort"}]}
    assert failed(aborted, {"at": "3m", "decision": "rollback", "values": {"canary.errors": 0.002}}) == []


def test_a_policy_that_lacks_what_a_test_names_fails_it_and_raises_nothing():
    """So that a changed policy can be tested with the tests of the old one."""
    test = policy_test_of(
        {"name": "x", "series": {"canary.gone": "1x5", "canary.errors": "0.03x5"}, "expect": [{"at": "3m", "decision": "rollback", "because": ["gone"]}]}
    )  # fmt: skip
    assert [failure.kind for failure in run_all(PROGRAM, test)[0].failures] == [FailureKind.WRONG_REASON]
