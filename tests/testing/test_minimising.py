"""
Incidents become the histories that a person would have written, and each written test passes and can fail.
"""

from dataclasses import replace

import pytest
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.event import (
    AbortEvent,
    ApproveEvent,
    FreezeEvent,
    GateEvent,
    PauseEvent,
    ResumeEvent,
    SignalEvent,
    StepEvent,
)
from canarypolicy.history.recording import Recording
from canarypolicy.testing.incident import incident_of
from canarypolicy.testing.minimising import minimise

from driver import ORIGIN_US, SIGNALS, at, program_of
from minimised import as_recording, minimised_of, recording_of, shown, test_text

NOISE = [0.003, 0.0017, 0.0041, 0.0023, 0.0019, 0.0036]
PLAN = """
plan:
  every: 1m
  steps:
    - {name: canary-10, weight: 10, min: 10m}
    - {name: full, weight: 100, min: 10m}
"""
GATED_PLAN = PLAN.replace(
    "  steps:", "  gates: {before: [{name: ready, probe: p, require: result.failed == 0}]}\n  steps:"
).replace("min: 10m}\n    - {name: full", "min: 10m, approval: required}\n    - {name: full")


def test_errors_in_noise_become_the_limit_for_as_long_as_is_asked():
    program = program_of()
    recording = recording_of(
        program, 30, canary_errors=[*NOISE[:3], *[0.0312, 0.0453, 0.0287] * 3], canary_requests=[2911.0] * 30
    )
    found = minimised_of(program, recording)
    assert shown(program, found) == {"every": "3m", "samples": 2, "canary.errors": (0.02, 0.02)}
    assert found.recorded_samples == 7
    assert found.is_smallest
    assert test_text(program, found) == (
        "# Minimised from 7 samples of the rollout `r`.\n"
        "apiVersion: canarypolicy/v1\n"
        "kind: PolicyTest\n"
        "metadata: {name: r}\n"
        "policy: 'policy.yaml'\n"
        "tests:\n"
        "  - name: 'r: rollback in canary-10 because of high'\n"
        "    every: 3m\n"
        "    series:\n"
        "      canary.errors: '0.02x1'\n"
        "    expect:\n"
        "      - {first: rollback, at: 3m, step: canary-10, because: [high]}\n"
    )


def test_a_later_step_is_entered_by_as_few_healthy_samples_as_can_be():
    program = program_of(plan=PLAN)
    recording = recording_of(program, 40, canary_errors=[*NOISE * 2, *[0.05] * 9])
    found = minimised_of(program, recording)
    assert found.decision.step == "full"
    assert shown(program, found) == {"every": "3m", "samples": 7, "canary.errors": (*[0.002] * 5, 0.02, 0.02)}
    test_text(program, found)


def test_what_moves_without_a_part_in_it_is_healthy_again():
    program = program_of(
        rules="slos: [{name: low, require: canary.errors < 0.01}]\nrollback: [{name: data, when: incident.data}]"
    )
    recording = recording_of(program, 9, canary_errors=NOISE, canary_requests=[1.0] * 9, incident_data=[False] * 5 + [True] * 3)
    assert shown(program, minimised_of(program, recording)) == {"every": "1m", "samples": 1, "incident.data": (True,)}


def test_a_window_is_filled_with_as_few_samples_as_it_needs():
    signals = f"{SIGNALS}\nderived:\n  mean.errors: {{mean: {{of: canary.errors, over: 4m}}}}"
    rules = "slos: [{name: base, require: baseline.errors < 0.01}]\nrollback: [{name: high, when: mean.errors >= 0.02, for: 2m}]"
    program = program_of(rules=rules, signals=signals)
    recording = recording_of(program, 20, canary_errors=[*NOISE, *[0.0312, 0.0453, 0.0287] * 4])
    found = minimised_of(program, recording)
    assert found.decision.step == "full"
    assert shown(program, found) == {"every": "2m30s", "samples": 5, "canary.errors": (0.002, 0.002, 0.002, 0.04, 0.04)}
    test_text(program, found)


def test_an_exemption_that_did_not_apply_is_no_part_of_it():
    rules = """
slos: [{name: low, require: canary.errors < 0.01}]
rollback: [{name: high, when: canary.errors >= 0.02, unless: baseline.errors >= 0.02, for: 3m}]
"""
    program = program_of(rules=rules)
    recording = recording_of(program, 12, canary_errors=[0.05] * 12, baseline_errors=[0.05, 0.05, *NOISE])
    assert shown(program, minimised_of(program, recording)) == {"every": "3m", "samples": 2, "canary.errors": (0.02, 0.02)}


