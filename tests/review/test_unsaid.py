"""
Remarks beside lints: nothing is said twice, and what it weighs.
"""

import pytest
from canarypolicy.documents.finding import Severity
from canarypolicy.lints import check
from canarypolicy.review.findings import Certainty, Remark
from canarypolicy.review.remarks import remarks
from canarypolicy.review.unsaid import severity_of, unsaid

from remarked import policy_with, program_with

SAID = [
    ("dead-rule", "rollback: [{name: r, when: c.err > 1.0}]"),
    ("unmeetable-slo", "slos: [{name: s, require: c.err > 1.0}]"),
    ("effortless-slo", "slos: [{name: s, require: c.err <= 1.0}]"),
    ("ever-true-rule", "rollback: [{name: r, when: c.err <= 1.0}]"),
    ("needless-rule", "rollback: [{name: a, when: c.err > 0.5}, {name: b, when: c.err > 0.6}]"),
    ("rollback-over-advance", "rollback: [{name: r, when: c.err > 0.005}]"),
    ("looser-when-missing", "rollback: [{name: r, when: c.lat > 3.0, missing: ignore}]"),
    ("unknown-when-present", "rollback: [{name: r, when: c.lat / b.lat > 3.0}]"),
    (
        "endless-hold",
        "plan: {steps: [{name: tenth, weight: 10, min: 10m}, {name: full, weight: 100, min: 10m, max: 20m, on_timeout: rollback}]}",
    ),
    ("stuck-when-healthy", "slos: [{name: s, require: c.err < 0.001}]"),
    ("stuck-when-healthy", "hold: [{name: s, when: c.err < 0.01}]"),
    (
        "late-when-healthy",
        "slos: [{name: s, require: c.err < 0.01, for: 30m}]\nplan: {steps: [{name: full, weight: 100, min: 10m, max: 20m}]}",
    ),
]


@pytest.mark.parametrize(("name", "fragment"), SAID)
def test_what_a_lint_has_said_is_not_said_again(name, fragment):
    """The remark is there without the lints, and not beside them."""
    checked = policy_with(fragment)
    found = remarks(program_with(fragment))
    assert name in {remark.name for remark in found}
    assert name not in {remark.name for remark in unsaid(checked, found, check(checked))}
    assert list(unsaid(checked, found, ())) == list(found)


def test_what_a_lint_says_of_another_rule_is_no_reason_to_be_silent():
    fragment = "rollback: [{name: a, when: c.err > 1.0}, {name: b, when: c.err - b.err > 0.5 && b.err > c.err}]"
    checked = policy_with(fragment)
    left = [remark for remark in unsaid(checked, remarks(program_with(fragment)), check(checked)) if remark.name == "dead-rule"]
    assert [remark.place.text for remark in left] == ["c.err - b.err > 0.5 && b.err > c.err"]


@pytest.mark.parametrize(
    ("name", "is_fault", "severity"),
    [
        ("invariant-broken", True, Severity.ERROR),
        ("invariant-open", True, Severity.ERROR),
        ("dead-rule", False, Severity.WARNING),
        ("not-answered", False, Severity.WARNING),
        ("invariant-holds", False, Severity.NOTE),
        ("endless-hold", False, Severity.NOTE),
    ],
)
def test_a_fault_is_an_error_and_only_what_needs_no_correction_a_note(name, is_fault, severity):
    place = policy_with().source.span(0, 1)
    remark = Remark(name=name, sentence="x", place=place, certainty=Certainty.UNKNOWN, is_fault=is_fault)
    assert severity_of(remark) is severity
