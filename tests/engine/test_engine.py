"""
SPEC section 2.4: the order of a decision, its reasons, and what ends a rollout.
"""

import pytest
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.engine.decision import ReasonKind, ReasonState, Verdict
from canarypolicy.engine.engine import decide
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

from driver import HEALTHY, PLAIN_PLAN, at, drive, program_of, reason_names, sample, series, verdicts

MINUTE = 60 * SECOND_US
OK = 0.002

GATED_PLAN = """
plan:
  every: 1m
  gates:
    before: [{name: ready, probe: p, require: result.failed == 0}, {name: smoke, probe: q, require: result.passed >= 6}]
    after: [{name: again, probe: p, require: result.failed == 0, on_fail: rollback}, {name: soft, probe: q, require: result.failed == 0}]
  steps:
    - {name: canary-10, weight: 10, min: 1m, max: 20m}
    - {name: full, weight: 100, min: 1m}
"""


def plan(*steps):
    return "plan:\n  every: 1m\n  steps:\n" + "".join(f"    - {step}\n" for step in steps)


ONE_STEP = plan("{name: full, weight: 100, min: 2m}")


@pytest.fixture(scope="module")
def plain():
    return program_of()


def test_a_healthy_rollout_holds_for_min_advances_and_completes(plain):
    decisions = drive(plain, series(plain, canary_errors=[OK] * 12))
    assert verdicts(decisions) == ["canary-10 hold"] * 5 + ["canary-10 advance"] + ["full hold"] * 4 + ["full advance"] * 2
    assert [decision.is_complete for decision in decisions] == [False] * 10 + [True] * 2


def test_never_before_min_and_at_exactly_min(plain):
    decisions = drive(plain, [sample(plain, "0s"), sample(plain, "4m59s"), sample(plain, "5m")])
    assert [decision.verdict for decision in decisions] == [Verdict.HOLD, Verdict.HOLD, Verdict.ADVANCE]
    assert decisions[1].reasons[0].lacking_us == SECOND_US


def test_the_next_step_is_entered_at_the_advance_and_a_sample_then_belongs_to_the_old_one(plain):
    decisions = drive(plain, [sample(plain, "0s"), sample(plain, "5m"), sample(plain, "9m59s"), sample(plain, "10m")])
    assert verdicts(decisions) == ["canary-10 hold", "canary-10 advance", "full hold", "full advance"]
    assert [decision.elapsed_us for decision in decisions] == [0, 5 * MINUTE, at("4m59s") - at("0s"), 5 * MINUTE]


def test_rollback_after_the_run_has_lasted_and_it_is_final(plain):
    decisions = drive(plain, series(plain, canary_errors=[OK, 0.02, 0.02, 0.05, 0.02, OK, OK]))
    assert verdicts(decisions) == ["canary-10 hold"] * 4 + ["canary-10 rollback"] * 3
    assert {decision.reasons[0].rule for decision in decisions[4:]} == {"high"}
    assert decisions[-1].at_us == at("6m")


def test_a_rollback_names_every_rollback_reason_and_no_slo():
    program = program_of(
        rules="slos: [{name: low, require: canary.errors < 0.01}]\n"
        "rollback: [{name: high, when: canary.errors >= 0.02}, {name: data, when: incident.data}]"
    )
    (decision,) = drive(program, [sample(program, "0s", canary_errors=0.5, incident_data=True)])
    assert [reason.rule for reason in decision.reasons] == ["high", "data"]


def test_a_pending_rollback_rule_holds_even_when_all_slos_are_met():
    program = program_of(
        rules="slos: [{name: low, require: canary.errors < 0.5}]\nrollback: [{name: high, when: canary.errors >= 0.02, for: 9m}]",
        plan=ONE_STEP,
    )
    decisions = drive(program, series(program, canary_errors=[0.03] * 4))
    assert decisions[-1].verdict is Verdict.HOLD
    (reason,) = decisions[-1].reasons
    assert (reason.rule, reason.kind, reason.state) == ("high", ReasonKind.ROLLBACK, ReasonState.PENDING)
    assert (reason.since_us, reason.for_us, reason.lacking_us) == (at("0s"), 9 * MINUTE, 6 * MINUTE)
    assert reason.margin == pytest.approx(-0.5)
    assert reason.values == {"canary.errors": 0.03}
    assert (reason.location.path, reason.location.line) == ("policy.yaml", 12)
    assert reason.message == "`canary.errors >= 0.02` has been true for 3m, 9m asked"


