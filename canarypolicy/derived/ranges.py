"""
Types and ranges of inputs and results, before any value is known.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from canarypolicy.documents.signal_type import SignalType

if TYPE_CHECKING:
    from canarypolicy.derived.window import Input, Range


def numbers(function: str, names: tuple[str, ...], inputs: tuple[Input, ...]) -> tuple[Input, ...]:
    """
    Give the inputs back if all of them are numbers; a `ValueError` names the first that is not.
    """
    for name, each in zip(names, inputs, strict=True):
        if not each.type.is_numeric:
            raise ValueError(
                f"`{function}` reads numbers, but `{name}` is a {each.type.value} signal: expected a double or an int"
            )
    return inputs


def in_doubles(range_: Range) -> Range:
    """
    Give a range with its bounds as doubles: a mean of ints is rounded, and so is its bound.
    """
    low, high = range_
    return bound(low, SignalType.DOUBLE), bound(high, SignalType.DOUBLE)


def bound(value: float | None, type_: SignalType) -> float | None:
    """
    Give a bound in a type; one beyond the largest double bounds nothing.
    """
    if value is None or not isfinite(value):
        return None
    return float(value) if type_ is SignalType.DOUBLE else value
