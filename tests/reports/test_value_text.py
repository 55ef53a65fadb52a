"""
Values, outcomes and margins in a reader's words.
"""

import pytest
from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.engine.decision import Verdict
from canarypolicy.reports.value_text import margin_text, outcome_text, seen_text, value_text, verdict_word

from results import decision


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (9_007_199_254_740_993, "9007199254740993"),
        (0.1 + 0.2, "0.3"),
        (1e-9, "1e-09"),
        ("beta", "beta"),
        ("\x1b[31m", r"\x1b[31m"),
    ],
)
def test_a_value(value, text):
    assert value_text(value) == text


def test_signals_that_were_seen_and_those_that_were_not():
    assert seen_text({"a.b": 0.5, "a.c": None}) == "a.b = 0.5, a.c missing"


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (UNKNOWN, "unknown"),
        (True, "true"),
        (0.5, "0.5"),
        ("beta", '"beta"'),
        ([1, "a", UNKNOWN], '[1, "a", unknown]'),
        (b"x", "\"b'x'\""),
    ],
)
def test_an_outcome(outcome, text):
    assert outcome_text(outcome) == text


@pytest.mark.parametrize(
    ("margin", "text"),
    [
        (0.6, "60 % inside the limit"),
        (-1.5, "150 % beyond the limit"),
        (0.0123, "1.2 % inside the limit"),
        (-0.0004, "0.04 % beyond the limit"),
        (0.0, "exactly at the limit"),
    ],
)
def test_a_margin(margin, text):
    assert margin_text(margin) == text


def test_a_decision_in_one_word():
    assert [verdict_word(decision(verdict)) for verdict in Verdict] == ["advance", "hold", "rollback"]
    assert verdict_word(decision(Verdict.ADVANCE, is_complete=True)) == "complete"
    assert verdict_word(decision(is_refused=True)) == "refused"
