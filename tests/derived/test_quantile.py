"""
Quantiles; that they follow their definition is a law in `test_derived.py`.
"""

from __future__ import annotations

import statistics

import numpy as np
import pytest

from derived.histories import INT, last


@pytest.mark.parametrize(
    ("q", "series", "more", "expected"),
    [
        pytest.param(0, [9.0, 1.0, 4.0, 2.0], {}, 1.0, id="the least"),
        pytest.param(1, [9.0, 1.0, 4.0, 2.0], {}, 9.0, id="the greatest"),
        pytest.param(0.5, [9.0, 1.0, 4.0], {}, 4.0, id="the median of three"),
        pytest.param(0.5, [9.0, 1.0, 4.0, 2.0], {}, 3.0, id="the median of four lies between two"),
        pytest.param(0.25, [1.0, 2.0, 3.0, 4.0], {}, 1.75, id="R-7, not R-6 (1.25) nor R-8 (1.4166...)"),
        pytest.param(0.95, [100.0, 0.0, 1.0, 2.0, 3.0, 4.0], {"over": "5m"}, 3.8, id="what has left the window does not count"),
        pytest.param(0.5, [1, 2, 2, 9], {"like": INT}, 2.0, id="a quantile of ints is a double"),
        pytest.param(0.5, [1, 2, 3, 9], {"like": INT}, 2.5, id="which may lie between two ints"),
        pytest.param(0.5, [-1e308, 1e308, 1e308, -1e308], {}, 0.0, id="the largest doubles can be interpolated"),
        pytest.param(0.75, [1.7976931348623157e308] * 4, {}, 1.7976931348623157e308, id="equal values give that value"),
        pytest.param(0.5, [5e-324, 0.0, 5e-324, 0.0], {}, 0.0, id="half of the smallest double is rounded to even"),
        pytest.param(0.3, [-0.0, 0.0, -0.0, 0.0], {}, 0.0, id="no quantile is minus zero"),
        pytest.param(0.5, [7.0], {"min_samples": 1, "over": "1m"}, None, id="one sample covers nothing"),
        pytest.param(0.9, [None, 7.0], {"min_samples": 1, "over": "1m"}, 7.0, id="one sample that covers is every quantile"),
    ],
)
def test_quantiles(q, series, more, expected):
    """Linear between order statistics."""
    found = last("quantile", series, q=q, **more)
    assert repr(getattr(found, "why", found)) == repr("0s of 1m covered, half is needed" if expected is None else expected)


def test_q_is_the_decimal_that_was_written():
    """0.95 of 21 values is the 20th, though 0.95 as a double is less: a huge neighbour does not leak in."""
    values = [-1e300, *[float(index) for index in range(20)]]
    assert last("quantile", values, q=0.05, over="21m") == 0.0
    assert last("quantile", [1e300, *values[1:]], q=0.95, over="21m") == 19.0


def test_it_is_that_of_the_standard_library_and_of_numpy():
    """Both call it inclusive or linear; they round more often."""
    values = [((index * 7919) % 101) / 7 for index in range(60)]
    for percent, expected in enumerate(statistics.quantiles(values, n=100, method="inclusive"), start=1):
        found = last("quantile", values, q=percent / 100, over="1h")
        assert found == pytest.approx(expected, rel=1e-14)
        assert found == pytest.approx(float(np.quantile(values, percent / 100)), rel=1e-12)
