"""
What users may write for a derived function.
"""

from __future__ import annotations

import pytest
from canarypolicy.derived import DERIVED
from canarypolicy.documents.loading import load_policy
from pydantic import ValidationError

from driver import policy_text

PLAIN = {"of": "a.b", "over": "5m"}


@pytest.mark.parametrize(
    ("name", "written", "defaults"),
    [
        pytest.param("mean", PLAIN, {"min_samples": 2, "within_step": False}, id="two samples, across steps"),
        pytest.param("growing", PLAIN, {"confidence": 0.99, "min_samples": 2}, id="growth at a confidence of 0.99"),
        pytest.param("frozen", {**PLAIN, "at": "start"}, {"min_samples": 2}, id="frozen at the start"),
        pytest.param("quantile", {**PLAIN, "q": 1}, {"q": 1.0}, id="an int is a quantile where it is 0 or 1"),
        pytest.param("ratio", {**PLAIN, "to": "c"}, {"to": "c"}, id="a ratio of two signals"),
    ],
)
def test_what_is_taken(name, written, defaults):
    """Only what a function cannot do without must be written."""
    parameters = DERIVED[name].Parameters.model_validate(written)
    assert {key: getattr(parameters, key) for key in defaults} == defaults


@pytest.mark.parametrize(
    ("name", "written", "where"),
    [
        pytest.param("mean", {"of": "a"}, "over", id="no window"),
        pytest.param("mean", {"over": "5m"}, "of", id="no signal"),
        pytest.param("mean", {**PLAIN, "over": "0s"}, "over", id="a window of no length"),
        pytest.param("mean", {**PLAIN, "over": "5"}, "over", id="a window without a unit"),
        pytest.param("mean", {**PLAIN, "of": "a-b"}, "of", id="no name of a signal"),
        pytest.param("mean", {**PLAIN, "min_samples": 0}, "min_samples", id="no sample is no evidence"),
        pytest.param("mean", {**PLAIN, "min_samples": True}, "min_samples", id="a bool is no number of samples"),
        pytest.param("mean", {**PLAIN, "min_samples": 2.0}, "min_samples", id="a double is no number of samples"),
        pytest.param("mean", {**PLAIN, "within_step": "no"}, "within_step", id="text is no bool"),
        pytest.param("mean", {**PLAIN, "q": 0.5}, "q", id="a parameter of another function"),
        pytest.param("quantile", PLAIN, "q", id="no quantile"),
        pytest.param("quantile", {**PLAIN, "q": 1.01}, "q", id="a quantile over 1"),
        pytest.param("quantile", {**PLAIN, "q": -0.01}, "q", id="a quantile below 0"),
        pytest.param("quantile", {**PLAIN, "q": 95}, "q", id="a percentile is no quantile"),
        pytest.param("quantile", {**PLAIN, "q": float("nan")}, "q", id="NaN is no quantile"),
        pytest.param("quantile", {**PLAIN, "q": "0.5"}, "q", id="text is no quantile"),
        pytest.param("growing", {**PLAIN, "confidence": 0.5}, "confidence", id="a coin's confidence"),
        pytest.param("growing", {**PLAIN, "confidence": 1}, "confidence", id="certainty"),
        pytest.param("ratio", PLAIN, "to", id="nothing below the line"),
        pytest.param("frozen", PLAIN, "at", id="no step to be frozen at"),
        pytest.param("frozen", {**PLAIN, "at": "Full"}, "at", id="no name of a step"),
        pytest.param("frozen", {**PLAIN, "at": "full", "within_step": True}, "within_step", id="frozen has no step of its own"),
    ],
)
def test_what_is_refused(name, written, where):
    """Each fault is found at its own key."""
    with pytest.raises(ValidationError) as refused:
        DERIVED[name].Parameters.model_validate(written)
    assert [error["loc"] for error in refused.value.errors()] == [(where,)]


def test_a_window_of_no_length_is_a_finding():
    """It has a name, a sentence and its place in the policy."""
    text = policy_text(
        signals="signals:\n  canary.errors: {healthy: 0.0}\nderived:\n  x.mean: {mean: {of: canary.errors, over: 0s}}\n"
    )
    (finding,) = [each for each in load_policy(text.encode(), "policy.yaml").findings if each.name == "empty-window"]
    assert finding.message == "a window `over` 0s has no samples in it"
    assert finding.span.text == "0s"
