"""
Deltas; that they follow their definition is a law in `test_derived.py`.
"""

from __future__ import annotations

import pytest
from canarypolicy.derived.window import Missing
from canarypolicy.documents.signals import INT_MAX

from derived.histories import INT, last


@pytest.mark.parametrize(
    ("series", "more", "expected"),
    [
        pytest.param([9.0, 1.0, 2.0, 9.0, 4.0, 6.0], {"over": "5m"}, 5.0, id="the last less the first in the window"),
        pytest.param([6.0, 2.0, 1.0], {}, -5.0, id="a fall is negative"),
        pytest.param([7, 9, 10], {"like": INT}, 3, id="the delta of ints is an int"),
        pytest.param([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], {"over": "2m"}, 1.0, id="nothing is extrapolated to the edges"),
        pytest.param([5.0, 1.0, 3.0], {}, -2.0, id="a counter's reset is a fall like any other"),
        pytest.param([9.0, None, 1.0, None, 4.0, 4.0], {}, 3.0, id="missing samples are passed over"),
        pytest.param([None, 2.0], {"min_samples": 1, "over": "2m"}, 0.0, id="one sample has not moved"),
        pytest.param([0.0, 1.0, -0.0], {}, 0.0, id="no delta is minus zero"),
        pytest.param([-1e308, 0.0, 1e308], {}, Missing(why="the result is beyond the largest double"), id="beyond the doubles"),
        pytest.param(
            [-1, 0, INT_MAX],
            {"like": INT},
            Missing(why="the result is beyond the range of an int (64 bits)"),
            id="beyond 64 bits",
        ),
    ],
)
def test_deltas(series, more, expected):
    """The difference of two values, in the signal's type."""
    found = last("delta", series, **more)
    assert (type(found), repr(found)) == (type(expected), repr(expected))
