"""
Cells of a table: what one text says to signals of four types.
"""

import math

import pytest
from canarypolicy.documents.signals import SignalType
from canarypolicy.engine.cell import Cell

DOUBLE, INT, BOOL, STRING = SignalType.DOUBLE, SignalType.INT, SignalType.BOOL, SignalType.STRING

READINGS = [
    ("an int stays exact, beyond every double", "9007199254740993", INT, 2**53 + 1),
    ("the lowest int", "-9223372036854775808", INT, -(2**63)),
    ("an int with a plus", "+7", INT, 7),
    ("a double", "-1.5e-3", DOUBLE, -0.0015),
    ("a double that begins with its point", ".5", DOUBLE, 0.5),
    ("a double that ends in its point", "5.", DOUBLE, 5.0),
    ("spaces around a number", " 0.5 ", DOUBLE, 0.5),
    ("overflow is infinity", "1e999", DOUBLE, math.inf),
    ("more digits than any number needs", "-" + "9" * 5000, DOUBLE, -math.inf),
    ("infinity by its name", "-Inf", DOUBLE, -math.inf),
    ("true in capitals, as spreadsheets write it", "TRUE", BOOL, True),
    ("false", "false", BOOL, False),
    ("a number for a bool, to be judged when it is admitted", "1", BOOL, 1),
    ("nothing", "", DOUBLE, None),
    ("only spaces", "   ", DOUBLE, None),
    ("underscores are no digits", "1_000", INT, "1_000"),
    ("digits of another script", "\u0661\u0662", INT, "\u0661\u0662"),
    ("a decimal comma", "0,5", DOUBLE, "0,5"),
    ("a line break behind a number", "1\n2", INT, "1\n2"),
    ("a name", "abc", DOUBLE, "abc"),
    ("a text that looks like a number", "1.0", STRING, "1.0"),
    ("a text keeps its spaces", " x ", STRING, " x "),
    ("a text that looks like nothing", "nan", STRING, "nan"),
]


@pytest.mark.parametrize(("text", "type_", "expected"), [each[1:] for each in READINGS], ids=[each[0] for each in READINGS])
def test_what_a_cell_says(text, type_, expected):
    found = Cell(text).read_as(type_)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize("text", ["nan", "NaN", "-nan"])
def test_not_a_number_by_its_name(text):
    assert math.isnan(Cell(text).read_as(DOUBLE))
