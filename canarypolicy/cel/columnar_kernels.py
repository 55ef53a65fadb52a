"""
What the columnar reading computes with beyond NumPy's own functions: operands first, then the arrays that take the results.

Where a value is not known anything may stand, and nothing that comes of it is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from canarypolicy.cel.arithmetic import INT_MAX, INT_MIN

if TYPE_CHECKING:
    from canarypolicy.cel.columns import Array

_SURELY_INT64: Final = 2.0**62
_TWO_TO_63: Final = 2.0**63


def chosen(is_yes: Array, yes: Any, no: Any, out: Array) -> None:
    """
    Choose between two numbers at each row.
    """
    np.copyto(out, no)
    np.copyto(out, yes, where=is_yes)


def to_double(values: Array, out: Array) -> None:
    """
    Convert ints to the nearest doubles.
    """
    np.copyto(out, values)


def int_sum(left: Any, right: Any, value: Array, fits: Array) -> None:
    """
    Add ints, and tell where the sum has 64 bits.
    """
    np.add(left, right, value)
    np.greater_equal((left ^ value) & (right ^ value), 0, fits)


def int_difference(left: Any, right: Any, value: Array, fits: Array) -> None:
    """
    Subtract ints, and tell where the difference has 64 bits.
    """
    np.subtract(left, right, value)
    np.greater_equal((left ^ right) & (left ^ value), 0, fits)


def int_product(left: Any, right: Any, value: Array, fits: Array) -> None:
    """
    Multiply ints, and tell where the product has 64 bits; the few that come near the limit are multiplied as Python's.
    """
    np.multiply(left, right, value)
    rough = np.abs(np.multiply(left, right, dtype=np.float64))
    np.less(rough, _SURELY_INT64, fits)
    lefts, rights = np.broadcast_to(left, value.shape), np.broadcast_to(right, value.shape)
    for place in np.flatnonzero(~fits):
        fits[place] = INT_MIN <= int(lefts[place]) * int(rights[place]) <= INT_MAX


def int_quotient(left: Any, right: Any, value: Array, fits: Array) -> None:
    """
    Divide ints, truncating towards zero; by zero, and where the quotient has no 64 bits, is undefined.
    """
    is_minus_one = np.equal(right, -1)
    divisor = np.where(np.equal(right, 0) | is_minus_one, 1, right)
    quotient = (left - np.fmod(left, divisor)) // divisor
    np.copyto(value, np.where(is_minus_one, np.negative(left), quotient))
    np.copyto(fits, np.not_equal(right, 0) & ~(is_minus_one & np.equal(left, INT_MIN)))


def int_remainder(left: Any, right: Any, value: Array, fits: Array) -> None:
    """
    Give what the truncated division leaves, with the sign of the dividend; by zero is undefined.
    """
    np.fmod(left, np.where(np.equal(right, 0) | np.equal(right, -1), 1, right), value)
    np.not_equal(right, 0, fits)


def to_int(values: Array, value: Array, fits: Array) -> None:
    """
    Truncate doubles to ints, and tell where there is one of 64 bits.
    """
    whole = np.trunc(values)
    np.copyto(fits, (whole >= -_TWO_TO_63) & (whole < _TWO_TO_63))
    np.copyto(value, np.where(fits, whole, 0.0), casting="unsafe")
