"""
Exact sums and their rounding.
"""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from canarypolicy.derived.exact import ONE, exact, nearest_double, plain, typed
from canarypolicy.derived.window import Missing
from canarypolicy.documents.signals import INT_MAX, INT_MIN, SignalType
from hypothesis import given, settings
from hypothesis import strategies as st

LAW = settings(deadline=None, derandomize=True, max_examples=300)
DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
LARGEST = 1.7976931348623157e308


@LAW
@given(DOUBLES | st.integers(INT_MIN, INT_MAX))
def test_a_number_is_counted_exactly(value):
    """Nothing is lost: as a fraction, the count over one is the number."""
    assert Fraction(exact(value), ONE) == Fraction(value)


@LAW
@given(st.lists(st.floats(-1e300, 1e300)))
def test_a_sum_is_rounded_once(values):
    """The sum is that of math.fsum, which is correctly rounded."""
    assert typed(sum(map(exact, values)), SignalType.DOUBLE) == math.fsum(values)


@LAW
@given(st.integers(), st.integers(min_value=1) | st.integers(max_value=-1))
def test_a_quotient_is_rounded_once(numerator, denominator):
    """The quotient is the double nearest to the fraction, whatever the signs."""
    assert nearest_double(numerator, denominator) == float(Fraction(numerator, denominator))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(-0.0, "0.0", id="minus zero becomes zero"),
        pytest.param(0.0, "0.0", id="zero stays"),
        pytest.param(0, "0", id="an int stays an int"),
        pytest.param(-5e-324, "-5e-324", id="the smallest double stays"),
        pytest.param(INT_MAX, str(INT_MAX), id="a large int is not rounded"),
    ],
)
def test_plain_numbers(value, expected):
    """Only minus zero changes."""
    assert repr(plain(value)) == expected


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [
        pytest.param(0, -3, "0.0", id="zero over a negative number is not minus zero"),
        pytest.param(-1, 10 * ONE, "0.0", id="what rounds to zero from below is not minus zero"),
        pytest.param(1, 3, "0.3333333333333333", id="a third"),
    ],
)
def test_no_quotient_is_minus_zero(numerator, denominator, expected):
    """A value is the same whichever way zero was come to."""
    assert repr(nearest_double(numerator, denominator)) == expected


@pytest.mark.parametrize(
    ("total", "type_", "expected"),
    [
        pytest.param(INT_MAX, SignalType.INT, INT_MAX, id="the largest int fits"),
        pytest.param(INT_MAX + 1, SignalType.INT, None, id="one more does not"),
        pytest.param(INT_MIN, SignalType.INT, INT_MIN, id="the smallest int fits"),
        pytest.param(INT_MIN - 1, SignalType.INT, None, id="one less does not"),
        pytest.param(2**53 + 1, SignalType.INT, 2**53 + 1, id="an int that no double has is kept"),
        pytest.param(2**53 + 1, SignalType.DOUBLE, 2.0**53, id="as a double it is rounded"),
    ],
)
def test_typed_totals(total, type_, expected):
    """A total becomes a value of the type, or is missing where there is none."""
    found = typed(total * ONE, type_)
    if expected is None:
        assert found == Missing(why="the result is beyond the range of an int (64 bits)")
    else:
        assert (type(found), found) == (type(expected), expected)


def test_a_sum_may_pass_the_largest_double_on_its_way():
    """Only the end counts: 1e308 + 1e308 - 1e308 is 1e308, and twice the largest double is missing."""
    assert typed(exact(1e308) + exact(1e308) - exact(1e308), SignalType.DOUBLE) == 1e308
    assert typed(2 * exact(LARGEST), SignalType.DOUBLE) == Missing(why="the result is beyond the largest double")
