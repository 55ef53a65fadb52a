"""
Expressions that can be unknown although nothing is missing.
"""

import pytest
from canarypolicy.review.findings import Certainty
from canarypolicy.review.own import encode_alone
from canarypolicy.review.unknown_expressions import unknown_expressions

from remarked import program_with

KNOWN = [
    ("the policy as it is", ""),
    ("a guarded division", "rollback: [{name: r, when: c.req > 0.0 && c.lat / c.req > 2.0}]"),
    ("a guard that is computed", "rollback: [{name: r, when: c.req + 1.0 > 2.0 && c.lat / c.req > 2.0}]"),
    ("a divisor that is never zero", "rollback: [{name: r, when: c.lat / (c.err + 1.0) > 2.0}]"),
    ("a product of what is open upwards", "rollback: [{name: r, when: c.req * c.req > 2.0}]"),
    ("a sum of ints that is open upwards", "rollback: [{name: r, when: c.fails + c.fails > 2}]"),
]


@pytest.mark.parametrize("fragment", [text for _, text in KNOWN], ids=[claim for claim, _ in KNOWN])
def test_nothing_is_said_of_what_is_always_known(fragment):
    assert list(unknown_expressions(encode_alone(program_with(fragment)))) == []


UNKNOWN = [
    ("a division", "rollback: [{name: r, when: c.lat / c.req > 2.0}]", "c.lat / c.req > 2.0"),
    (
        "a guard with a hole",
        "rollback: [{name: r, when: c.req >= 0.0 && c.lat / c.req > 2.0}]",
        "c.req >= 0.0 && c.lat / c.req > 2.0",
    ),
    ("an exemption", "rollback: [{name: r, when: c.err > 0.5, unless: c.lat / b.err > 2.0}]", "c.lat / b.err > 2.0"),
    ("a difference as the divisor", "slos: [{name: s, require: c.lat / (c.err - b.err) < 2.0}]", "c.lat / (c.err - b.err) < 2.0"),
    (
        "an overflow within a range that is declared",
        "signals: {c.big: {range: [0, 1.5e+308], healthy: 1.0}}\nrollback: [{name: r, when: c.big * 4.0 > 1.0}]",
        "c.big * 4.0 > 1.0",
    ),
    ("an invariant", "invariants: [{name: i, never: advance, while: c.lat / b.err > 100.0}]", "c.lat / b.err > 100.0"),
]


@pytest.mark.parametrize(("fragment", "text"), [each[1:] for each in UNKNOWN], ids=[each[0] for each in UNKNOWN])
def test_values_at_which_an_expression_is_unknown_are_told(fragment, text):
    (remark,) = unknown_expressions(encode_alone(program_with(fragment)))
    assert (remark.name, remark.certainty, remark.is_fault) == ("unknown-when-present", Certainty.WITNESS, False)
    assert remark.sentence.startswith(f"`{text}` is unknown although nothing is missing, at `c.")
    assert remark.place.text == text


def test_what_no_proof_sees_is_not_answered():
    """The divisor is never zero, which only the reference knows."""
    fragment = "slos: [{name: s, require: 'size(\"a\") * 2 % (c.fails + 1) < 5'}]"
    (remark,) = unknown_expressions(encode_alone(program_with(fragment)))
    assert (remark.name, remark.certainty) == ("not-answered", Certainty.UNKNOWN)
    assert "into which no proof sees" in remark.why
