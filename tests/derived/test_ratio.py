"""
Ratios; that they follow their definition is a law in `test_derived.py`.
"""

from __future__ import annotations

import pytest
from canarypolicy.derived.window import Missing

from derived.histories import DOUBLE, INT, fold, minutes

_ = None


def last_ratio(of, to, inputs=(DOUBLE, DOUBLE), **written):
    return fold("ratio", {"of": "a", "to": "b", "over": "4m", **written}, inputs, minutes(of, to))[-1]


@pytest.mark.parametrize(
    ("of", "to", "expected"),
    [
        pytest.param([9.0, 1.0, 2.0, 3.0, 4.0], [9.0, 10.0, 0.0, 20.0, 10.0], 0.25, id="sum over sum, not the mean of ratios"),
        pytest.param([1.0, 1.0, 9.0, 1.0], [2.0, 2.0, _, 2.0], 0.5, id="what misses its other half does not count"),
        pytest.param([1.0, 1.0, _, 1.0], [2.0, 2.0, 90.0, 2.0], 0.5, id="on neither side"),
        pytest.param([1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, _], 0.5, id="one missing at this sample leaves the window's value"),
        pytest.param(
            [1.0, 1.0, 1.0, _],
            [2.0, 2.0, 2.0, _],
            Missing(why="`a` is missing: no value, `b` is missing: no value"),
            id="both missing at this sample",
        ),
        pytest.param(
            [1.0, 1.0, _, _],
            [2.0, 2.0, 2.0, 2.0],
            Missing(why="1m of 4m covered, half is needed"),
            id="only samples with both cover time",
        ),
        pytest.param([1.0, 1.0, 1.0], [0.0, 0.0, -0.0], Missing(why="the sum of `b` is zero"), id="zero below the line"),
        pytest.param([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], Missing(why="the sum of `b` is zero"), id="zero over zero"),
        pytest.param([1.0, 1.0, 1.0], [1.0, -2.0, 1.0], Missing(why="the sum of `b` is zero"), id="a sum of zero of both signs"),
        pytest.param([1.0, 1.0, 1.0], [1e16, 1.0, -1e16], 3.0, id="a sum that is nearly zero is not zero"),
        pytest.param([0.0, 0.0, 0.0], [-1.0, -1.0, -1.0], 0.0, id="no ratio is minus zero"),
        pytest.param([1e308] * 3, [1e308] * 3, 1.0, id="sums beyond the doubles have a ratio"),
        pytest.param(
            [1e308] * 3, [5e-324] * 3, Missing(why="the result is beyond the largest double"), id="a ratio beyond the doubles"
        ),
    ],
)
def test_ratios(of, to, expected):
    """Only samples at which both are present count, and nothing is divided by zero."""
    assert repr(last_ratio(of, to)) == repr(expected)


def test_ints_and_doubles_may_be_mixed():
    """The ratio of an int to a double, and of two ints, is a double."""
    assert repr(last_ratio([1, 2, 3], [8.0, 8.0, 8.0], (INT, DOUBLE))) == "0.25"
    assert repr(last_ratio([2, 2, 2], [1, 1, 1], (INT, INT))) == "2.0"


def test_a_signal_over_itself_is_one():
    """The same signal may stand on both sides."""
    found = fold("ratio", {"of": "a", "to": "a", "over": "4m"}, (DOUBLE, DOUBLE), minutes([0.1, 0.2, 0.3], [0.1, 0.2, 0.3]))
    assert found[-1] == 1.0
