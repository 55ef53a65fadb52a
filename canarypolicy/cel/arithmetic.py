"""
What the operators and conversions of CEL give on Python's values, where Python itself gives something else.

Whatever has no value raises: `ArithmeticError` or `ValueError`, which both readings turn into unknown.
Signals, truth values and trees are not known here.
"""

from __future__ import annotations

import re
from math import isfinite, trunc
from typing import Final

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1

_WHOLE: Final = re.compile(r"[+-]?0*[0-9]{1,19}")
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_TRUTHS: Final = {"1": True, "t": True, "true": True, "TRUE": True, "True": True} | {
    "0": False,
    "f": False,
    "false": False,
    "FALSE": False,
    "False": False,
}


def int64(value: int) -> int:
    """
    Give an int back if it has 64 bits.
    """
    if not INT_MIN <= value <= INT_MAX:
        raise OverflowError("no 64-bit int")
    return value


def finite(value: float) -> float:
    """
    Give a double back if it is finite.
    """
    if not isfinite(value):
        raise OverflowError("not finite")
    return value


def int_quotient(left: int, right: int) -> int:
    """
    Divide ints, truncating towards zero.
    """
    quotient = abs(left) // abs(right)
    return int64(quotient if (left < 0) == (right < 0) else -quotient)


def int_remainder(left: int, right: int) -> int:
    """
    Give what the truncated division leaves, with the sign of the dividend.
    """
    remainder = abs(left) % abs(right)
    return -remainder if left < 0 else remainder


def to_int(value: float | str) -> int:
    """
    Convert to an int: doubles are truncated, text is a decimal number without spaces.
    """
    if isinstance(value, str):
        if _WHOLE.fullmatch(value) is None:
            raise ValueError("no int")
        return int64(int(value))
    return int64(trunc(value))


def to_double(value: float | str) -> float:
    """
    Convert to a double: text is a decimal number without spaces, and finite.
    """
    if isinstance(value, str):
        if _DECIMAL.fullmatch(value) is None:
            raise ValueError("no double")
        return finite(float(value))
    return float(value)


def to_bool(value: bool | str) -> bool:  # noqa: FBT001 - the value itself
    """
    Convert to a bool; text is one of the spellings of CEL.
    """
    if isinstance(value, str):
        if value not in _TRUTHS:
            raise ValueError("no bool")
        return _TRUTHS[value]
    return value


def to_string(value: bool | float | str) -> str:  # noqa: FBT001 - the value itself
    """
    Convert to text; a double is written with a point or an exponent, as in `1.0`.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
