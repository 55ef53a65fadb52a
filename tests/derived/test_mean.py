"""
Means; that they follow their definition is a law in `test_derived.py`.
"""

from __future__ import annotations

import statistics

import pytest

from derived.histories import INT, last


@pytest.mark.parametrize(
    ("series", "more", "expected"),
    [
        pytest.param([0.0, 1.0, 2.0, 3.0, 6.0, 9.0], {}, 4.2, id="the mean of the five samples in the window"),
        pytest.param([1, 2, 4, 4, 4], {"like": INT}, 3.0, id="the mean of ints is a double"),
        pytest.param([0.0, None, 2.0, 3.0, 3.0], {}, 2.0, id="missing samples do not count as zero"),
        pytest.param([-0.0] * 5, {}, 0.0, id="the mean of minus zeros is zero"),
        pytest.param([1e308] * 5, {}, 1e308, id="a sum beyond the doubles has a mean"),
        pytest.param([1e16, 1.0, -1e16, 1.0, 0.0], {}, 0.4, id="small values beside large ones are not lost"),
        pytest.param([0.1] * 5, {}, 0.1, id="the mean of equal values is that value"),
    ],
)
def test_means(series, more, expected):
    """Each present sample counts alike, and the quotient is rounded once."""
    found = last("mean", series, **{"over": "5m", **more})
    assert (type(found), repr(found)) == (float, repr(expected))


def test_it_is_the_mean_of_the_standard_library():
    """For 40 values that no double adds exactly."""
    values = [1 / (index + 1) for index in range(40)]
    assert last("mean", values, over="30m") == statistics.mean(values[-30:])