UNKNOWN = [
    ("missing: hold is the default", "", "hold"),
    ("missing: ignore lets it advance", ", missing: ignore", "advance"),
    ("missing: rollback holds until `after`", ", missing: rollback, after: 5m", "hold"),
    ("missing: rollback is due after `after`", ", missing: rollback, after: 4m", "rollback"),
]


@pytest.mark.parametrize("kind", ["rollback", "hold"])
@pytest.mark.parametrize(("extra", "expected"), [case[1:] for case in UNKNOWN], ids=[case[0] for case in UNKNOWN])
def test_unknown_rules(kind, extra, expected):
    program = program_of(
        rules=f"slos: [{{name: low, require: canary.errors < 0.01}}]\n{kind}: [{{name: few, when: canary.requests < 500.0{extra}}}]",
        plan=ONE_STEP,
    )
    items = (
        series(program, canary_requests=[3000.0] * 2 + [None] * 5)
        if expected != "advance"
        else series(program, canary_requests=[None] * 3)
    )
    decision = drive(program, items)[-1]
    assert decision.verdict.value == expected
    if expected != "advance":
        assert reason_names(decision) == {"few"}
        assert decision.reasons[0].values == {"canary.requests": None}
        assert decision.missing == {"canary.requests": "no value"}


def test_an_unknown_exemption_exempts_nobody_and_a_true_one_does():
    rules = (
        "slos: [{name: low, require: canary.errors < 0.01}]\n"
        "rollback: [{name: high, when: canary.errors >= 0.02, unless: baseline.errors >= 0.02}]"
    )
    program = program_of(rules=rules)
    for baseline, expected in [(0.5, "hold"), (None, "rollback"), (OK, "rollback")]:
        (decision,) = drive(program, [sample(program, "0s", canary_errors=0.5, baseline_errors=baseline)])
        assert decision.verdict.value == expected
    (decision,) = drive(program, [sample(program, "0s", canary_errors=None, baseline_errors=0.5)])
    assert ("high", ReasonState.UNKNOWN) not in {(reason.rule, reason.state) for reason in decision.reasons}


def test_an_slo_gathers_evidence_at_this_weight_only():
    program = program_of(
        rules="slos: [{name: low, require: canary.errors < 0.01, for: 3m}]",
        plan=plan("{name: a, weight: 10, min: 1m}", "{name: b, weight: 100, min: 1m}"),
    )
    decisions = drive(program, series(program, canary_errors=[OK] * 9))
    # The first step counts the sample at its entry, later ones begin behind it.
    assert verdicts(decisions) == ["a hold"] * 3 + ["a advance"] + ["b hold"] * 3 + ["b advance"] * 2


def test_a_rollback_run_goes_on_across_steps_and_while_its_steps_exclude_the_present_one():
    program = program_of(
        rules="slos: [{name: low, require: canary.errors < 0.5}]\n"
        "rollback: [{name: high, when: canary.errors >= 0.02, for: 3m, steps: [b]}]",
        plan=plan("{name: a, weight: 10, min: 2m}", "{name: b, weight: 100, min: 9m}"),
    )
    decisions = drive(program, series(program, canary_errors=[0.03] * 4))
    assert verdicts(decisions) == ["a hold", "a hold", "a advance", "b rollback"]


def test_rules_of_a_step_act_in_it_alone():
    program = program_of(
        rules="slos: [{name: low, require: canary.errors < 0.5}]",
        plan=plan(
            "{name: a, weight: 10, min: 1m}",
            "{name: b, weight: 100, min: 1m, slos: [{name: own, require: canary.requests > 1.0}], hold: [{name: few, when: canary.requests < 2.0}]}",
        ),
    )
    decisions = drive(program, series(program, canary_requests=[0.0] * 4))
    assert verdicts(decisions) == ["a hold", "a advance", "b hold", "b hold"]
    assert reason_names(decisions[-1]) == {"own", "few"}


def test_overdue_holds_and_timeout_rolls_back_only_while_an_slo_is_not_met():
    for on_timeout, expected, name in [("hold", "hold", "overdue"), ("rollback", "rollback", "timeout")]:
        program = program_of(plan=plan(f"{{name: full, weight: 100, min: 1m, max: 3m, on_timeout: {on_timeout}}}"))
        decisions = drive(program, series(program, canary_errors=[0.015] * 5))
        assert name not in reason_names(decisions[3])
        assert decisions[4].verdict.value == expected
        assert name in reason_names(decisions[4])
        late = drive(program, [sample(program, "0s", canary_errors=0.015), sample(program, "9m")])
        assert late[-1].verdict is Verdict.ADVANCE


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


