import math

import pytest
from canarypolicy.documents.signals import Signal, SignalType
from pydantic import ValidationError


def fault(**written):
    with pytest.raises(ValidationError) as raised:
        Signal.model_validate(written)
    (error,) = raised.value.errors()
    return error["type"], error["ctx"]["sentence"], error["ctx"]["at"]


@pytest.mark.parametrize(
    ("written", "name", "sentence", "at"),
    [
        ({"type": "bool", "range": [0, 1], "healthy": False}, "range-without-order", "a bool signal has no range", ("range",)),
        ({"range": [0, math.inf], "healthy": 1}, "not-finite", "a bound of a range is finite; write null for an open side", ("range", 1)),
        ({"type": "int", "range": [0.5, 2], "healthy": 1}, "wrong-type", "a bound of an int signal's range is an int, found `0.5`", ("range", 0)),
        ({"range": [2, 1], "healthy": 1}, "empty-range", "the range starts at 2 and ends before it, at 1", ("range",)),
        ({"type": "string", "healthy": "a"}, "string-without-values", "a string signal needs its `values`", ("type",)),
        ({"values": ["a"], "healthy": 1}, "values-without-string", "only a string signal has `values`, this one is a double", ("values",)),
        ({"type": "string", "values": ["a", "a"], "healthy": "a"}, "repeated-value", "a value stands twice in `values`", ("values",)),
        ({"type": "string", "values": ["a"], "healthy": "b"}, "healthy-out-of-range", "`healthy` is none of the `values`, found `b`", ("healthy",)),
        ({"type": "string", "values": ["a"], "healthy": "a", "worse": "higher"}, "worse-without-order", "a string signal has no worse side", ("worse",)),
        ({"type": "string", "values": ["a"], "healthy": "a", "unit": "ratio"}, "unit-without-number", "a string signal has no unit", ("unit",)),
        ({"healthy": True}, "wrong-type", "`healthy` is no double, found `true`", ("healthy",)),
        ({"healthy": "x"}, "wrong-type", "`healthy` is no double, found the text `x`", ("healthy",)),
        ({"type": "int", "healthy": 1.0}, "wrong-type", "`healthy` is no int, found `1.0`", ("healthy",)),
        ({"type": "bool", "healthy": 1}, "wrong-type", "`healthy` is no bool, found `1`", ("healthy",)),
        ({"healthy": math.nan}, "not-finite", "`healthy` is not finite", ("healthy",)),
        ({"range": [0, 1], "healthy": 1.5}, "healthy-out-of-range", "`healthy` is out of the range: 1.5", ("healthy",)),
        ({"range": [0, None], "healthy": -1}, "healthy-out-of-range", "`healthy` is out of the range: -1", ("healthy",)),
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_said(written, name, sentence, at):
    """Each fault has its sentence and the key it is about."""
    assert fault(**written) == (name, sentence, at)


@pytest.mark.parametrize(
    "written",
    [
        {"healthy": 0},
        {"healthy": 1, "range": [0, 1], "worse": "higher", "max_age": "90s"},
        {"healthy": 0.0, "range": [None, 0]},
        {"type": "int", "healthy": 3, "range": [0, None]},
        {"type": "bool", "healthy": False, "worse": "higher"},
        {"type": "string", "healthy": "", "values": ["", "a"]},
    ],
)
def test_what_fits_together_is_a_signal(written):
    """Bounds are inclusive, null is open."""
    assert Signal.model_validate(written).healthy == written["healthy"]


def test_numbers_are_doubles_and_ints():
    """Only they have a range and a unit."""
    assert [type_.value for type_ in SignalType if type_.is_numeric] == ["double", "int"]
