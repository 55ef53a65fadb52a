"""
Evaluation: the decision at the last sample, wherever the rollout is said or recorded to be.
"""

import pytest
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.event import AbortEvent, GateEvent, StepEvent
from canarypolicy.engine.rollout import Follow
from canarypolicy.engine.sample import RawSample
from canarypolicy.errors import InvalidInput
from canarypolicy.history.evaluation import Whereabouts, evaluate, recorded_entry, until
from canarypolicy.history.recording import Recording
from canarypolicy.history.replay import replay
from hypothesis import given, settings
from hypothesis import strategies as st

from driver import HEALTHY, ORIGIN_US, program_of

MINUTE_US = 60_000_000
PROGRAM = program_of()
GATED = program_of(
    plan="""
plan:
  every: 1m
  gates: {before: [{name: ready, probe: p, require: result.failed == 0}]}
  steps: [{name: canary-10, weight: 10, min: 5m, max: 20m}, {name: full, weight: 100, min: 5m}]
"""
)


def sample(minute, errors=0.002, **more):
    return RawSample(at_us=ORIGIN_US + minute * MINUTE_US, signals={**HEALTHY, "canary.errors": errors}, **more)


def recording(*items):
    return Recording(rollout="r", source="r.jsonl", items=items)


def judged(*items, program=PROGRAM, **where):
    for name in ("since", "start"):
        if name in where:
            where[f"{name}_us"] = ORIGIN_US + where.pop(name) * MINUTE_US
    return evaluate(program, recording(*items), Whereabouts(**where))


def told(found):
    return found.decision.verdict.value, found.decision.step, found.decision.elapsed_us // MINUTE_US


def test_without_a_step_the_policys_own_decisions_lead():
    """After five good minutes the first step is left; the rollout is then in the second."""
    assert told(judged(*(sample(minute) for minute in range(6)))) == ("advance", "canary-10", 5)
    assert told(judged(*(sample(minute) for minute in range(7)))) == ("hold", "full", 1)


def test_recorded_steps_are_followed_where_there_are_any():
    """By events and by the samples' own words alike; the sample at which a step is left still belongs to it."""
    samples = [sample(minute) for minute in range(4)]
    entered = StepEvent(at_us=ORIGIN_US + MINUTE_US, step="full")
    first = StepEvent(at_us=ORIGIN_US, step="canary-10")
    assert told(judged(first, samples[0], entered, *samples[1:])) == ("hold", "full", 2)
    named = [sample(0, step="canary-10"), sample(1, step="canary-10"), sample(2, step="full"), sample(3, step="full")]
    assert told(judged(*named)) == ("hold", "full", 2)
    assert told(judged(*named[:2])) == ("hold", "canary-10", 1)


def test_a_recorded_step_that_the_policy_has_not_is_a_finding():
    with pytest.raises(InvalidInput) as invalid:
        judged(sample(0, step="canary-20"))
    assert invalid.value.findings[0].name == "unknown-step"
    assert told(judged(sample(0, step="canary-20"), step="full")) == ("hold", "full", 0)


def test_a_step_that_is_said_is_the_step_whatever_is_decided_on_the_way():
    """It is not left at its first advance: somebody says that the rollout is in it."""
    samples = [sample(minute) for minute in range(9)]
    assert told(judged(*samples, step="canary-10")) == ("advance", "canary-10", 8)
    assert told(judged(*samples, step="full", since=3)) == ("advance", "full", 5)
    assert told(judged(*samples, step="full", since=4)) == ("hold", "full", 4)


def test_since_defaults_to_the_recorded_entry_and_then_to_the_first_sample():
    entered = StepEvent(at_us=ORIGIN_US + 2 * MINUTE_US, step="full")
    samples = [sample(minute) for minute in range(6)]
    assert told(judged(*samples[:2], entered, *samples[2:], step="full")) == ("hold", "full", 3)
    assert told(judged(*samples, step="full")) == ("advance", "full", 5)
    assert recorded_entry(recording(*samples), "full") is None
    assert recorded_entry(recording(*samples, entered), "full") == entered.at_us


def test_a_snapshot_is_judged_in_the_step_that_is_said():
    assert told(judged(sample(0), step="full")) == ("hold", "full", 0)
    assert told(judged(sample(0, errors=0.5), step="full")) == ("hold", "full", 0)  # three minutes are asked


def test_what_lies_before_the_entry_counts_for_rollback_rules_and_not_for_evidence():
    bad = [sample(minute, errors=0.5) for minute in range(5)]
    assert told(judged(*bad, step="full", since=3)) == ("rollback", "full", 1)
    assert told(judged(*bad, step="canary-10", since=3)) == ("hold", "canary-10", 1)  # of the first step it is history only


def test_a_sample_at_or_before_the_entry_is_not_judged():
    assert judged(sample(0), step="full", since=5) is None
    assert judged(sample(4), sample(5), step="full", since=5) is None
    assert judged(sample(0), start=1) is None
    assert judged() is None


def test_the_start_may_be_said():
    assert told(judged(*(sample(minute) for minute in range(6)), start=3)) == ("hold", "canary-10", 2)


def test_until_leaves_the_future_out():
    items = recording(*(sample(minute) for minute in range(5)))
    assert until(items, ORIGIN_US + 3 * MINUTE_US).items == items.items[:4]


def test_a_final_decision_tells_when_it_was_made_and_what_was_seen_then():
    bad = [sample(minute, errors=0.5) for minute in range(4)]
    found = judged(*bad, sample(9), sample(10))
    assert told(found) == ("rollback", "canary-10", 10)
    assert found.decided_us == ORIGIN_US + 3 * MINUTE_US
    assert found.observation.values["canary.errors"] == 0.5
    assert found.observation.at_us == found.decided_us


def test_an_abort_is_decided_at_its_event_and_no_rule_saw_anything():
    found = judged(sample(0), AbortEvent(at_us=ORIGIN_US + MINUTE_US, by="ann"), sample(2))
    assert found.decision.verdict is Verdict.ROLLBACK
    assert found.decided_us == ORIGIN_US + MINUTE_US
    assert found.observation is None


def test_gates_are_known_of_where_the_history_tells_of_one():
    passed = GateEvent(at_us=ORIGIN_US, gate="ready", passed=True)
    failed = GateEvent(at_us=ORIGIN_US, gate="ready", passed=False)
    assert not judged(sample(0), program=GATED).is_gated
    assert judged(passed, sample(0), program=GATED).is_gated
    assert judged(failed, sample(0), program=GATED).decision.is_refused


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(st.sampled_from([0.002, 0.015, 0.5, None]), min_size=1, max_size=20), st.booleans())
def test_evaluating_gives_the_last_decision_of_the_replay(errors, has_steps):
    """And the observation is that of the sample at which it was decided."""
    items = [sample(minute, errors=value) for minute, value in enumerate(errors)]
    if has_steps:
        items.insert(0, StepEvent(at_us=ORIGIN_US, step="canary-10"))
        items.insert(len(items) // 2, StepEvent(at_us=items[len(items) // 2].at_us, step="full"))
    follow = Follow.RECORDING if has_steps else Follow.POLICY
    timeline = replay(PROGRAM, recording(*items), follow=follow)
    found = judged(*items)
    assert found is not None
    last = timeline.decisions[-1]
    assert (found.decision.verdict, found.decision.step, found.decision.at_us) == (last.verdict, last.step, last.at_us)
    assert [each.rule for each in found.decision.reasons] == [each.rule for each in last.reasons]
    assert found.observation.at_us == found.decided_us <= last.at_us
