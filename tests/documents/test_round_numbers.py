"""
Round numbers near a number.
"""

from itertools import islice

import pytest
from canarypolicy.documents.round_numbers import round_numbers
from hypothesis import given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("value", "whole", "begin"),
    [
        (0.024999173, False, [0.02, 0.03, 0.025, 0.024]),
        (-1.26, False, [-1.0, -2.0, -1.3, -1.2]),
        (1234, True, [1000, 2000, 1200, 1300, 1230, 1240, 1234]),
        (7, True, [7]),
        (0.0, False, [0.0]),
    ],
)  # fmt: skip
def test_the_roundest_come_first(value, whole, begin):
    assert list(islice(round_numbers(value, whole=whole), len(begin))) == begin


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
@settings(deadline=None, derandomize=True)
def test_the_number_itself_is_reached(value):
    """17 digits tell every double from every other, and each number comes once."""
    numbers = list(round_numbers(value, whole=False))
    assert value in numbers
    assert len(numbers) == len(set(numbers))


@given(st.integers(-(10**15), 10**15))
@settings(deadline=None, derandomize=True)
def test_whole_numbers_stay_whole(value):
    numbers = list(round_numbers(value, whole=True))
    assert numbers[-1] == value or value in numbers
    assert all(isinstance(each, int) for each in numbers)
