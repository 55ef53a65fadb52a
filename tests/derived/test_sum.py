"""
Sums; that they follow their definition is a law in `test_derived.py`.
"""

from __future__ import annotations

import math

import pytest
from canarypolicy.derived.window import Missing
from canarypolicy.documents.signals import INT_MAX, INT_MIN

from derived.histories import INT, last

TOO_LARGE = Missing(why="the result is beyond the largest double")
TOO_LONG = Missing(why="the result is beyond the range of an int (64 bits)")


@pytest.mark.parametrize(
    ("series", "more", "expected"),
    [
        pytest.param([9.0, 1.0, 2.0, 3.0, 4.0, 5.0], {"over": "5m"}, 15.0, id="the sum of the five samples in the window"),
        pytest.param([1, 2, None, 3], {"like": INT}, 6, id="the sum of ints is an int"),
        pytest.param([1.0, -1.0, 0.0], {}, 0.0, id="a sum of zero is present"),
        pytest.param([0.1] * 10, {"over": "10m"}, 1.0, id="ten times a tenth is one"),
        pytest.param([1e16, 1.0, -1e16], {}, 1.0, id="small values beside large ones are not lost"),
        pytest.param([1e308, 1e308, 0.0], {}, TOO_LARGE, id="a sum beyond the doubles is missing"),
        pytest.param([1e308, 1e308, -1e308], {}, 1e308, id="but only the end counts"),
        pytest.param([INT_MAX, 0, 0], {"like": INT}, INT_MAX, id="the largest int"),
        pytest.param([INT_MAX, 1, 0], {"like": INT}, TOO_LONG, id="a sum beyond 64 bits is missing"),
        pytest.param([INT_MIN, -1, 0], {"like": INT}, TOO_LONG, id="also below"),
        pytest.param([INT_MAX, 1, -1], {"like": INT}, INT_MAX, id="here too only the end counts"),
    ],
)
def test_sums(series, more, expected):
    """Exact, in the signal's type, and missing where it does not fit."""
    found = last("sum", series, **more)
    assert (type(found), repr(found)) == (type(expected), repr(expected))


def test_sliding_does_not_drift():
    """After ten thousand samples of very different size the sum is still that of what is in the window."""
    values = [10.0 ** (index % 37 - 18) * (-1) ** index for index in range(10_000)]
    assert last("sum", values, over="31m") == math.fsum(values[-31:])
