"""
SPEC section 2.1: what is present, what is missing and why, and the one exception that clips.
"""

import math

import pytest
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.documents.signals import Signal
from canarypolicy.engine.sample import RawSample, admit, admit_sample
from hypothesis import given, settings
from hypothesis import strategies as st

NAN, INF = math.nan, math.inf


def signal(**kwargs):
    return Signal.model_validate({"healthy": 0.5, **kwargs})


RATIO = signal(range=[0, 1], worse="higher")
OPEN = signal()
COUNT = signal(type="int", healthy=3, range=[0, None], worse="lower")
FLAG = signal(type="bool", healthy=False, worse="higher")
COLOUR = signal(type="string", healthy="green", values=["green", "red"])

ADMITTED = [
    ("JSON 500 for a double is 500.0", OPEN, 500, 500.0),
    ("3.0 for an int is 3", COUNT, 3.0, 3),
    ("a double as it is", RATIO, 0.25, 0.25),
    ("minus zero stays", OPEN, -0.0, -0.0),
    ("both ends belong to the range, low", RATIO, 0, 0.0),
    ("both ends belong to the range, high", RATIO, 1, 1.0),
    ("1 for a bool", FLAG, 1, True),
    ("0.0 for a bool", FLAG, 0.0, False),
    ("a bool", FLAG, True, True),
    ("a declared text", COLOUR, "red", "red"),
    ("the largest int", signal(type="int", healthy=0), 2**63 - 1, 2**63 - 1),
]

MISSING = [
    ("null", RATIO, None, "no value"),
    ("NaN", RATIO, NAN, "not a number"),
    ("infinity", RATIO, INF, "infinite"),
    ("minus infinity on no worse side", RATIO, -INF, "infinite"),
    ("a bool for a double", RATIO, True, "`True` is no double"),
    ("text for a double", RATIO, "0.1", "`0.1` is no double"),
    ("a list", RATIO, [1], "`[1]` is no double"),
    ("an int beyond every double", OPEN, 10**400, "is no double"),
    ("3.5 for an int", COUNT, 3.5, "`3.5` is no int"),
    ("a bool for an int", COUNT, True, "`True` is no int"),
    ("an int beyond 64 bits", signal(type="int", healthy=0), 2**63, "is no int"),
    ("NaN for an int", COUNT, NAN, "not a number"),
    ("infinity for a bool", FLAG, INF, "infinite"),
    ("2 for a bool", FLAG, 2, "`2` is no bool"),
    ("text for a bool", FLAG, "true", "`true` is no bool"),
    ("a number for a text", COLOUR, 1, "`1` is no string"),
    ("a text that is not declared", COLOUR, "blue", "`blue` is not one of the declared values"),
    ("below the range, which is not the worse side", RATIO, -0.1, "-0.1 is out of range"),
    ("beyond the range of a signal without a worse side", signal(range=[0, 1]), 1.5, "1.5 is out of range"),
]


@pytest.mark.parametrize(("declared", "raw", "expected"), [case[1:] for case in ADMITTED], ids=[case[0] for case in ADMITTED])
def test_present(declared, raw, expected):
    value, why = admit(raw, declared)
    assert (value, type(value), why) == (expected, type(expected), "")
    assert not isinstance(value, float) or math.copysign(1, value) == math.copysign(1, expected)


@pytest.mark.parametrize(("declared", "raw", "expected"), [case[1:] for case in MISSING], ids=[case[0] for case in MISSING])
def test_missing_with_why(declared, raw, expected):
    value, why = admit(raw, declared)
    assert value is None
    assert expected in why


def test_beyond_the_range_on_the_worse_side_is_clipped_to_the_bound():
    """Worse is never safer: a broken exporter's 250 % errors are at least 100 %."""
    assert admit(2.5, RATIO) == (1.0, "2.5 taken as 1, the end of the range")
    assert admit(-4, COUNT) == (0, "-4 taken as 0, the end of the range")
    assert isinstance(admit(2.5, RATIO)[0], float)


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.lists(st.integers(), max_size=2)))
@settings(deadline=None, derandomize=True, max_examples=300)
def test_whatever_comes_is_a_finite_value_in_range_or_missing_with_why(raw):
    for declared in (RATIO, OPEN, COUNT, FLAG, COLOUR):
        value, why = admit(raw, declared)
        if value is None:
            assert why
        elif isinstance(value, (int, float)):
            low, high = declared.range
            assert math.isfinite(value)
            assert (low is None or value >= low) and (high is None or value <= high)
        else:
            assert value in declared.values


def test_every_declared_signal_is_present_or_missing_and_undeclared_ones_are_left_out():
    raw = RawSample(at_us=0, signals={"a": 0.5, "b": NAN, "d": 1}, why={"c": "HTTP 500", "a": "not used"})
    admitted = admit_sample(raw, {"a": RATIO, "b": RATIO, "c": RATIO})
    assert admitted.values == {"a": 0.5}
    assert admitted.missing == {"b": "not a number", "c": "HTTP 500"}


def test_a_value_older_than_max_age_is_missing_and_at_max_age_it_is_not():
    declared = {"a": signal(max_age="90s")}
    at = 1_000 * SECOND_US
    fresh = admit_sample(RawSample(at_us=at, signals={"a": 1.0}, times_us={"a": at - 90 * SECOND_US}), declared)
    stale = admit_sample(RawSample(at_us=at, signals={"a": 1.0}, times_us={"a": at - 91 * SECOND_US}), declared)
    unsaid = admit_sample(RawSample(at_us=at, signals={"a": 1.0}), declared)
    assert fresh.values == unsaid.values == {"a": 1.0}
    assert stale.missing == {"a": "1m31s old, over its max_age of 1m30s"}


def test_clipping_is_told():
    admitted = admit_sample(RawSample(at_us=0, signals={"a": 7.0}), {"a": RATIO})
    assert admitted.values == {"a": 1.0}
    assert admitted.clipped == {"a": "7.0 taken as 1, the end of the range"}
