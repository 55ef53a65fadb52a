import pytest
from canarypolicy.documents.finding import Severity
from canarypolicy.documents.loading import load_policy

BAD = "canary.nothing < 1.0"
GATES = "  gates:\n    {}: [{{name: a, probe: b, require: {}}}]\n  steps:\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("require: canary.error_rate < 0.01", f"require: {BAD}"),
        ("when: canary.error_rate >= 0.02", f"when: {BAD}"),
        ("when: canary.error_rate >= 0.02", f"when: canary.error_rate >= 0.02, unless: {BAD}"),
        ("plan:\n", f"hold: [{{name: a, when: {BAD}}}]\nplan:\n"),
        ("plan:\n", f"hold: [{{name: a, when: canary.error_rate > 0.5, unless: {BAD}}}]\nplan:\n"),
        ("max: 2h}", f"max: 2h, slos: [{{name: a, require: {BAD}}}]}}"),
        ("max: 2h}", f"max: 2h, rollback: [{{name: a, when: {BAD}}}]}}"),
        ("max: 2h}", f"max: 2h, hold: [{{name: a, when: {BAD}}}]}}"),
        ("max: 2h}", f"max: 2h, hold: [{{name: a, when: canary.error_rate > 0.5, unless: {BAD}}}]}}"),
        ("  steps:\n", f"  on_rollback: {{recovery: {{require: {BAD}, within: 5m}}}}\n  steps:\n"),
        ("  steps:\n", GATES.format("before", BAD)),
        ("  steps:\n", GATES.format("after", BAD)),
        ("plan:\n", f"invariants: [{{name: a, never: advance, while: {BAD}}}]\nplan:\n"),
        ("plan:\n", f"invariants: [{{name: a, when: {BAD}, always: rollback, within: 5m}}]\nplan:\n"),
    ],
)
def test_every_expression_of_a_policy_is_checked(findings, old, new):
    """A name that is not declared is found wherever it stands."""
    assert [found[:2] for found in findings(old, new)] == [("undeclared-signal", "canary.nothing")]


def test_a_gate_reads_its_probes_result_and_nothing_else(findings):
    """And no other expression reads it."""
    assert findings("  steps:\n", GATES.format("before", "result.failed == 0")) == []
    assert [found[0] for found in findings("  steps:\n", GATES.format("before", "canary.error_rate < 0.5"))] == [
        "undeclared-signal"
    ]
    assert [found[0] for found in findings("when: canary.error_rate >= 0.02", "when: result.failed > 0")] == ["undeclared-signal"]


def test_every_expression_is_kept_under_its_path(valid):
    """The engine finds each by where it is written."""
    data = valid.replace("  steps:\n", GATES.format("after", "result.failed == 0")).encode()
    checked = load_policy(data, "policy.yaml").document
    assert checked is not None
    assert set(checked.expressions) == {("slos", 0, "require"), ("rollback", 0, "when"), ("plan", "gates", "after", 0, "require")}
    assert checked.expressions["rollback", 0, "when"].text == "canary.error_rate >= 0.02"
    assert checked.places["rollback", 0, "when"].text == "canary.error_rate >= 0.02"


def test_a_doubt_about_an_expression_is_a_warning(valid):
    """The policy has a meaning all the same."""
    loaded = load_policy(valid.replace("< 0.01", "< 1/2").encode(), "policy.yaml")
    assert loaded.document is not None
    assert [found.severity for found in loaded.findings] == [Severity.WARNING]
    assert loaded.document.warnings == loaded.findings


@pytest.mark.parametrize(
    ("written", "underlined"),
    [
        ("'canary.eror_rate < 0.01'", "canary.eror_rate"),
        ('"canary.error_rate < 0.01 && canary.colour == \\"blue\\" && nope"', "nope"),
        ("canary.error_rate < 0.01\n      && nope", "nope"),
        ("|\n      canary.error_rate < 0.01\n      && nope", "nope"),
        (">-\n      canary.error_rate < 0.01\n\n        && nope\n", "nope"),
    ],
)
def test_a_fault_is_underlined_in_the_file_whatever_the_style(valid, written, underlined):
    """Never in `the expression`, which nobody sees."""
    rule = "  - {name: error-rate, require: canary.error_rate < 0.01, for: 5m}"
    text = valid.replace(rule, f"  - name: error-rate\n    require: {written}")
    (found,) = load_policy(text.encode(), "policy.yaml").findings
    assert found.span.text == underlined
    assert text[found.span.start : found.span.end] == underlined
