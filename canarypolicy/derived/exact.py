"""
Exact sums: every int and double is a whole multiple of the smallest double, 2^-1074, and so is every sum of them.

A sum kept as such a whole number depends on what is summed and on nothing else: not on the order, not on what has left
the window. It is rounded once, when it becomes a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from canarypolicy.derived.window import Missing
from canarypolicy.documents.signal_type import INT_MAX, INT_MIN, SignalType

if TYPE_CHECKING:
    from canarypolicy.documents.signal_type import Value

SHIFT: Final = 1074
ONE: Final = 1 << SHIFT
"""The number one, counted in the smallest double."""


def exact(value: float) -> int:
    """
    Count a number in the smallest double; -0.0 and 0.0 are both 0.
    """
    numerator, denominator = value.as_integer_ratio()
    return numerator << (SHIFT + 1 - denominator.bit_length())


def plain(value: float) -> int | float:
    """
    Give a number as it is, but -0.0 as 0.0: equal values must not be told apart by what happened to be there before.
    """
    return value + 0


def nearest_double(numerator: int, denominator: int) -> float | Missing:
    """
    Give the double nearest to a fraction, never -0.0; beyond the largest double it is missing.
    """
    try:
        return plain(numerator / denominator)  # of two ints, Python rounds the exact quotient once
    except OverflowError:
        return Missing(why="the result is beyond the largest double")


def typed(total: int, type_: SignalType) -> Value | Missing:
    """
    Give an exact total as a value of a signal's type; what does not fit into the type is missing.
    """
    if type_ is SignalType.DOUBLE:
        return nearest_double(total, ONE)
    whole = total >> SHIFT
    return whole if INT_MIN <= whole <= INT_MAX else Missing(why="the result is beyond the range of an int (64 bits)")
