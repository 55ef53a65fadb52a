"""
Operators and conversions give what CEL gives, or raise where there is no value.
"""

import math

import pytest
from canarypolicy.cel.arithmetic import (
    INT_MAX,
    INT_MIN,
    finite,
    int64,
    int_quotient,
    int_remainder,
    to_bool,
    to_double,
    to_int,
    to_string,
)

VALUES = {
    "division truncates": (int_quotient(7, 2), 3),
    "division truncates towards zero, negative dividend": (int_quotient(-7, 2), -3),
    "division truncates towards zero, negative divisor": (int_quotient(7, -2), -3),
    "division of two negatives": (int_quotient(-7, -2), 3),
    "division at the limit": (int_quotient(INT_MIN, 1), INT_MIN),
    "remainder has the sign of the dividend": (int_remainder(-7, 2), -1),
    "remainder by a negative": (int_remainder(7, -2), 1),
    "remainder of the smallest int": (int_remainder(INT_MIN, -1), 0),
    "the limits are ints": (int64(INT_MIN) + int64(INT_MAX), -1),
    "the largest double is finite": (finite(1.7976931348623157e308), 1.7976931348623157e308),
    "int of a double truncates": (to_int(-1.9), -1),
    "int of an int": (to_int(7), 7),
    "int of text": (to_int("-007"), -7),
    "int of text with a plus": (to_int("+9223372036854775807"), INT_MAX),
    "double of an int rounds": (to_double(2**53 + 1), float(2**53)),
    "double of text": (to_double("-.5e1"), -5.0),
    "double of text with a point at the end": (to_double("1."), 1.0),
    "bool of text": ([to_bool(text) for text in ("1", "t", "true", "TRUE", "True")], [True] * 5),
    "bool of text that is false": ([to_bool(text) for text in ("0", "f", "false", "FALSE", "False")], [False] * 5),
    "bool of a bool": (to_bool(True), True),
    "text of a bool": (to_string(True) + to_string(False), "truefalse"),
    "text of numbers": ([to_string(value) for value in (7, 1.0, -0.0, 1e20)], ["7", "1.0", "-0.0", "1e+20"]),
    "text of text": (to_string("a"), "a"),
}


@pytest.mark.parametrize("case", VALUES)
def test_a_value(case):
    given, expected = VALUES[case]
    assert given == expected
    assert type(given) is type(expected)


FAILURES = {
    "an int over the limit": (int64, INT_MAX + 1),
    "an int under the limit": (int64, INT_MIN - 1),
    "infinity": (finite, math.inf),
    "NaN": (finite, math.nan),
    "int of infinity": (to_int, math.inf),
    "int of NaN": (to_int, math.nan),
    "int of a large double": (to_int, 2.0**63),
    "int of text with a point": (to_int, "1.0"),
    "int of text with spaces": (to_int, " 1"),
    "int of text with an underscore": (to_int, "1_0"),
    "int of text in another script": (to_int, "٣"),
    "int of hexadecimal text": (to_int, "0x10"),
    "int of text of 65 bits": (to_int, "9223372036854775808"),
    "int of very long text": (to_int, "9" * 5000),
    "int of nothing": (to_int, ""),
    "double of infinity's name": (to_double, "inf"),
    "double of NaN's name": (to_double, "nan"),
    "double of text that is too large": (to_double, "1e999"),
    "double of text with spaces": (to_double, "1 "),
    "double of text with an underscore": (to_double, "1_0"),
    "bool of another spelling": (to_bool, "tRUE"),
    "bool of another number": (to_bool, "2"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_no_value(case):
    function, value = FAILURES[case]
    with pytest.raises((ArithmeticError, ValueError)):
        function(value)


@pytest.mark.parametrize("function", [int_quotient, int_remainder])
def test_nothing_is_divided_by_zero(function):
    with pytest.raises(ZeroDivisionError):
        function(1, 0)


def test_the_quotient_that_has_no_int():
    with pytest.raises(OverflowError):
        int_quotient(INT_MIN, -1)
