"""
SPEC section 2.4: the order of a decision and its reasons.
"""

import pytest
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.engine.decision import ReasonKind, ReasonState, Verdict
from canarypolicy.engine.event import (
    PauseEvent,
    StepEvent,
)

from driver import HEALTHY, PLAIN_PLAN, at, drive, program_of, reason_names, sample, series, verdicts
from rollouts import MINUTE, OK, ONE_STEP, UNKNOWN, _state_after, plan


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
