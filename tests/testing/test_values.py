"""
Values that were expected, held against those that were seen.
"""

from __future__ import annotations

import pytest
from canarypolicy.documents.policytest import Near
from canarypolicy.testing.values import wrong_values


class FakeJudged:
    """A decision whose rules saw one value."""

    def __init__(self, value, why=None):
        self.value, self.decision = value, self
        self.missing = {} if why is None else {"a.b": why}

    def seen(self):
        return {} if self.value is None else {"a.b": self.value}


@pytest.mark.parametrize(
    ("expected", "actual", "fits"),
    [
        (0.3, 0.3, True), (1, 1.0, True), (0.30000001, 0.3, False), (True, True, True), (True, 1, False), (1, True, False),
        (False, 0, False), ("blue", "blue", True), ("blue", "green", False), ("1", 1, False),
        (Near(value=0.2, within=0.1), 0.3, True), (Near(value=0.2, within=0.1), 0.30000001, False),
        (Near(value=0.2, within=0.1), 0.1, True), (Near(value=3, within=0), 3, True), (Near(value=1, within=1), True, False),
        (Near(value=1, within=1), "1", False),
    ],
)  # fmt: skip
def test_what_fits(expected, actual, fits):
    """A number of the other type fits, a bool is no number, and a tolerance is held in decimals, as it is written."""
    assert (not list(wrong_values({"a.b": expected}, FakeJudged(actual)))) is fits


@pytest.mark.parametrize(
    ("expected", "judged", "words"),
    [
        (0.5, FakeJudged(True), ("a.b", "a.b = 0.5", "a.b = true")),
        (Near(value=1, within=0.5), FakeJudged(3), ("a.b", "a.b = 1, within 0.5", "a.b = 3")),
        (False, FakeJudged(None, "no value"), ("a.b", "a.b = false", "no value: no value")),
        ("x", FakeJudged(None), ("a.b", "a.b = x", "no value: it is not known at this decision")),
    ],
)
def test_how_it_is_said(expected, judged, words):
    assert list(wrong_values({"a.b": expected}, judged)) == [words]