def _state_after(program, items, state=None):
    state = state or begin(program)
    for item in items:
        _, state = decide(program, state, item)
    return state


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


def test_events_before_the_start_are_ignored_but_gates(plain):
    program = program_of(plan=GATED_PLAN)
    early = [
        AbortEvent(at_us=at("0s")), PauseEvent(at_us=at("0s")), FreezeEvent(at_us=at("0s")), SignalEvent(at_us=at("0s"), signals={"incident.data": True}),
        GateEvent(at_us=at("0s"), gate="ready", result={"failed": 0}), GateEvent(at_us=at("0s"), gate="smoke", passed=True),
    ]  # fmt: skip
    decisions = drive(program, [*early, sample(program, "1m"), sample(program, "2m")], begin(program, gated=True))
    assert verdicts(decisions) == ["canary-10 hold", "canary-10 advance"]


def test_history_before_the_start_is_not_judged(plain):
    decisions = drive(plain, series(plain, canary_errors=[0.5] * 5 + [OK]), begin(plain, start_us=at("5m")))
    assert verdicts(decisions) == ["canary-10 hold"]
    assert decisions[0].elapsed_us == 0


def test_a_step_event_starts_a_rollout_and_time_counts_from_it(plain):
    decisions = drive(plain, [StepEvent(at_us=at("1m"), step="canary-10"), sample(plain, "2m"), sample(plain, "6m")])
    assert verdicts(decisions) == ["canary-10 hold", "canary-10 advance"]
    assert decisions[0].elapsed_us == MINUTE


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


def _to_full(program):
    return [
        GateEvent(at_us=at("0s"), gate="ready", passed=True), GateEvent(at_us=at("0s"), gate="smoke", passed=True),
        sample(program, "0s"), sample(program, "1m"), sample(program, "2m"),
    ]  # fmt: skip


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


def test_samples_that_do_not_rise_are_a_mistake(plain):
    with pytest.raises(ValueError, match="samples must rise in time"):
        drive(plain, [sample(plain, "1m"), sample(plain, "1m")])


def test_silence_before_the_first_sample_counts_from_the_start():
    program = program_of(
        rules="slos: [{name: low, require: canary.errors < 0.01}]\n"
        "rollback: [{name: dark, when: canary.errors >= 0.02, missing: rollback, after: 5m}]",
    )
    start = StepEvent(at_us=at("0s"), step="canary-10")
    assert drive(program, [start, sample(program, "5m", canary_errors=None)])[-1].verdict is Verdict.ROLLBACK
    assert drive(program, [start, sample(program, "4m59s", canary_errors=None)])[-1].verdict is Verdict.HOLD
    assert (
        drive(program, [start, sample(program, "3m", canary_errors=None), sample(program, "7m59s", canary_errors=None)])[
            -1
        ].verdict
        is Verdict.HOLD
    )
    quiet = [sample(program, "0s"), sample(program, "8m", canary_errors=None)]
    assert drive(program, quiet)[-1].verdict is Verdict.ROLLBACK  # unknown from max_gap, 3m, into the silence


def test_earliest_advance_is_the_later_of_min_and_what_each_slo_still_needs():
    program = program_of(
        rules="slos: [{name: low, require: canary.errors < 0.01, for: 4m}, {name: often, require: canary.requests > 1.0, for: {samples: 2, of: 3}}]",
        plan=plan("{name: full, weight: 100, min: 2m}"),
    )
    decisions = drive(program, series(program, canary_errors=[0.5, OK, OK], canary_requests=[0.0, 0.0, 2.0]))
    assert [decision.earliest_advance_us for decision in decisions] == [at("5m"), at("5m"), at("5m")]
    (first,) = drive(program, [sample(program, "0s")])
    assert first.earliest_advance_us == at("4m")
    counted = program_of(
        rules="slos: [{name: often, require: canary.requests > 1.0, for: {samples: 3, of: 4}}]",
        plan=plan("{name: full, weight: 100, min: 0s}"),
    )
    (only,) = drive(counted, [sample(counted, "0s")])
    assert only.earliest_advance_us == at("2m")
    assert only.reasons[0].message == "`canary.requests > 1.0` is true, and was in 1 of the last 1 samples, 3 of 4 asked"


