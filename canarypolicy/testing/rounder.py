"""
Numbers that are off healthy put where a reader would put them: few digits, next to the limit that they pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from math import floor, isfinite, log10
from typing import TYPE_CHECKING

from canarypolicy.documents.round_numbers import round_numbers
from canarypolicy.documents.signals import SignalType
from canarypolicy.testing.even_history import columns_off, digits_of, distance, is_number

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Signal, Value
    from canarypolicy.testing.even_history import EvenHistory
    from canarypolicy.testing.taking_away import Bounds

_MOST_DIGITS = 3
_DECADES = 4
"""So many powers of ten below a number are looked at for a smaller one."""


def rounder(history: EvenHistory, bounds: Bounds) -> Iterator[EvenHistory]:
    """
    Replace a number of a signal, wherever it stands, by one with fewer digits or, with as many, nearer to healthy.
    """
    for column, values in columns_off(history, bounds.healthy).items():
        good, signal = bounds.healthy[column], bounds.signals[column]
        for value in dict.fromkeys(values):
            if not is_number(value) or not is_number(good) or value == good:
                continue
            for number in _candidates(value, good, bounds.limits[column], signal):
                yield history.with_column(column, partial(_instead, value, number))


def _instead(old: Value, new: Value, _: int, value: Value | None) -> Value | None:
    return new if value == old else value


def _candidates(value: float, good: float, limits: Iterable[float], signal: Signal) -> list[float]:
    """
    Give numbers that are rounder than a value, the roundest first, of equally round ones the nearest to healthy.
    """
    is_whole = signal.type is SignalType.INT
    found = set(round_numbers(value, whole=is_whole))
    for limit in limits:
        found |= set(round_numbers(limit, whole=is_whole)) | set(_beyond(limit, 1)) | set(_beyond(limit, -1))
    found |= set(_of_one_digit(value))
    low, high = signal.range
    typed = {int(each) if is_whole else float(each) for each in found if not is_whole or float(each).is_integer()}
    key = partial(_roundness, good)
    fit = (each for each in typed if (low is None or each >= low) and (high is None or each <= high) and each != good)
    return sorted((each for each in fit if key(each) < key(value)), key=key)


def _roundness(good: float, value: float) -> tuple[float, ...]:
    return digits_of(value), distance(value, good), value


def _beyond(limit: float, away: int) -> Iterator[float]:
    """
    Give round numbers just beyond a limit: 0.6, 0.51 and 0.501 for 0.5; the next whole number too.
    """
    exponent = floor(log10(abs(limit))) if limit else -1
    for digits in range(_MOST_DIGITS):
        yield round(limit + away * 10.0 ** (exponent - digits), digits - exponent)
    yield limit + away


def _of_one_digit(value: float) -> Iterator[float]:
    """
    Give the numbers of one digit from a value's size down.
    """
    if not value or not isfinite(value):
        return
    sign, exponent = (1 if value > 0 else -1), floor(log10(abs(value)))
    for decade in range(exponent - _DECADES, exponent + 1):
        for digit in range(1, 10):
            yield sign * float(f"{digit}e{decade}")
