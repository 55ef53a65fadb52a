"""
A policy's own invariants: proved, broken by a history that replays, or left open.
"""

import pytest
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.findings import Certainty
from canarypolicy.review.healthy_course import healthy_course
from canarypolicy.review.invariants import invariants
from canarypolicy.review.own import encode_alone

from remarked import program_with, shown

MINUTE = 60_000_000


def answered(fragment, invariant, **options):
    program = program_with(f"{fragment}\ninvariants: [{invariant}]")
    own = encode_alone(program, **options)
    (remark,) = invariants(own, healthy_course(program))
    return program, remark


PROVED = [
    (
        "an SLO that excludes it",
        "",
        "{name: i, never: advance, while: c.err >= 0.01}",
        "invariant `i` is proved: never an advance while `c.err >= 0.01`",
    ),
    (
        "a rollback rule that is pending or fires",
        "slos: [{name: lat, require: c.lat < 1.0}]",
        "{name: i, never: advance, while: c.err >= 0.02}",
        "invariant `i` is proved: never an advance while `c.err >= 0.02`",
    ),
    (
        "no rollback without an excess",
        "plan: {steps: [{name: full, weight: 100, min: 1m}]}",
        "{name: i, never: rollback, while: c.err < 0.02}",
        "invariant `i` is proved: never a rollback while `c.err < 0.02`",
    ),
    (
        "a time before which no step is left",
        "",
        "{name: i, never: advance, while: rollout.step_elapsed_seconds < 600.0}",
        "invariant `i` is proved: never an advance while `rollout.step_elapsed_seconds < 600.0`",
    ),
    (
        "the rule's own `for`",
        "",
        "{name: i, when: c.err >= 0.02, always: rollback, within: 5m}",
        "invariant `i` is proved: `c.err >= 0.02` for 5m is always rolled back by then",
    ),
    (
        "a stricter expression",
        "",
        "{name: i, when: c.err >= 0.03 && c.lat > 1.0, always: rollback, within: 5m}",
        "invariant `i` is proved: `c.err >= 0.03 && c.lat > 1.0` for 5m is always rolled back by then",
    ),
    (
        "an exemption that is named",
        "rollback: [{name: r, when: c.err >= 0.02, unless: b.err >= 0.02, for: 5m}]",
        "{name: i, when: c.err >= 0.02 && b.err < 0.02, always: rollback, within: 6m}",
        "invariant `i` is proved: `c.err >= 0.02 && b.err < 0.02` for 6m is always rolled back by then",
    ),
    (
        "one of two rules at once",
        "rollback: [{name: r, when: c.flag}, {name: s, when: c.mode == 'bad'}]",
        "{name: i, when: c.flag || c.mode == 'bad', always: rollback, within: 0s}",
        "invariant `i` is proved: `c.flag || c.mode == 'bad'` for 0s is always rolled back by then",
    ),
    (
        "a count that is reached by then, however far apart the samples are",
        "rollback: [{name: r, when: c.err >= 0.02, for: {samples: 3, of: 4}}]",
        "{name: i, when: c.err >= 0.02, always: rollback, within: 6m}",
        "invariant `i` is proved: `c.err >= 0.02` for 6m is always rolled back by then",
    ),
    (
        "what has been missing for long",
        "rollback: [{name: r, when: c.err >= 0.02, for: 5m, missing: rollback, after: 4m}]",
        "{name: i, when: '!has(c.err)', always: rollback, within: 4m}",
        "invariant `i` is proved: `!has(c.err)` for 4m is always rolled back by then",
    ),
    (
        "the sum of the mins",
        "",
        "{name: i, never: {reach: full}, before: 10m}",
        "invariant `i` is proved: step `full` is never reached before 10m",
    ),
    (
        "an SLO that asks for longer than the min",
        "slos: [{name: e, require: c.err < 0.01, for: 15m}]",
        "{name: i, never: {reach: full}, before: 15m}",
        "invariant `i` is proved: step `full` is never reached before 15m",
    ),
    (
        "a hold rule on the time since the start",
        "hold: [{name: h, when: rollout.elapsed_seconds < 3600.0, steps: [tenth]}]",
        "{name: i, never: {reach: full}, before: 1h}",
        "invariant `i` is proved: step `full` is never reached before 1h",
    ),
    (
        "the first step, and no time at all",
        "",
        "{name: i, never: {reach: tenth}, before: 0s}",
        "invariant `i` is proved: step `tenth` is never reached before 0s",
    ),
]


