"""
The examples of the page on derived functions are right.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from canarypolicy.derived.window import Missing

from derived.histories import DOUBLE, fold, minutes

PAGE = Path(__file__).parents[2] / "docs" / "derived.md"
ROWS = re.findall(
    r"^\| `(\w+: \{of: a.*?\})`(?:, `full` entered at minute (\d+))? \| (.+?) \| (.+?) \|$",
    PAGE.read_text(encoding="utf-8"),
    re.MULTILINE,
)


def test_there_are_examples():
    """The pattern finds the table's rows."""
    assert len(ROWS) == 9


@pytest.mark.parametrize(("written", "minute", "shown", "expected"), ROWS, ids=[f"{row[0]} of {row[2]}" for row in ROWS])
def test_an_example_is_right(written, minute, shown, expected):
    """What the page says of a series is what the function says."""
    ((name, parameters),) = yaml.safe_load(written).items()
    columns = [
        [None if each == "_" else float(each) for each in series.split()] for series in re.findall(r"`\w: ([^`]+)`", shown)
    ]
    over = minutes(*columns, entries=[("full", int(minute))] if minute else [])
    value = fold(name, parameters, (DOUBLE,) * len(columns), over)[-1]
    if isinstance(value, Missing):
        assert expected == f"missing: {value.why}"
    else:
        assert expected == f"`{str(value).lower() if isinstance(value, bool) else value}`"