def test_missing_evidence_stays_missing():
    rules = """
slos: [{name: low, require: canary.errors < 0.01}]
rollback: [{name: dark, when: canary.errors >= 0.02, missing: rollback, after: 4m}]
"""
    program = program_of(rules=rules)
    found = minimised_of(program, recording_of(program, 12, canary_errors=[*NOISE[:2], *[None] * 9]))
    assert found.decision.verdict is Verdict.ROLLBACK
    assert set(shown(program, found)["canary.errors"]) <= {None, 0.002}
    assert "'_" in test_text(program, found)


def test_each_of_several_reasons_is_kept():
    rules = """
slos: [{name: low, require: canary.errors < 0.01}]
rollback: [{name: high, when: canary.errors >= 0.02, for: 3m}, {name: few, when: canary.requests < 100.0, for: 3m}]
"""
    program = program_of(rules=rules)
    found = minimised_of(program, recording_of(program, 9, canary_errors=[0.031] * 9, canary_requests=[17.0] * 9))
    assert {reason.rule for reason in found.decision.reasons} == {"high", "few"}
    assert "because: [high, few]" in test_text(program, found)


@pytest.mark.parametrize(
    ("given", "verdict", "rules"),
    [
        ({"at_us": at("2m")}, Verdict.HOLD, {"min-duration"}),
        ({"at_us": at("5m")}, Verdict.ADVANCE, {"low", "min-duration"}),
        ({}, Verdict.ADVANCE, {"low", "min-duration"}),
    ],
    ids=["a hold", "an advance to the next step", "the last advance"],
)
def test_other_decisions(given, verdict, rules):
    program = program_of()
    found = minimised_of(program, recording_of(program, 30, canary_errors=NOISE * 5), **given)
    assert found.decision.verdict is verdict
    assert {reason.rule for reason in found.decision.reasons} == rules
    assert set(shown(program, found)) == {"every", "samples"}
    text = test_text(program, found)
    assert "lasts: " in text
    assert ("outcome: complete" in text) is (given == {})


def test_a_rise_that_only_a_trend_sees_is_taken_apart():
    signals = f"{SIGNALS}\nderived:\n  errors.growing: {{growing: {{of: canary.errors, over: 15m}}}}"
    rules = "slos: [{name: low, require: canary.requests > 1.0}]\nrollback: [{name: grows, when: errors.growing}]"
    program = program_of(rules=rules, signals=signals, plan=PLAN.replace("10m", "40m"))
    rise = [0.002 + 0.0013 * index for index in range(20)]
    found = minimised_of(program, recording_of(program, 30, canary_errors=[*NOISE, *rise]))
    assert found.history.length < 20
    assert [reason.rule for reason in found.decision.reasons] == ["grows"]
    test_text(program, found)


def test_an_abort_a_pause_and_a_freeze_stay_and_what_is_over_goes():
    program = program_of()
    abort = AbortEvent(at_us=at("4m"), by="ops", reason="no")
    over = (PauseEvent(at_us=at("1m")), ResumeEvent(at_us=at("2m")))
    found = minimised_of(program, recording_of(program, 9, events=(*over, abort)))
    assert shown(program, found) == {"every": "1m", "samples": 1, "events": [(0, "AbortEvent")]}
    assert "{at: 0s, event: abort}" in test_text(program, found)
    for event, reason in ((PauseEvent(at_us=at("3m")), "paused"), (FreezeEvent(at_us=at("3m"), until_us=at("2h")), "frozen")):
        found = minimised_of(program, recording_of(program, 9, events=(event,)))
        assert reason in {each.rule for each in found.decision.reasons}
        assert f"event: {'pause' if reason == 'paused' else 'freeze'}" in test_text(program, found)


def test_gates_and_approvals_on_the_way_are_given_and_a_failed_gate_refuses():
    program = program_of(plan=GATED_PLAN)
    passed = GateEvent(at_us=ORIGIN_US, gate="ready", result={"passed": 3, "failed": 0})
    approved = ApproveEvent(at_us=at("9m"), step="canary-10")
    found = minimised_of(program, recording_of(program, 30, canary_errors=[*NOISE * 3, *[0.05] * 9], events=(passed, approved)))
    assert found.decision.step == "full"
    assert [name for _, name in shown(program, found)["events"]] == ["ApproveEvent"]
    assert "{at: 0s, event: approve, step: canary-10}" in test_text(program, found)
    failed = GateEvent(at_us=ORIGIN_US, gate="ready", result={"passed": 2, "failed": 1})
    found = minimised_of(program, recording_of(program, 3, events=(failed,)))
    assert found.decision.is_refused
    text = test_text(program, found)
    assert "event: gate, gate: ready, passed: false" in text
    assert "outcome: refused" in text


