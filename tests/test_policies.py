"""
The shipped policy says what the runbook says: its documents agree with each other, and each line decides as it reads.
"""

import re
from pathlib import Path

import pytest
from canarypolicy.documents.environment_loading import load_environment
from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.event import GateEvent, StepEvent
from canarypolicy.engine.rollout import begin
from canarypolicy.lints import check

from driver import at, drive, program_of, reason_names, sample

FOLDER = Path(__file__).parent.parent / "policies" / "storefront"
TEXT = (FOLDER / "policy.yaml").read_text(encoding="utf-8")
README = (FOLDER / "README.md").read_text(encoding="utf-8")
HALF_MINUTE_US = at("30s") - at("0s")


@pytest.fixture(scope="module")
def storefront():
    return program_of(TEXT)


def healthy(storefront):
    return {name: signal.healthy for name, signal in storefront.signals.items()}


def history(storefront, minutes, change=lambda _minute: {}):
    """
    Make a sample every 30 s: all signals at their healthy value, but for what `change` says of a minute.
    """
    base = healthy(storefront)
    return [
        sample(storefront, at("0s") + index * HALF_MINUTE_US, base=base, **change(index / 2)) for index in range(minutes * 2 + 1)
    ]


def minutes_of(decisions, verdict):
    return [(each.at_us - at("0s")) / (2 * HALF_MINUTE_US) for each in decisions if each.verdict is verdict]


def first_rollback(decisions):
    return next(each for each in decisions if each.verdict is Verdict.ROLLBACK)


def test_the_policy_has_no_fault_and_the_notes_that_the_runbook_earns():
    """The prose has no way back for slow answers, failed sales or growing logs; the notes say so, and nothing else is noted."""
    loaded = load_policy(TEXT.encode(), "policies/storefront/policy.yaml")
    assert loaded.document is not None
    findings = [*loaded.findings, *(each for each in check(loaded.document) if each not in loaded.findings)]
    noted = [(each.severity.value, each.name, re.search(r"SLO `([^`]*)`", each.message)[1]) for each in findings]
    without_way_back = ["latency-p95", "no-login-errors", "no-sale-errors", "no-payment-errors", "log-errors-steady"]
    assert noted == [("note", "slo-without-rollback", name) for name in without_way_back]


def test_the_policy_is_no_smarter_than_the_prose():
    """No exemption, no rule that acts on missing metrics, no minimum of traffic."""
    rules = load_policy(TEXT.encode(), "policy.yaml").document.policy
    assert [rule.name for rule in rules.rollback if rule.unless is not None or rule.missing.value != "hold"] == []
    assert rules.hold == ()
    assert [step.name for step in rules.plan.steps if step.slos or step.rollback or step.hold] == []


def test_the_readme_names_every_rule_gate_step_and_item():
    """The table is complete, and names nothing that is not there."""
    policy = load_policy(TEXT.encode(), "policy.yaml").document.policy
    named = [
        *policy.slos,
        *policy.rollback,
        *policy.plan.gates.before,
        *policy.plan.gates.after,
        *policy.plan.steps,
        *policy.plan.checklist,
    ]
    names = {each.name for each in named} | set(policy.derived)
    table = README.split("## The runbook, line by line")[1].split("Where prose leaves something open")[0]
    keys = {"policy.yaml", "plan.snapshot", "plan.checklist", "on_rollback.recovery", "on_rollback.freeze", "notify", "backup"}
    shown = {name for name in re.findall(r"`([a-zA-Z0-9_.-]+)`", table) if not name.endswith("m")}
    assert shown - keys == names


def test_the_environment_asks_for_every_signal_and_has_no_address_of_its_own():
    """A signal without a query would be missing for ever; an address would be somebody's."""
    data = (FOLDER / "environment.yaml").read_bytes()
    loaded = load_environment(data, "environment.yaml")
    assert loaded.findings == ()
    assert loaded.document.environment.signals.keys() == program_of(TEXT).signals.keys()
    lines = [line for line in data.decode().splitlines() if not line.startswith("#")]
    assert [line for line in lines if "://" in line or re.search(r"\d+\.\d+\.\d+\.\d+", line)] == []


def test_a_healthy_rollout_is_on_its_way_at_20_50_and_110_minutes(storefront):
    """Never before `min`, and not a sample later when all evidence is there."""
    decisions = drive(storefront, history(storefront, 110))
    assert minutes_of(decisions, Verdict.ADVANCE) == [20, 50, 110]
    assert decisions[-1].is_complete