@pytest.mark.parametrize(("fragment", "invariant", "sentence"), [each[1:] for each in PROVED], ids=[each[0] for each in PROVED])
def test_an_invariant_that_every_history_keeps_is_proved(fragment, invariant, sentence):
    _, remark = answered(fragment, invariant)
    assert (remark.name, remark.certainty, remark.is_fault, remark.why) == ("invariant-holds", Certainty.PROVED, False, "")
    assert remark.sentence == sentence


BROKEN = [
    (
        "an SLO with a higher limit",
        "",
        "{name: i, never: advance, while: c.err >= 0.005}",
        "invariant `i` does not hold: in step `tenth`, an advance is decided while `c.err >= 0.005`",
        {"c.err"},
        Verdict.ADVANCE,
    ),
    (
        "a signal that no rule reads",
        "",
        "{name: i, never: advance, while: c.lat > 1.0}",
        "invariant `i` does not hold: in step `tenth`, an advance is decided while `c.lat > 1.0`",
        {"c.lat"},
        Verdict.ADVANCE,
    ),
    (
        "a signal that is missing and ignored",
        "rollback: [{name: r, when: c.lat > 2.0, missing: ignore}]",
        "{name: i, never: advance, while: '!has(c.lat)'}",
        "invariant `i` does not hold: in step `tenth`, an advance is decided while `!has(c.lat)`",
        {"c.lat"},
        Verdict.ADVANCE,
    ),
    (
        "a step in which the rule does not act",
        "slos: [{name: e, require: c.err < 0.01, steps: [tenth]}, {name: l, require: c.lat < 1.0}]\nrollback: []",
        "{name: i, never: advance, while: c.err >= 0.02}",
        "invariant `i` does not hold: in step `full`, an advance is decided while `c.err >= 0.02`",
        {"c.err"},
        Verdict.ADVANCE,
    ),
    (
        "a rollback by a time limit",
        "",
        "{name: i, never: rollback, while: c.err < 0.02}",
        "invariant `i` does not hold: in step `tenth`, a rollback is decided while `c.err < 0.02`",
        {"c.err"},
        Verdict.ROLLBACK,
    ),
    (
        "a rule that waits longer",
        "",
        "{name: i, when: c.err >= 0.02, always: rollback, within: 4m}",
        "invariant `i` does not hold: in step `tenth`, `c.err >= 0.02` for 4m without a rollback",
        {"c.err"},
        Verdict.HOLD,
    ),
    (
        "a lower limit",
        "plan: {steps: [{name: full, weight: 100, min: 1m}]}",
        "{name: i, when: c.err >= 0.015, always: rollback, within: 1h}",
        "invariant `i` does not hold: in step `full`, `c.err >= 0.015` for 1h without a rollback",
        {"c.err"},
        Verdict.HOLD,
    ),
    (
        "an exemption",
        "rollback: [{name: r, when: c.err >= 0.02, unless: b.err >= 0.02, for: 5m}]",
        "{name: i, when: c.err >= 0.02, always: rollback, within: 6m}",
        "invariant `i` does not hold: in step `tenth`, `c.err >= 0.02` for 6m without a rollback",
        {"c.err", "b.err"},
        Verdict.HOLD,
    ),
    (
        "a count that too few samples reach",
        "rollback: [{name: r, when: c.err >= 0.02, for: {samples: 8, of: 8}}]",
        "{name: i, when: c.err >= 0.02, always: rollback, within: 6m}",
        "invariant `i` does not hold: in step `tenth`, `c.err >= 0.02` for 6m without a rollback",
        {"c.err"},
        Verdict.HOLD,
    ),
    (
        "a step that is reached sooner",
        "",
        "{name: i, never: {reach: full}, before: 11m}",
        "invariant `i` does not hold: a healthy rollout reaches step `full` after 10m",
        set(),
        Verdict.ADVANCE,
    ),
    (
        "the first step",
        "",
        "{name: i, never: {reach: tenth}, before: 1s}",
        "invariant `i` does not hold: a healthy rollout reaches step `tenth` after 0s",
        set(),
        Verdict.HOLD,
    ),
]


