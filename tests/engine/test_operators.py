"""
What operators do, and what comes before the start.
"""

from canarypolicy.documents.duration import SECOND_US
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.event import (
    AbortEvent,
    ApproveEvent,
    DriftEvent,
    FreezeEvent,
    GateEvent,
    PauseEvent,
    ResumeEvent,
    SignalEvent,
    StepEvent,
    UnfreezeEvent,
)
from canarypolicy.engine.rollout import Follow, begin

from driver import at, drive, program_of, reason_names, sample, series, verdicts
from rollouts import GATED_PLAN, MINUTE, _state_after, plan


def test_paused_and_frozen_time_is_taken_off_for_max_only():
    program = program_of(plan=plan("{name: full, weight: 100, min: 4m, max: 5m, on_timeout: rollback}"))
    bad = [sample(program, at("0s") + minute * MINUTE, canary_errors=0.015) for minute in range(9)]
    stops = [
        PauseEvent(at_us=at("1m"), by="ann", reason="lunch"),
        FreezeEvent(at_us=at("2m")),
        ResumeEvent(at_us=at("3m")),
        UnfreezeEvent(at_us=at("4m")),
    ]
    items = sorted([*bad, *stops], key=lambda item: (item.at_us, item in bad))
    decisions = drive(program, items)
    assert verdicts(decisions) == ["full hold"] * 9  # 8m less 3m is not over 5m
    assert reason_names(decisions[1]) >= {"paused"}
    assert reason_names(decisions[2]) >= {"paused", "frozen"}
    assert reason_names(decisions[3]) >= {"frozen"}
    assert not reason_names(decisions[4]) & {"paused", "frozen"}
    assert decisions[1].reasons[0].message == "paused by ann: lunch"
    (after,) = drive(program, [sample(program, "8m1s", canary_errors=0.015)], _state_after(program, items))
    assert reason_names(after) == {"timeout"}


def test_pause_and_freeze_hold_what_would_advance_and_not_what_must_roll_back(plain):
    good = [sample(plain, "0s"), PauseEvent(at_us=at("1m")), PauseEvent(at_us=at("2m")), sample(plain, "6m")]
    assert [r.rule for r in drive(plain, good)[-1].reasons] == ["paused"]
    assert drive(plain, [*good, ResumeEvent(at_us=at("7m")), sample(plain, "7m")])[-1].verdict is Verdict.ADVANCE
    bad = [FreezeEvent(at_us=at("0s")), *series(plain, canary_errors=[0.5] * 4)]
    assert drive(plain, bad)[-1].verdict is Verdict.ROLLBACK


def test_a_freeze_ends_when_it_expires(plain):
    items = [
        sample(plain, "0s"),
        FreezeEvent(at_us=at("1m"), until_us=at("6m"), by="bo"),
        sample(plain, "5m"),
        sample(plain, "6m"),
    ]
    decisions = drive(plain, items)
    assert [decision.verdict.value for decision in decisions] == ["hold", "hold", "advance"]
    assert decisions[1].reasons[0].message == "frozen by bo"


def test_approval_is_asked_to_leave_the_step():
    program = program_of(
        plan=plan("{name: a, weight: 10, min: 1m, approval: required}", "{name: b, weight: 100, min: 1m, approval: required}")
    )
    start = [sample(program, "0s"), sample(program, "1m")]
    assert [r.rule for r in drive(program, start)[-1].reasons] == ["approval"]
    approved = [*start, ApproveEvent(at_us=at("2m"), by="ann"), sample(program, "2m"), sample(program, "3m")]
    assert verdicts(drive(program, approved))[-2:] == ["a advance", "b hold"]
    named = [
        sample(program, "0s"),
        ApproveEvent(at_us=at("30s"), step="a"),
        ApproveEvent(at_us=at("30s"), step="b"),
        sample(program, "1m"),
        sample(program, "2m"),
    ]
    assert verdicts(drive(program, named))[-1] == "b advance"


def test_an_abort_rolls_back_at_once(plain):
    decisions = drive(
        plain, [sample(plain, "0s"), AbortEvent(at_us=at("30s"), by="ann", reason="wrong build"), sample(plain, "1m")]
    )
    assert verdicts(decisions) == ["canary-10 hold", "canary-10 rollback", "canary-10 rollback"]
    assert decisions[1].reasons[0].message == "aborted by ann: wrong build"
    assert (decisions[1].rule if hasattr(decisions[1], "rule") else decisions[1].reasons[0].rule) == "aborted"
    assert decisions[1].elapsed_us == 30 * SECOND_US


def test_an_operators_value_stands_in_for_the_measured_one_until_it_is_taken_back():
    program = program_of(rules="slos: [{name: low, require: canary.errors < 0.01}]\nhold: [{name: data, when: incident.data}]")
    items = [
        sample(program, "0s"),
        SignalEvent(at_us=at("1m"), signals={"incident.data": True, "canary.errors": 7, "nobody.knows": 1, "canary.requests": "many"}), sample(program, "1m"),
        SignalEvent(at_us=at("2m"), signals={"incident.data": None, "canary.errors": None}), sample(program, "2m"),
    ]  # fmt: skip
    decisions = drive(program, items)
    assert [("data" in reason_names(decision)) for decision in decisions] == [False, True, False]
    assert decisions[1].clipped == {"canary.errors": "7.0 taken as 1, the end of the range"}
    assert decisions[1].missing == {"canary.requests": "`many` is no double"}


def test_a_drifted_weight_holds_the_sample_that_follows(plain):
    items = [sample(plain, "0s"), DriftEvent(at_us=at("5m"), weight=12), sample(plain, "5m"), sample(plain, "6m")]
    decisions = drive(plain, items)
    assert [reason.rule for reason in decisions[1].reasons] == ["weight-drift"]
    assert decisions[2].verdict is Verdict.ADVANCE


def test_an_approval_without_a_step_before_the_first_step_approves_nothing():
    program = program_of(plan=GATED_PLAN.replace("min: 1m, max: 20m", "min: 1m, max: 20m, approval: required"))
    items = [
        sample(program, "0s"), ApproveEvent(at_us=at("10s")),
        GateEvent(at_us=at("30s"), gate="ready", passed=True), GateEvent(at_us=at("30s"), gate="smoke", passed=True), sample(program, "2m"),
    ]  # fmt: skip
    assert reason_names(drive(program, items, begin(program, gated=True))[-1]) == {"approval"}


def test_a_rollout_paused_across_an_advance_by_the_recording_counts_pause_in_the_new_step_only(plain):
    items = [
        StepEvent(at_us=at("0s"), step="canary-10"),
        sample(plain, "1m"),
        PauseEvent(at_us=at("2m")),
        StepEvent(at_us=at("3m"), step="full"),
        sample(plain, "5m"),
    ]
    state = _state_after(plain, items, begin(plain, follow=Follow.RECORDING))
    assert state.course.idle_until(at("5m")) == 2 * MINUTE
