"""
Round numbers near a number: what a witness shows instead of 0.024999173.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal

MOST_DIGITS = 17
"""So many tell every double from every other."""


def round_numbers(value: float, *, whole: bool) -> Iterator[float]:
    """
    Give numbers near a value, the roundest first: with 1 to 17 digits the nearest, the one below and the one above.

    `whole`: only whole numbers, as ints.
    """
    exact = Decimal(value)
    given: set[float] = set()
    for digits in range(1, MOST_DIGITS + 1):
        for rounding in (ROUND_HALF_EVEN, ROUND_FLOOR, ROUND_CEILING):
            rounded = Context(prec=digits, rounding=rounding).plus(exact)
            if whole and rounded != rounded.to_integral_value():
                continue
            number = int(rounded) if whole else float(rounded) + 0.0  # no negative zero
            if number not in given:
                given.add(number)
                yield number
