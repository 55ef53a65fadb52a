"""
Simulated rollouts that end in rollback become tests of at most 15 samples that pass, and fail without the deciding rule.

The recordings do not belong to this repository: without them these tests are skipped.
"""

import os
from functools import cache
from pathlib import Path

import pytest
from canarypolicy.engine.decision import Verdict
from canarypolicy.history.recording import read_recordings
from canarypolicy.history.replay import Outcome, replay
from canarypolicy.testing.incident import incident_of
from canarypolicy.testing.keeping import kept_of
from canarypolicy.testing.loading import load_policy_test
from canarypolicy.testing.minimising import MOST_FOLDED, minimise
from canarypolicy.testing.running import run_all
from canarypolicy.testing.written_test import Titles, faults_of, policy_test_of, without_rule

from driver import program_of

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CANARYPOLICY_RECORDINGS", ROOT.parent / "shared" / "recordings"))
RUNS = SHARED / "rollouts" / "runs"
EXAMPLES = ROOT / "examples"
IN_FULL = 21
"""A rollback at 100 % is at least so long: 50 minutes at 10 and 50 % with no gap over 3 minutes, and the 5 minutes after them."""

pytestmark = [
    pytest.mark.no_cover,  # smaller tests cover the same lines; measuring here takes longer than the test
    pytest.mark.skipif(not RUNS.is_dir(), reason=f"there are no shared recordings in {SHARED.name}"),
]


@cache
def program(policy):
    return program_of((EXAMPLES / "simulated-rollouts" / f"{policy}.yaml").read_text(encoding="utf-8"))


@cache
def rolled_back(policy):
    """Give the recordings that a policy rolls back, by name."""
    found = {}
    for path in sorted(RUNS.glob("*.csv")):
        (recording,) = read_recordings(path.read_bytes(), path.as_posix())
        if replay(program(policy), recording).outcome is Outcome.ROLLED_BACK:
            found[recording.rollout] = recording
    return found


def minimised(policy, recording):
    """Give the result, once the test made of it has passed, and has failed without each rule that it names."""
    judge = program(policy)
    incident = incident_of(judge, recording)
    result = minimise(judge, incident)
    text = policy_test_of(result, judge, Titles(name=None, rollout=recording.rollout, policy="policy.yaml"))
    assert faults_of(text, judge) == []
    assert kept_of(result.decision) == kept_of(incident.decision)
    test = load_policy_test(text.encode(), "test.yaml").document
    assert all(each.has_passed for each in run_all(judge, test))
    (rule, *others) = {reason.rule for reason in result.decision.reasons}
    (without,) = run_all(without_rule(judge, rule), test)
    assert not without.has_passed
    if not others:
        (last,) = [each for each in without.course.judged if each.decision.at_us == result.history.lasts_us]
        assert last.decision.verdict is not Verdict.ROLLBACK
    return result


def test_by_the_literal_policy_26_of_36_need_15_samples_at_most_and_the_others_have_come_too_far():
    lengths = {}
    for name, recording in rolled_back("literal").items():
        incident = incident_of(program("literal"), recording)
        if incident.decision.step == "full" and any(step == "full" for step, _ in lengths.values()):
            continue  # one of them shows it: each takes as long
        result = minimised("literal", recording)
        lengths[name] = incident.decision.step, result.history.length
        assert result.is_smallest
        assert result.folded < MOST_FOLDED / 2, name
    assert len(rolled_back("literal")) == 36
    assert sum(length <= 15 for _, length in lengths.values()) == 26
    assert {length for step, length in lengths.values() if step == "canary-10"} == {3}
    assert {length for step, length in lengths.values() if step == "canary-50"} == {10, 11}
    assert {length for step, length in lengths.values() if step == "full"} == {IN_FULL}


@pytest.mark.parametrize(
    ("name", "most"),
    [("5xx-2.5-1", 3), ("5xx-2.5-2", 5), ("flapping-1", 3), ("sale-errors-1", 3), ("sale-errors-3", 11)],
    ids=["errors", "errors that burn", "errors that come and go", "sales", "sales at 50 %"],
)
def test_rules_over_windows_need_few_samples_too(name, most):
    assert minimised("careful", rolled_back("careful")[name]).history.length <= most
