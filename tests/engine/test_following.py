"""
Whose steps are followed, and where the rollout is when a history begins.
"""

import pytest
from canarypolicy.engine.event import (
    StepEvent,
)
from canarypolicy.engine.rollout import Follow, begin

from driver import at, drive, sample, series, verdicts
from rollouts import MINUTE, OK, _state_after


def test_history_before_the_start_is_not_judged(plain):
    decisions = drive(plain, series(plain, canary_errors=[0.5] * 5 + [OK]), begin(plain, start_us=at("5m")))
    assert verdicts(decisions) == ["canary-10 hold"]
    assert decisions[0].elapsed_us == 0


def test_a_step_event_starts_a_rollout_and_time_counts_from_it(plain):
    decisions = drive(plain, [StepEvent(at_us=at("1m"), step="canary-10"), sample(plain, "2m"), sample(plain, "6m")])
    assert verdicts(decisions) == ["canary-10 hold", "canary-10 advance"]
    assert decisions[0].elapsed_us == MINUTE


def test_following_a_recording_only_step_events_enter_steps_and_the_last_advance_is_final(plain):
    items = [
        StepEvent(at_us=at("0s"), step="canary-10"), sample(plain, "0s"), sample(plain, "5m"), sample(plain, "6m"),
        StepEvent(at_us=at("7m"), step="full", weight=100), StepEvent(at_us=at("7m"), step="full"), sample(plain, "7m"), sample(plain, "8m"), sample(plain, "12m"), sample(plain, "13m"),
    ]  # fmt: skip
    decisions = drive(plain, items, begin(plain, follow=Follow.RECORDING))
    assert verdicts(decisions) == [
        "canary-10 hold",
        "canary-10 advance",
        "canary-10 advance",
        "full hold",
        "full advance",
        "full advance",
    ]
    assert [decision.is_complete for decision in decisions][-2:] == [True, True]


def test_following_a_recording_that_has_entered_no_step_nothing_is_released(plain):
    decisions = drive(plain, [sample(plain, "0s")], begin(plain, follow=Follow.RECORDING))
    assert verdicts(decisions) == ["before hold"]
    assert decisions[0].reasons[0].message == "the first step has not been entered yet"


def test_a_recording_followed_from_a_later_start_begins_in_the_step_recorded_then(plain):
    items = [
        StepEvent(at_us=at("0s"), step="canary-10"),
        StepEvent(at_us=at("5m"), step="full"),
        sample(plain, "6m"),
        sample(plain, "7m"),
    ]
    decisions = drive(plain, items, begin(plain, follow=Follow.RECORDING, start_us=at("6m")))
    assert verdicts(decisions) == ["full hold", "full hold"]
    assert decisions[1].elapsed_us == MINUTE


def test_a_step_that_the_policy_does_not_have_is_refused(plain):
    with pytest.raises(ValueError, match="the policy has no step `canary-20`"):
        drive(plain, [StepEvent(at_us=at("0s"), step="canary-20")], begin(plain, follow=Follow.RECORDING))


def test_already_in_a_later_step_what_lies_before_its_entry_is_watched_and_not_judged(plain):
    items = series(plain, canary_errors=[0.03] * 4)
    decisions = drive(plain, items, begin(plain, step="full", entered_us=at("2m")))
    assert verdicts(decisions) == ["full rollback"]
    assert decisions[0].elapsed_us == MINUTE
    first = drive(plain, items, begin(plain, step="canary-10", entered_us=at("2m")))
    assert verdicts(first) == ["canary-10 hold"] * 2


def test_already_in_a_step_entered_at_the_first_sample(plain):
    decisions = drive(plain, [sample(plain, "0s"), sample(plain, "5m")], begin(plain, step="full"))
    assert verdicts(decisions) == ["full hold", "full advance"]
    given = drive(plain, [sample(plain, "0s")], begin(plain, step="canary-10", entered_us=at("0s"), start_us=at("0s")))
    assert verdicts(given) == ["canary-10 hold"]


def test_a_step_entered_again_keeps_its_first_entry_for_frozen_signals(plain):
    items = [
        StepEvent(at_us=at("0s"), step="canary-10"), sample(plain, "1m"), StepEvent(at_us=at("2m"), step="full"), sample(plain, "3m"),
        StepEvent(at_us=at("4m"), step="canary-10"), sample(plain, "5m"),
    ]  # fmt: skip
    state = _state_after(plain, items, begin(plain, follow=Follow.RECORDING))
    assert state.course.entries["canary-10"] == at("0s")
    assert state.course.entered_us == at("4m")


def test_already_in_the_first_step_with_its_start_told_from_outside(plain):
    decisions = drive(
        plain,
        [sample(plain, at("0s") + n * MINUTE, canary_errors=0.03) for n in range(5)],
        begin(plain, step="canary-10", start_us=at("0s"), entered_us=at("3m")),
    )
    assert verdicts(decisions) == ["canary-10 rollback"]


def test_already_in_a_later_step_with_its_start_told_from_outside(plain):
    (decision,) = drive(plain, [sample(plain, "9m")], begin(plain, step="full", start_us=at("0s"), entered_us=at("8m")))
    assert decision.elapsed_us == MINUTE
    state = _state_after(plain, [sample(plain, "9m")], begin(plain, step="full", start_us=at("0s"), entered_us=at("8m")))
    assert state.course.entries["start"] == at("0s")
