"""
Promtool's notation for series, value for value.
"""

from __future__ import annotations

import math

import pytest
from canarypolicy.documents.series import LEFT_OUT, MOST_SAMPLES, WENT_STALE, Absent, series_of
from canarypolicy.documents.signals import Signal
from hypothesis import given
from hypothesis import strategies as st

DOUBLE = Signal(healthy=0.0)
INT = Signal.model_validate({"type": "int", "healthy": 0})
BOOL = Signal.model_validate({"type": "bool", "healthy": False})
STRING = Signal.model_validate({"type": "string", "values": ["v1", "v1x2", "in progress"], "healthy": "v1"})

# The first six are those of Prometheus's own docs (docs/configuration/unit_testing_rules.md) and parser tests.
READ = [
    (DOUBLE, "-2+4x3", [-2.0, 2.0, 6.0, 10.0]),
    (DOUBLE, "1-2x4", [1.0, -1.0, -3.0, -5.0, -7.0]),
    (DOUBLE, "1x4", [1.0] * 5),
    (DOUBLE, "4 _ 6 stale", [4.0, LEFT_OUT, 6.0, WENT_STALE]),
    (DOUBLE, "1 _x3 2", [1.0, LEFT_OUT, LEFT_OUT, LEFT_OUT, 2.0]),
    (DOUBLE, "0x0", [0.0]),
    (DOUBLE, "0+0.1x3", [0.0, 0.1, 0.2, 0.3]),
    (DOUBLE, ".5 5. 1e-3x1 +2 1e1-1e0x1", [0.5, 5.0, 0.001, 0.001, 2.0, 10.0, 9.0]),
    (DOUBLE, "  1 \n 2\t3 ", [1.0, 2.0, 3.0]),
    (INT, "0+1x2 3.0 -1", [0, 1, 2, 3, -1]),
    (BOOL, "truex2 false 0 1x1", [True, True, True, False, False, True, True]),
    (STRING, 'v1x2 v1x1 "in progress"x1 _', ["v1x2", "v1", "v1", "in progress", "in progress", LEFT_OUT]),
    (STRING, "stale", [WENT_STALE]),
]


@pytest.mark.parametrize(("signal", "text", "items"), READ, ids=[text for _, text, _ in READ])
def test_what_a_series_says(signal, text, items):
    """Each text gives its values, with the signal's type."""
    found, faults = series_of(text, signal)
    assert faults == []
    assert found == items
    assert [type(each) for each in found] == [type(each) for each in items]


def test_what_is_not_finite_is_read_and_left_to_the_engine():
    found, faults = series_of("NaN Infx1 -Inf +inf", DOUBLE)
    assert faults == []
    assert math.isnan(found[0])
    assert found[1:] == [math.inf, math.inf, -math.inf, math.inf]


def test_counting_without_end_is_refused_before_it_grows():
    """A slip such as `1x1000000000` neither fills the memory nor takes a second."""
    found, (fault,) = series_of(f"1 0+1x{MOST_SAMPLES}", DOUBLE)
    assert (len(found), fault.name, fault.span) == (1, "series-too-long", (2, 2 + len(f"0+1x{MOST_SAMPLES}")))
    assert series_of(f"0x{'9' * 5000}", DOUBLE)[1][0].name == "series-too-long"
    assert series_of("_x999999999", DOUBLE)[1][0].name == "series-too-long"
    assert series_of(f"0x{MOST_SAMPLES - 1}", DOUBLE)[1] == []


@given(st.integers(-100, 100), st.integers(-100, 100), st.integers(0, 30))
def test_counting_is_exact_in_decimals(first, step, more):
    """Every sample is the number that a person would write, whatever the way to it."""
    text = f"{first / 100!r}{'+' if step >= 0 else ''}{step / 100!r}x{more}"
    found, faults = series_of(text, DOUBLE)
    assert faults == []
    assert found == [float(f"{first + step * index}e-2") for index in range(more + 1)]


@given(st.text(alphabet='0123456789.x+-_ eEstalNnIf"', max_size=30), st.sampled_from([DOUBLE, INT, BOOL, STRING]))
def test_any_text_is_read_or_said_to_be_wrong(text, signal):
    """Nothing raises; what has no fault has samples, each of the signal's type or absent."""
    found, faults = series_of(text, signal)
    assert found or faults
    kind = {"double": float, "int": int, "bool": bool, "string": str}[signal.type.value]
    assert all(isinstance(each, Absent) or type(each) is kind or (kind is int and not math.isfinite(each)) for each in found)
    assert all(0 <= fault.span[0] <= fault.span[1] <= len(text) for fault in faults)
