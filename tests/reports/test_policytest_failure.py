"""
A scenario that failed, drawn: what is shown of a long one.

Whole texts are pinned in `tests/transcripts/test-*.txt`.
"""

from __future__ import annotations

from canarypolicy.reports.policytest_failure import timeline_lines
from canarypolicy.reports.policytest_text import scenario_text
from canarypolicy.testing.running import run_all

from driver import program_of
from policytests import policy_test_of


def failed(*expect, **history):
    (result,) = run_all(program_of(), policy_test_of({"name": "x", **history, "expect": list(expect)}))
    return result


FLAPPING = {
    "series": {"canary.errors": "0.002 0.03 0.002 0.03 0.002 0.03 0.002 0.03 0.002 0.03 0.002 0.03 0.002 0.03"},
    "every": "30s",
}


def test_of_many_changes_those_around_the_failure_are_shown():
    lines = list(timeline_lines(failed({"at": "6m30s", "decision": "advance"}, **FLAPPING)))
    assert lines[1] == "6 more changes before"
    assert lines[-1].startswith("> 6m30s  ")
    assert len(lines) == 2 + 8


def test_where_it_fails_early_what_comes_after_is_counted():
    lines = list(timeline_lines(failed({"at": "0s", "decision": "advance"}, **FLAPPING)))
    assert lines[1].startswith(">    0s  ")
    assert lines[-1] == "6 more changes after"
    assert sum(line.startswith(">") for line in lines) == 1


def test_one_change_is_one():
    history = {"series": {"canary.errors": " ".join(["0.002 0.03"] * 4) + " 0.002"}, "every": "30s"}
    assert list(timeline_lines(failed({"at": "0s", "decision": "advance"}, **history)))[-1] == "1 more change after"


def test_clipped_values_and_missing_ones_are_told_with_the_decision():
    told = scenario_text(failed({"at": "1m", "decision": "advance"}, series={"canary.errors": "1.5x2", "canary.requests": "_x3"}))
    assert "  canary.errors is clipped: 1.5 taken as 1, the end of the range" in told
    assert "  canary.requests is missing: the series has no value here" in told
