"""
The canary's share of the traffic as a text to be sent, and as a number that was read.
"""

from __future__ import annotations

from decimal import Decimal
from math import isfinite

from canarypolicy.live.protocols import NotDone


def written_weight(weight: float) -> str:
    """
    Write a weight as people do: `10`, `12.5`, never an exponent.
    """
    return str(int(weight)) if weight == int(weight) else format(Decimal(repr(weight)), "f")


def percent_of(number: float, place: str) -> float:
    """
    Give a number that was read if it is a percentage; otherwise it is `NotDone`.
    """
    if not isfinite(number) or not 0 <= number <= 100:
        raise NotDone(f"{place}: a weight is between 0 and 100, found `{number:g}`")
    return float(number)
