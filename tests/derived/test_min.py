"""
`min`; that it follows its definition is a law in `test_derived.py`.
"""

from __future__ import annotations

import pytest

from derived.histories import INT, last


@pytest.mark.parametrize(
    ("series", "more", "expected"),
    [
        pytest.param([-9.0, 9.0, 3.0, 1.0, 2.0, 5.0, 4.0], {"over": "5m"}, 1.0, id="what has left the window does not count"),
        pytest.param([3.0, 1.0, 2.0, 2.0, 2.0], {"over": "5m"}, 1.0, id="anywhere in the window"),
        pytest.param([3, 1, 2, 2, 2], {"like": INT, "over": "5m"}, 1, id="an int where the signal is one"),
        pytest.param([2**53, 2**53 + 1, 2**53], {"like": INT}, 2**53, id="large ints are not rounded"),
        pytest.param([0.0, None, -0.0, -0.0], {}, 0.0, id="minus zero is zero"),
        pytest.param([1e308, -1e308, 5e-324], {}, -1e308, id="the largest doubles"),
    ],
)
def test_min(series, more, expected):
    """The least present value, in the signal's type."""
    found = last("min", series, **more)
    assert (type(found), repr(found)) == (type(expected), repr(expected))
