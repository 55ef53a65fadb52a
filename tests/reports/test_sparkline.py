"""
Small columns.
"""

import pytest
from canarypolicy.reports.sparkline import sparkline

DRAWN = [
    ("from the lowest to the highest", [0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█"),
    ("missing is a dot", [0.0, None, 1.0], "▁·█"),
    ("nothing but missing", [None, None], "··"),
    ("no values", [], ""),
    ("a number that never changes is in the middle", [3.0, 3.0], "▄▄"),
    ("truths have fixed heights", [False, False], "▁▁"),
    ("true is high", [True, False, None], "█▁·"),
    ("text has no height", ["a", 1.0, 2.0], "·▁█"),
    ("the largest doubles", [-1.7e308, 0.0, 1.7e308], "▁▅█"),
]


@pytest.mark.parametrize(("what", "values", "line"), DRAWN, ids=[what for what, _, _ in DRAWN])
def test_columns(what, values, line):
    assert sparkline(values) == line
