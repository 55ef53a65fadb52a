"""
Counts; that they follow their definition is a law in `test_derived.py`.
"""

from __future__ import annotations

import pytest

from derived.histories import BOOL, INT, STRING, last


@pytest.mark.parametrize(
    ("series", "more", "expected"),
    [
        pytest.param([1.0] * 9, {"over": "5m"}, 5, id="the samples in the window"),
        pytest.param([1.0, None, 1.0, None, 1.0], {}, 2, id="missing samples do not count"),
        pytest.param([0, 0, 0], {"like": INT}, 3, id="a zero counts one"),
        pytest.param([False, True, False], {"like": BOOL}, 3, id="so does a false"),
        pytest.param(["ready", "busy", "ready"], {"like": STRING}, 3, id="and text"),
    ],
)
def test_counts(series, more, expected):
    """How many are present, whatever they are."""
    found = last("count", series, **more)
    assert (type(found), found) == (int, expected)
