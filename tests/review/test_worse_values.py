"""
Whether a worse value of a signal makes anything looser.
"""

import pytest
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.findings import Certainty
from canarypolicy.review.own import encode_alone
from canarypolicy.review.worse_values import worse_values

from remarked import program_with, shown

MONOTONE = [
    ("the policy as it is", ""),
    ("a signal of which less is worse", "hold: [{name: h, when: c.req < 500.0}]"),
    ("a difference to the baseline", "rollback: [{name: r, when: c.err > b.err * 2.0 + 0.01, for: 5m}]"),
    ("an exemption by the baseline", "rollback: [{name: r, when: c.err > 0.02, unless: b.err > 0.02, for: 5m}]"),
    ("a ratio", "slos: [{name: s, require: c.lat / (b.lat + 0.1) < 2.0}]"),
    ("a truth", "rollback: [{name: r, when: c.flag && c.fails > 2}]"),
    (
        "a derived signal, which has no worse side",
        "derived: {d.mean: {mean: {of: c.lat, over: 5m}}}\nhold: [{name: h, when: d.mean < 0.1}]",
    ),
    ("a sum of ints", "slos: [{name: s, require: c.fails + 2 < 5}]"),
]


@pytest.mark.parametrize("fragment", [text for _, text in MONOTONE], ids=[claim for claim, _ in MONOTONE])
def test_nothing_is_said_where_worse_is_never_looser(fragment):
    assert list(worse_values(encode_alone(program_with(fragment)))) == []


LOOSER = [
    (
        "an upper end of a rollback rule",
        "slos: [{name: s, require: c.lat < 1.0}]\nrollback: [{name: r, when: c.err >= 0.02 && c.err < 0.5}]",
        "c.err",
        "rollback rule `r`",
        Verdict.ROLLBACK,
    ),
    (
        "an SLO the wrong way round",
        "slos: [{name: s, require: c.lat > 0.1}]\nplan: {steps: [{name: full, weight: 100, min: 10m}]}",
        "c.lat",
        "SLO `s`",
        Verdict.HOLD,
    ),
    (
        "an exemption by the canary's own signal",
        "rollback: [{name: r, when: c.fails >= 2, unless: c.err > 0.005}]",
        "c.err",
        "rollback rule `r`",
        Verdict.ROLLBACK,
    ),
    (
        "a truth that is turned round",
        "hold: [{name: h, when: '!c.flag'}]\nplan: {steps: [{name: full, weight: 100, min: 10m}]}",
        "c.flag",
        "hold rule `h`",
        Verdict.HOLD,
    ),
    (
        "few requests that are fine",
        "hold: [{name: h, when: c.req >= 500.0}]\nplan: {steps: [{name: full, weight: 100, min: 10m}]}",
        "c.req",
        "hold rule `h`",
        Verdict.HOLD,
    ),
]


@pytest.mark.parametrize(("fragment", "name", "rule", "was"), [each[1:] for each in LOOSER], ids=[each[0] for each in LOOSER])
def test_a_policy_that_is_looser_at_a_worse_value_has_a_fault(fragment, name, rule, was):
    """The history is the worse one; what is decided on the better one stands beside."""
    program = program_with(fragment)
    (remark,) = worse_values(encode_alone(program))
    becomes = remark.witness.new.verdict
    words = {Verdict.ROLLBACK: "a rollback", Verdict.HOLD: "a hold", Verdict.ADVANCE: "an advance"}
    start = f"{words[was]} becomes {words[becomes]} in step `{remark.witness.step}` as `{name}` gets worse, at `"
    assert remark.sentence.startswith(start)
    assert remark.sentence.endswith(f"`: see {rule}")
    assert (remark.name, remark.certainty, remark.is_fault) == ("looser-when-worse", Certainty.WITNESS, True)
    assert remark.witness.old.verdict is was
    assert shown(program, remark) == remark.witness.new


def test_bands_of_severity_that_take_over_from_one_another_are_no_fault():
    """The hold rule ends where the rollback rule begins."""
    fragment = "slos: [{name: s, require: c.err < 0.01}]\nhold: [{name: h, when: c.err >= 0.01 && c.err < 0.02}]\nrollback: [{name: r, when: c.err >= 0.02}]"
    (remark,) = worse_values(encode_alone(program_with(fragment)))
    assert (remark.name, remark.is_fault) == ("not-monotone", False)
    assert remark.sentence == "hold rule `h` is looser at a worse value of `c.err`"
    assert remark.why == "no history was found in which no other rule takes over"


def test_what_cannot_be_answered_is_said():
    fragment = "slos: [{name: s, require: c.lat < 0.5}]\nrollback: [{name: r, when: c.err * c.err * c.req > 0.02}]"
    found = list(worse_values(encode_alone(program_with(fragment), budget=1)))
    assert "rollback rule `r` may be looser at a worse value of `c.err`" in {remark.sentence for remark in found}
    assert {(remark.name, remark.certainty, remark.why) for remark in found} == {
        ("not-monotone", Certainty.UNKNOWN, "the budget of steps ran out")
    }
