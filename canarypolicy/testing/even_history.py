"""
A history as a PolicyTest can say it: samples at equal distances, events just before some of them.

What a policy decides on it is judged in `canarypolicy.testing.keeping`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Callable

    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.event import Event

Row: TypeAlias = "tuple[Value | None, ...]"
"""The values of one sample, in the order of the signals' names; None is missing."""

Size: TypeAlias = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvenHistory:
    """
    Samples at equal distances from time 0 on.
    """

    every_us: int
    start: int = 0
    """The sample at which the rollout starts: what lies before is history for derived signals."""
    rows: tuple[Row, ...]
    events: tuple[tuple[int, Event], ...] = ()
    """Events, each just before a sample. Their own time is 0; a freeze's end counts from there."""

    @property
    def length(self) -> int:
        return len(self.rows)

    @property
    def lasts_us(self) -> int:
        return (self.length - 1) * self.every_us

    def without(self, first: int, count: int) -> EvenHistory:
        """
        Take out some samples: what lies before moves up, and their events come before the next sample that is left.
        """
        after = first + count
        return replace(
            self,
            rows=self.rows[:first] + self.rows[after:],
            start=self.start if self.start <= first else max(first, self.start - count),
            events=tuple((index if index < first else max(first, index - count), event) for index, event in self.events),
        )

    def at_every(self, every_us: int) -> EvenHistory:
        """
        Look at the same stretch at another spacing, back from the last sample: each time has the values last seen by then.
        """
        length = self.lasts_us // every_us + 1

        def seen(index: int) -> int:
            return (self.lasts_us - (length - 1 - index) * every_us) // self.every_us

        def first_after(old: int) -> int:
            return next(index for index in range(length) if seen(index) >= old)

        return replace(
            self,
            every_us=every_us,
            rows=tuple(self.rows[seen(index)] for index in range(length)),
            start=first_after(self.start),
            events=tuple((first_after(index), event) for index, event in self.events),
        )

    def with_column(self, column: int, change: Callable[[int, Value | None], Value | None]) -> EvenHistory:
        """
        Change the values of one signal, each by its sample's index and what it was.
        """
        rows = ((*row[:column], change(index, row[column]), *row[column + 1 :]) for index, row in enumerate(self.rows))
        return replace(self, rows=tuple(rows))


def size_of(history: EvenHistory, healthy: Row) -> Size:
    """
    Measure a history, smaller being simpler: samples, signals off healthy, events, changes, places, digits, time.

    How far its numbers are off, and how late events come, count last.
    """
    off = columns_off(history, healthy)
    runs = [(value, healthy[column]) for column, values in off.items() for value, _ in groupby(values)]
    cells = sum(value != healthy[column] for column, values in off.items() for value in values)
    numbers = [(value, good) for value, good in runs if value != good]
    return (
        history.length,
        len(off),
        len(history.events),
        history.start,
        len(runs),
        cells,
        sum(digits_of(value) for value, _ in numbers),
        history.lasts_us,
        sum(distance(value, good) for value, good in numbers),
        sum(index for index, _ in history.events),
    )


def columns_off(history: EvenHistory, healthy: Row) -> dict[int, tuple[Value | None, ...]]:
    """
    Give the columns that are not healthy all along.
    """
    columns = zip(*history.rows, strict=True)
    return {index: values for index, values in enumerate(columns) if any(value != healthy[index] for value in values)}


@lru_cache(maxsize=4096, typed=True)
def digits_of(value: Value | None) -> int:
    """
    Count the significant digits of a number; what is none has none.
    """
    if isinstance(value, (bool, str)) or value is None:
        return 0
    return len(Decimal(repr(value)).normalize().as_tuple().digits)


def distance(value: Value | None, good: Value | None) -> float:
    """
    Tell how far a number is from its healthy value, relative to that; what is none is not far.
    """
    if not (is_number(value) and is_number(good)):
        return 0.0
    return abs(float(value) - float(good)) / (abs(float(good)) or 1.0)


def is_number(value: object) -> TypeGuard[int | float]:
    """
    Tell a number from a bool, a text and what is missing.
    """
    return isinstance(value, (int, float)) and not isinstance(value, bool)