@pytest.mark.parametrize("begun", [1, 21, 60])
def test_two_percent_for_five_minutes_roll_back_at_the_sample_where_they_are_full(storefront, begun):
    """The limit counts, and so does the last half minute: no sample sooner, none later, in any step."""
    decisions = drive(
        storefront, history(storefront, 70, lambda minute: {"canary_error_rate_5xx": 0.02 if minute >= begun else 0.002})
    )
    assert minutes_of(decisions, Verdict.ROLLBACK)[0] == begun + 5
    assert reason_names(first_rollback(decisions)) == {"error-rate-5xx"}
    assert decisions[-1].verdict is Verdict.ROLLBACK


def test_a_little_less_than_two_percent_holds_for_ever(storefront):
    """Between 1 and 2 % nothing goes on and nothing goes back."""
    decisions = drive(storefront, history(storefront, 200, lambda _: {"canary_error_rate_5xx": 0.0199}))
    assert {each.verdict for each in decisions} == {Verdict.HOLD}
    assert reason_names(decisions[-1]) == {"error-rate-5xx-low", "overdue"}


def test_one_percent_is_not_below_one_percent(storefront):
    """ "5xx < 1 %" leaves 1 % out."""
    decisions = drive(storefront, history(storefront, 40, lambda _: {"canary_error_rate_5xx": 0.01}))
    assert minutes_of(decisions, Verdict.ADVANCE) == []


def test_one_good_sample_begins_the_five_minutes_anew(storefront):
    """Literally: five minutes are five minutes in a row."""
    bad = [minute / 2 for minute in range(2, 24) if minute != 11]
    decisions = drive(
        storefront, history(storefront, 12, lambda minute: {"canary_error_rate_5xx": 0.03 if minute in bad else 0.0})
    )
    assert minutes_of(decisions, Verdict.ROLLBACK)[0] == 11


def test_a_lost_scrape_does_not_begin_them_anew(storefront):
    """No lack of evidence ever cancels a rollback."""
    lost = [3, 4.5]
    decisions = drive(
        storefront, history(storefront, 7, lambda minute: {"canary_error_rate_5xx": None if minute in lost else 0.03})
    )
    assert minutes_of(decisions, Verdict.ROLLBACK)[0] == 5


@pytest.mark.parametrize("minute", [3, 25, 70])
@pytest.mark.parametrize(
    ("signal", "rule"),
    [
        ("incident_data", "data-incident"),
        ("incident_consistency", "consistency-incident"),
        ("incident_login_blocked", "login-blocked"),
        ("incident_sales_blocked", "sales-blocked"),
    ],
)
def test_an_incident_rolls_back_at_once(storefront, signal, rule, minute):
    """At the very sample that tells of it, in every step, with all else healthy."""
    decisions = drive(storefront, history(storefront, 72, lambda now: {signal: now >= minute}))
    assert minutes_of(decisions, Verdict.ROLLBACK)[0] == minute
    assert reason_names(first_rollback(decisions)) == {rule}


def test_an_incident_rolls_back_while_every_metric_is_missing(storefront):
    """One fact is enough, whatever else is unknown."""
    gone = dict.fromkeys(name.replace(".", "_", 1) for name in storefront.signals if not name.startswith("incident."))
    decisions = drive(storefront, history(storefront, 4, lambda minute: {**gone, "incident_data": minute >= 2}))
    assert minutes_of(decisions, Verdict.ROLLBACK)[0] == 2


@pytest.mark.parametrize(("p95", "goes_on"), [(0.25, False), (0.2401, False), (0.24, True), (0.1, True)])
def test_p95_may_be_20_percent_above_the_baseline_and_not_more(storefront, p95, goes_on):
    """+25 % never advances and never rolls back; exactly +20 % is not more than 20 %."""
    decisions = drive(storefront, history(storefront, 60, lambda _: {"canary_latency_p95": p95}))
    assert bool(minutes_of(decisions, Verdict.ADVANCE)) is goes_on
    assert minutes_of(decisions, Verdict.ROLLBACK) == []
    assert ("latency-p95" in reason_names(decisions[-1])) is not goes_on


