"""
Gates reach the fold as events with their result.
"""

import pytest
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.engine.decision import ReasonState, Verdict
from canarypolicy.engine.event import (
    AbortEvent,
    FreezeEvent,
    GateEvent,
    PauseEvent,
    SignalEvent,
    StepEvent,
)
from canarypolicy.engine.rollout import Follow, begin

from driver import at, drive, program_of, reason_names, sample, series, verdicts
from rollouts import GATED_PLAN, MINUTE, OK, _to_full


def test_events_before_the_start_are_ignored_but_gates(plain):
    program = program_of(plan=GATED_PLAN)
    early = [
        AbortEvent(at_us=at("0s")), PauseEvent(at_us=at("0s")), FreezeEvent(at_us=at("0s")), SignalEvent(at_us=at("0s"), signals={"incident.data": True}),
        GateEvent(at_us=at("0s"), gate="ready", result={"failed": 0}), GateEvent(at_us=at("0s"), gate="smoke", passed=True),
    ]  # fmt: skip
    decisions = drive(program, [*early, sample(program, "1m"), sample(program, "2m")], begin(program, gated=True))
    assert verdicts(decisions) == ["canary-10 hold", "canary-10 advance"]


def test_before_gates_hold_in_before_until_all_have_passed():
    program = program_of(plan=GATED_PLAN)
    items = [
        sample(program, "0s"), GateEvent(at_us=at("30s"), gate="ready", result={"failed": 0}), sample(program, "1m"),
        GateEvent(at_us=at("90s"), gate="smoke", result={"passed": 6}), sample(program, "2m"), sample(program, "3m"),
    ]  # fmt: skip
    decisions = drive(program, items, begin(program, gated=True))
    assert verdicts(decisions) == ["before hold", "before hold", "canary-10 hold", "canary-10 advance"]
    assert [decision.weight for decision in decisions] == [0, 0, 10, 10]
    assert [reason.message for reason in decisions[0].reasons] == [
        "gate `ready` has given no result yet",
        "gate `smoke` has given no result yet",
    ]
    assert decisions[2].elapsed_us == 30 * SECOND_US


def test_a_before_gate_that_fails_refuses_and_it_stays_refused():
    program = program_of(plan=GATED_PLAN)
    for event in (
        GateEvent(at_us=at("30s"), gate="ready", result={"failed": 1}),
        GateEvent(at_us=at("30s"), gate="ready", result={"failed": 0}, passed=False),
    ):
        decisions = drive(
            program,
            [sample(program, "0s"), event, GateEvent(at_us=at("1m"), gate="ready", passed=True), sample(program, "2m")],
            begin(program, gated=True),
        )
        assert [decision.is_refused for decision in decisions] == [False, True, True]
        assert verdicts(decisions)[1:] == ["before hold"] * 2
        assert decisions[1].reasons[0].state is ReasonState.FAILED
    refused_early = drive(
        program, [GateEvent(at_us=at("0s"), gate="smoke", passed=False), sample(program, "1m")], begin(program, gated=True)
    )
    assert refused_early[-1].is_refused


@pytest.mark.parametrize("result", [None, {}, {"failed": "0"}, {"failed": True}, {"failed": 0.0}, {"else": 1}, {"checks": 3}])
def test_a_gate_result_that_cannot_be_judged_has_not_passed(result):
    program = program_of(plan=GATED_PLAN)
    items = [
        GateEvent(at_us=at("0s"), gate="ready", result=result),
        GateEvent(at_us=at("0s"), gate="smoke", passed=True),
        sample(program, "1m"),
    ]
    (decision,) = drive(program, items, begin(program, gated=True))
    assert [(reason.rule, reason.state) for reason in decision.reasons] == [("gate", ReasonState.UNKNOWN)]


def test_after_gates_hold_in_the_last_step_until_they_pass_there():
    program = program_of(plan=GATED_PLAN)
    full = _to_full(program)
    state = begin(program, gated=True)
    assert [reason.message for reason in drive(program, full, state)[-1].reasons] == [
        "gate `again` has given no result yet",
        "gate `soft` has given no result yet",
    ]
    early = [
        *full[:3],
        GateEvent(at_us=at("30s"), gate="again", passed=True),
        GateEvent(at_us=at("30s"), gate="soft", passed=True),
        *full[3:],
    ]
    assert drive(program, early, state)[-1].verdict is Verdict.HOLD
    passed = [
        *full,
        GateEvent(at_us=at("3m"), gate="again", passed=True),
        GateEvent(at_us=at("3m"), gate="soft", result={"failed": 0}),
        sample(program, "3m"),
    ]
    assert drive(program, passed, state)[-1].is_complete


def test_a_failed_after_gate_holds_or_rolls_back_as_it_says():
    program = program_of(plan=GATED_PLAN)
    full, state = _to_full(program), begin(program, gated=True)
    held = drive(program, [*full, GateEvent(at_us=at("3m"), gate="soft", passed=False), sample(program, "3m")], state)
    assert held[-1].verdict is Verdict.HOLD
    assert ReasonState.FAILED in {reason.state for reason in held[-1].reasons}
    rolled = drive(program, [*full, GateEvent(at_us=at("3m"), gate="again", passed=False)], state)
    assert verdicts(rolled)[-1] == "full rollback"
    assert reason_names(rolled[-1]) == {"gate"}


def test_a_gate_event_is_never_overlooked_though_no_gates_were_announced():
    program = program_of(plan=GATED_PLAN)
    decisions = drive(
        program, [sample(program, "0s"), GateEvent(at_us=at("30s"), gate="ready", passed=False), sample(program, "1m")]
    )
    assert verdicts(decisions) == ["canary-10 hold", "canary-10 hold"]
    assert "gate" in reason_names(decisions[-1])
    assert (
        drive(
            program, [sample(program, "0s"), GateEvent(at_us=at("30s"), gate="nobody-knows", passed=False), sample(program, "1m")]
        )[-1].verdict
        is Verdict.ADVANCE
    )


def test_a_history_without_gates_is_judged_without_them():
    program = program_of(plan=GATED_PLAN)
    decisions = drive(program, series(program, canary_errors=[OK] * 4))
    assert decisions[-1].is_complete


def test_following_a_recording_a_step_entered_before_the_gates_passed_is_watched_and_holds():
    program = program_of(plan=GATED_PLAN)
    items = [
        StepEvent(at_us=at("0s"), step="canary-10"),
        sample(program, "0s"),
        sample(program, "2m"),
        *[sample(program, at("3m") + n * MINUTE, canary_errors=0.5) for n in range(4)],
    ]
    decisions = drive(program, items, begin(program, follow=Follow.RECORDING, gated=True))
    assert reason_names(decisions[1]) == {"gate"}
    assert decisions[-1].verdict is Verdict.ROLLBACK
    passed = [
        GateEvent(at_us=at("0s"), gate="ready", passed=True),
        GateEvent(at_us=at("0s"), gate="smoke", passed=True),
        *items[:3],
    ]
    assert drive(program, passed, begin(program, follow=Follow.RECORDING, gated=True))[-1].verdict is Verdict.ADVANCE


def test_an_abort_before_the_gates_have_passed_rolls_back_what_was_never_released():
    program = program_of(plan=GATED_PLAN)
    decisions = drive(
        program, [sample(program, "0s"), AbortEvent(at_us=at("1m")), sample(program, "2m")], begin(program, gated=True)
    )
    assert verdicts(decisions) == ["before hold", "before rollback", "before rollback"]
    assert [decision.weight for decision in decisions] == [0, 0, 0]