@pytest.mark.parametrize(
    ("fragment", "invariant", "sentence", "off", "verdict"), [each[1:] for each in BROKEN], ids=[each[0] for each in BROKEN]
)
def test_an_invariant_that_a_history_breaks_is_a_fault_with_that_history(fragment, invariant, sentence, off, verdict):
    """The history is small, and replays to the decision that is shown."""
    program, remark = answered(fragment, invariant)
    assert (remark.name, remark.certainty, remark.is_fault) == ("invariant-broken", Certainty.WITNESS, True)
    assert remark.sentence == sentence
    assert set(remark.witness.off_healthy) == off
    assert remark.witness.new.verdict is verdict
    assert shown(program, remark) == remark.witness.new


def test_what_flaps_is_found_by_a_trace():
    """The rule's own run ends between the excesses, and the invariant's does not: no steady history shows that."""
    fragment = "rollback: [{name: r, when: c.err >= 0.02 && c.mode == 'ok', for: 3m}, {name: s, when: c.err >= 0.02 && c.mode != 'ok', for: 3m}]"
    program, remark = answered(fragment, "{name: i, when: c.err >= 0.02 && has(c.mode), always: rollback, within: 3m}")
    assert (remark.name, remark.certainty, remark.is_fault) == ("invariant-broken", Certainty.WITNESS, True)
    assert (
        remark.sentence
        == f"invariant `i` does not hold: in step `{remark.witness.step}`, `c.err >= 0.02 && has(c.mode)` for 3m without a rollback"
    )
    modes = {item.signals.get("c.mode") == "ok" for item in remark.witness.items if hasattr(item, "signals")}
    assert modes == {True, False}
    assert shown(program, remark) == remark.witness.new


def test_what_no_short_history_breaks_is_left_open_and_is_no_pass():
    """Three samples of four are taken within 3 minutes if there is one each minute, and not if they are further apart."""
    fragment = "rollback: [{name: r, when: c.err >= 0.02, for: {samples: 3, of: 4}}]"
    _, remark = answered(fragment, "{name: i, when: c.err >= 0.02, always: rollback, within: 3m}")
    assert remark.name in {"invariant-open", "invariant-broken"}
    assert remark.is_fault


def test_an_invariant_on_what_no_proof_sees_is_open_and_a_fault():
    fragment = "slos: [{name: e, require: 'c.fails % (c.fails + 2) == 1', for: 5m}]"
    _, remark = answered(fragment, "{name: i, never: advance, while: c.fails >= 5}", budget=1)
    assert (remark.name, remark.certainty, remark.is_fault) == ("invariant-open", Certainty.UNKNOWN, True)
    assert remark.sentence == "invariant `i` is not proved"
    assert remark.why


def test_a_step_that_the_healthy_rollout_does_not_reach_so_soon_is_open():
    """The bound from below is not tight, and the one history that is tried is later."""
    fragment = "slos: [{name: e, require: c.err < 0.002, for: 5m}]\nderived: {d.mean: {mean: {of: c.err, over: 5m}}}"
    _, remark = answered(fragment, "{name: i, never: {reach: full}, before: 11m}")
    assert (remark.name, remark.certainty, remark.is_fault) == ("invariant-open", Certainty.UNKNOWN, True)
    assert remark.why == "nothing excludes that step `full` is reached sooner, and the healthy rollout does not reach it so soon"