def test_at_100_percent_p95_is_held_against_what_the_baseline_was(storefront):
    """There is no baseline any more, and the canary still cannot get slower unseen."""

    def change(minute):
        return {"baseline_latency_p95": None, "canary_latency_p95": 0.25} if minute > 52 else {}

    decisions = drive(storefront, history(storefront, 130, change))
    assert minutes_of(decisions, Verdict.ADVANCE) == [20, 50]
    assert reason_names(decisions[-1]) == {"latency-p95", "overdue"}
    recovered = drive(storefront, history(storefront, 130, lambda minute: {"baseline_latency_p95": None} if minute > 52 else {}))
    assert recovered[-1].is_complete


@pytest.mark.parametrize("kind", ["login", "sale", "payment"])
def test_one_business_error_costs_five_minutes(storefront, kind):
    """No critical business error means none in the last five minutes."""
    decisions = drive(storefront, history(storefront, 30, lambda minute: {f"canary_{kind}_errors": int(minute == 18)}))
    assert minutes_of(decisions, Verdict.ADVANCE)[0] == 23.5


def test_growing_log_errors_stop_a_rollout_from_50_percent_on(storefront):
    """At 10 % the runbook does not look at them yet."""
    decisions = drive(storefront, history(storefront, 120, lambda minute: {"app_log_errors": 0.5 + minute / 100}))
    assert minutes_of(decisions, Verdict.ADVANCE) == [20]
    assert reason_names(decisions[-1]) == {"log-errors-steady", "overdue"}


@pytest.mark.parametrize("track", ["canary", "baseline", "app"])
def test_metrics_that_die_hold(storefront, track):
    """Without evidence nothing advances, however good the last values were; and nothing is rolled back for it."""
    dead = dict.fromkeys(name.replace(".", "_", 1) for name in storefront.signals if name.startswith(f"{track}."))
    decisions = drive(storefront, history(storefront, 200, lambda minute: dead if minute > 2 else {}))
    assert minutes_of(decisions, Verdict.ROLLBACK) == []
    assert minutes_of(decisions, Verdict.ADVANCE) == ([20] if track == "app" else [])


@pytest.mark.parametrize(("weight", "step", "longest"), [(10, "canary-10", 30), (50, "canary-50", 45), (100, "full", 60)])
def test_a_step_is_overdue_after_its_longest_time(storefront, weight, step, longest):
    """20-30 min, 30-45 min, 60 min: the last number is the end, and after it a person is told."""
    program_step = storefront.step_named(step)
    assert (program_step.weight, program_step.rolls_back_on_timeout) == (weight, False)
    state = begin(storefront, start_us=at("0s"), step=step, entered_us=at("0s"))
    decisions = drive(storefront, history(storefront, longest + 2, lambda _: {"canary_error_rate_5xx": 0.015}), state)
    overdue = [(each.at_us - at("0s")) / (2 * HALF_MINUTE_US) for each in decisions if "overdue" in reason_names(each)]
    assert overdue[0] == longest + 0.5


READY = {"passed": 3, "failed": 0}


@pytest.mark.parametrize(
    ("gate", "result"),
    [
        ("readiness", {"passed": 2, "failed": 1}),
        ("readiness", {"passed": 2, "failed": 0}),
        ("smoke", {"passed": 2, "failed": 1}),
        ("smoke", {"passed": 0, "failed": 0}),
    ],
    ids=["backup too old", "backup not asked for", "sale fails", "nothing tested"],
)
def test_a_gate_that_does_not_pass_releases_nothing(storefront, gate, result):
    """Before anything means before anything; a probe that checked too little has not passed."""
    events = [
        GateEvent(at_us=at("0s") - 2, gate="readiness", result=result if gate == "readiness" else READY),
        GateEvent(at_us=at("0s") - 1, gate="smoke", result=result if gate == "smoke" else READY),
    ]
    state = begin(storefront, start_us=at("0s"), gated=True)
    decisions = drive(storefront, [*events, *history(storefront, 60)], state)
    assert decisions[-1].is_refused
    assert {each.step for each in decisions} == {"before"}


def test_with_both_gates_passed_the_rollout_begins(storefront):
    """The same history with gates that passed."""
    events = [GateEvent(at_us=at("0s") - 2 + index, gate=gate, result=READY) for index, gate in enumerate(("readiness", "smoke"))]
    state = begin(storefront, start_us=at("0s"), gated=True)
    first = StepEvent(at_us=at("0s"), step="canary-10", weight=10)
    decisions = drive(storefront, [*events, first, *history(storefront, 30)], state)
    assert minutes_of(decisions, Verdict.ADVANCE)[0] == 20