def test_a_value_set_by_hand_becomes_one_of_the_series():
    program = program_of(
        rules="slos: [{name: low, require: canary.errors < 0.01}]\nrollback: [{name: data, when: incident.data}]"
    )
    by_hand = SignalEvent(at_us=at("3m"), signals={"incident.data": True})
    found = minimised_of(program, recording_of(program, 9, events=(by_hand,)))
    assert shown(program, found) == {"every": "1m", "samples": 1, "incident.data": (True,)}


def test_recorded_steps_have_no_part_in_it():
    program = program_of()
    steps = (StepEvent(at_us=ORIGIN_US, step="canary-10"), StepEvent(at_us=at("2m"), step="full"))
    found = minimised_of(program, recording_of(program, 9, canary_errors=[0.05] * 9, events=steps))
    assert shown(program, found) == {"every": "3m", "samples": 2, "canary.errors": (0.02, 0.02)}


def test_trying_ends_where_it_must_and_what_was_found_still_holds():
    program = program_of()
    incident = incident_of(program, recording_of(program, 30, canary_errors=[*NOISE[:3], *[0.0312, 0.0453, 0.0287] * 3]))
    found = minimise(program, incident, most=12)
    assert not found.is_smallest
    assert found.folded <= 12 + 30
    test_text(program, found)


def test_progress_is_told():
    program = program_of()
    told = []
    incident = incident_of(program, recording_of(program, 30, canary_errors=[*NOISE[:3], *[0.0312, 0.0453, 0.0287] * 3]))
    minimise(program, incident, progress=lambda history, folded: told.append((history.length, folded)))
    assert told == sorted(told, key=lambda each: each[1])
    assert told


def test_minimising_the_minimised_gives_it_again():
    program = program_of()
    first = minimised_of(program, recording_of(program, 30, canary_errors=[*NOISE[:3], *[0.0312, 0.0453, 0.0287] * 3]))
    assert minimised_of(program, as_recording(program, first.history)).history == first.history


def test_nothing_judged_is_no_incident():
    program = program_of()
    recording = recording_of(program, 3)
    assert incident_of(program, recording, at_us=ORIGIN_US - SECOND_US) is None
    assert incident_of(program, recording, start_us=at("1h")) is None


BOTH = """
slos: [{name: low, require: canary.errors < 0.01}]
rollback:
  - {name: high, when: canary.errors >= 0.02, for: 1m}
  - {name: dark, when: baseline.errors >= 0.5, missing: rollback, after: 58m}
"""


def uneven(*minutes, errors, baseline):
    """Make a recording whose samples come at such minutes."""
    program = program_of(rules=BOTH)
    samples = recording_of(program, len(minutes), canary_errors=errors, baseline_errors=baseline).items
    items = (replace(each, at_us=at(f"{minute}m")) for each, minute in zip(samples, minutes, strict=True))
    return program, Recording(rollout="r", source="r.jsonl", items=tuple(items))


def test_what_only_uneven_times_show_is_not_minimised():
    """One rule needs a silence of an hour and the other two samples in a minute: three even samples cannot have both."""
    program, recording = uneven(0, 60, 61, errors=[0.002, 0.05, 0.05], baseline=[0.002, None, None])
    incident = incident_of(program, recording)
    assert {reason.rule for reason in incident.decision.reasons} == {"high", "dark"}
    assert minimise(program, incident) is None


def test_uneven_times_that_do_not_matter_become_even():
    program, recording = uneven(0, 2, 3, 5, 6, 8, errors=[0.002, 0.03, 0.04, 0.05], baseline=NOISE)
    found = minimised_of(program, recording)
    assert shown(program, found) == {"every": "1m", "samples": 2, "canary.errors": (0.02, 0.02)}
    program, recording = uneven(0, 7, 8, 21, errors=[0.002, 0.03, 0.04], baseline=NOISE)
    found = minimised_of(program, recording)
    assert shown(program, found) == {"every": "1m", "samples": 2, "canary.errors": (0.02, 0.02)} or found.history.length <= 3