def test_the_built_in_signals_tell_where_the_rollout_is():
    rules = """
slos: [{name: low, require: canary.errors < 0.01}]
hold:
  - {name: where, when: 'rollout.step == "full" && rollout.weight > 50.0 && rollout.step_elapsed_seconds < 120.0 && rollout.elapsed_seconds >= 300.0'}
"""
    program = program_of(rules=rules, plan=PLAIN_PLAN.replace("min: 5m", "min: 1m"))
    decisions = drive(program, series(program, canary_errors=[OK] * 8))
    assert decisions[-1].is_complete
    late = drive(program, [sample(program, at("0s") + n * 5 * MINUTE) for n in range(3)])
    assert verdicts(late) == ["canary-10 hold", "canary-10 advance", "full advance"]
    near = drive(program, [sample(program, "0s"), sample(program, "5m"), sample(program, "6m")])
    assert reason_names(near[-1]) == {"where"}


def test_a_derived_signal_is_joined_and_its_absence_told():
    program = program_of(
        signals="""
signals:
  canary.errors: {unit: ratio, range: [0, 1], healthy: 0.002, worse: higher}
derived:
  errors.mean: {mean: {of: canary.errors, over: 5m}}
  errors.worst: {max: {of: errors.mean, over: 5m}}
""",
        rules="slos: [{name: low, require: errors.worst < 0.01}]",
    )
    decisions = drive(program, [sample(program, at("0s") + n * MINUTE, base={}, canary_errors=OK) for n in range(6)])
    assert set(decisions[0].missing) == {"errors.mean", "errors.worst"}
    assert "half" in decisions[0].missing["errors.mean"]
    assert decisions[-1].reasons[0].values == {"errors.worst": pytest.approx(OK)}


def test_an_author_s_message_stands_before_what_was_seen():
    program = program_of(rules="slos: [{name: low, require: canary.errors < 0.01, message: too many errors}]")
    (decision,) = drive(program, [sample(program, "0s", canary_errors=0.5)])
    assert decision.reasons[0].message == "too many errors: `canary.errors < 0.01` is false"
    assert decision.reasons[0].margin == pytest.approx(-49)


def test_a_state_stays_what_it_was(plain):
    """The fold returns new states: going on twice from one gives the same twice."""
    items = [
        *series(plain, canary_errors=[OK] * 3),
        PauseEvent(at_us=at("3m")),
        *series(plain, start="3m", canary_errors=[0.03] * 4),
    ]
    state = _state_after(plain, items[:3])
    assert drive(plain, items[3:], state) == drive(plain, items[3:], state)
    assert HEALTHY["canary.errors"] == OK


def test_a_step_that_no_slo_guards_holds_whoever_built_the_program():
    program = program_of(
        rules="slos: [{name: low, require: canary.errors < 0.01, steps: [b]}]",
        plan=plan("{name: a, weight: 10, min: 1m}", "{name: b, weight: 100, min: 1m}"),
    )
    decisions = drive(program, series(program, canary_errors=[OK] * 4))
    assert verdicts(decisions) == ["a hold"] * 4
    assert decisions[-1].reasons[0].message == "no SLO guards this step, and nothing advances without evidence"


def test_an_approval_without_a_step_before_the_first_step_approves_nothing():
    program = program_of(plan=GATED_PLAN.replace("min: 1m, max: 20m", "min: 1m, max: 20m, approval: required"))
    items = [
        sample(program, "0s"), ApproveEvent(at_us=at("10s")),
        GateEvent(at_us=at("30s"), gate="ready", passed=True), GateEvent(at_us=at("30s"), gate="smoke", passed=True), sample(program, "2m"),
    ]  # fmt: skip
    assert reason_names(drive(program, items, begin(program, gated=True))[-1]) == {"approval"}


def test_an_abort_before_the_gates_have_passed_rolls_back_what_was_never_released():
    program = program_of(plan=GATED_PLAN)
    decisions = drive(
        program, [sample(program, "0s"), AbortEvent(at_us=at("1m")), sample(program, "2m")], begin(program, gated=True)
    )
    assert verdicts(decisions) == ["before hold", "before rollback", "before rollback"]
    assert [decision.weight for decision in decisions] == [0, 0, 0]


def test_a_step_entered_again_keeps_its_first_entry_for_frozen_signals(plain):
    items = [
        StepEvent(at_us=at("0s"), step="canary-10"), sample(plain, "1m"), StepEvent(at_us=at("2m"), step="full"), sample(plain, "3m"),
        StepEvent(at_us=at("4m"), step="canary-10"), sample(plain, "5m"),
    ]  # fmt: skip
    state = _state_after(plain, items, begin(plain, follow=Follow.RECORDING))
    assert state.course.entries["canary-10"] == at("0s")
    assert state.course.entered_us == at("4m")


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
