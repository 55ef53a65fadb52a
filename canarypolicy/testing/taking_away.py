"""
Ways to make a history simpler: samples, events and signals taken away by halves (delta debugging), changes made fewer.

Each way gives candidates, the boldest first; whether one keeps the decision, and is simpler, is judged by who asks.
Source: A. Zeller and R. Hildebrandt, Simplifying and isolating failure-inducing input, IEEE TSE 28 (2002).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from canarypolicy.documents.signals import SignalType
from canarypolicy.testing.even_history import columns_off, is_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.documents.signals import Signal, Value
    from canarypolicy.testing.even_history import EvenHistory, Row

_FACTORS = (10, 100, 1000)
"""How much worse other signals are made when one is put back to healthy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """
    What is declared of each column: where it is healthy, and how far it goes.
    """

    signals: tuple[Signal, ...]
    healthy: Row
    limits: tuple[frozenset[float], ...]
    """The numbers that each is held against."""


def without_samples(history: EvenHistory) -> Iterator[EvenHistory]:
    """
    Take out samples, never the last: all before the start, then blocks of half of them, of a quarter, down to single ones.
    """
    if history.start:
        yield history.without(0, history.start)
    size = (history.length - 1) // 2 or 1
    while size:
        for first in range(0, history.length - 1, size):
            yield history.without(first, min(size, history.length - 1 - first))
        size //= 2


def respaced(history: EvenHistory, spacings: Sequence[int]) -> Iterator[EvenHistory]:
    """
    Look less often at the same stretch, the fewest samples first; then set as many samples nearer to each other.
    """
    for every_us in sorted(spacings, reverse=True):
        if history.every_us < every_us <= max(history.lasts_us, 1):
            yield history.at_every(every_us)
    for every_us in sorted(spacings):
        if every_us < history.every_us:
            yield replace(history, every_us=every_us)


def without_events(history: EvenHistory) -> Iterator[EvenHistory]:
    """
    Take out all events, or one, or let one come earlier.
    """
    if history.events:
        yield replace(history, events=())
    for place, (index, event) in enumerate(history.events):
        others = history.events[:place], history.events[place + 1 :]
        yield replace(history, events=(*others[0], *others[1]))
        for earlier in range(index):
            moved = (*others[0], (earlier, event), *others[1])
            yield replace(history, events=tuple(sorted(moved, key=lambda each: each[0])))


def healthier(history: EvenHistory, bounds: Bounds) -> Iterator[EvenHistory]:
    """
    Put signals back to healthy: all, halves of them, single ones; a single one also while the others get worse.
    """
    names = list(columns_off(history, bounds.healthy))
    size = len(names)
    while size:
        for first in range(0, len(names), size):
            yield _all_healthy(history, names[first : first + size], bounds)
        size //= 2
    if len(names) > 1:
        for name in names:
            for factor in _FACTORS:
                yield worsened(_all_healthy(history, [name], bounds), bounds, factor)


def _all_healthy(history: EvenHistory, columns: Sequence[int], bounds: Bounds) -> EvenHistory:
    put_back = set(columns)
    rows = (
        tuple(bounds.healthy[column] if column in put_back else value for column, value in enumerate(row)) for row in history.rows
    )
    return replace(history, rows=tuple(rows))


def worsened(history: EvenHistory, bounds: Bounds, factor: int) -> EvenHistory:
    """
    Make every number that is off healthy so many times as large, within its range.
    """
    rows = (
        tuple(
            _times(value, factor, signal) if value != good else value
            for value, good, signal in zip(row, bounds.healthy, bounds.signals, strict=True)
        )
        for row in history.rows
    )
    return replace(history, rows=tuple(rows))


def _times(value: Value | None, factor: int, signal: Signal) -> Value | None:
    if not is_number(value):
        return value
    low, high = signal.range
    larger = value * factor
    if high is not None and larger > high:
        larger = high
    if low is not None and larger < low:
        larger = low
    return float(larger) if signal.type is SignalType.DOUBLE else larger


def healthier_in_places(history: EvenHistory, bounds: Bounds) -> Iterator[EvenHistory]:
    """
    Put a stretch of one signal back to healthy: from the beginning on, one value's, one sample's.
    """
    for column, values in columns_off(history, bounds.healthy).items():
        good = bounds.healthy[column]
        for last in range(history.length - 1, 0, -1):
            yield history.with_column(column, partial(_before, last, good))
        for first, last in _stretches(values):
            yield history.with_column(column, partial(_within, first, last, good))
        for index in range(history.length):
            yield history.with_column(column, partial(_within, index, index + 1, good))


def steadier(history: EvenHistory, bounds: Bounds) -> Iterator[EvenHistory]:
    """
    Let a signal change less often: it has its last value all along, or a stretch takes on the value beside it.
    """
    for column, values in columns_off(history, bounds.healthy).items():
        yield history.with_column(column, partial(_within, 0, history.length, values[-1]))
        for value in dict.fromkeys(values):
            if value != bounds.healthy[column]:
                yield history.with_column(column, partial(_unless_good, value, bounds.healthy[column]))
        for first, last in _stretches(values):
            for beside in (values[first - 1 : first], values[last : last + 1]):
                if beside:
                    yield history.with_column(column, partial(_within, first, last, beside[0]))


def _before(last: int, good: Value | None, index: int, value: Value | None) -> Value | None:
    return good if index < last else value


def _within(first: int, last: int, new: Value | None, index: int, value: Value | None) -> Value | None:
    return new if first <= index < last else value


def _unless_good(new: Value | None, good: Value | None, _: int, value: Value | None) -> Value | None:
    return good if value == good else new


def _stretches(values: Sequence[Value | None]) -> Iterator[tuple[int, int]]:
    first = 0
    for _, group in groupby(values):
        last = first + sum(1 for _ in group)
        yield first, last
        first = last


def limits_by_column(names: Sequence[str], limits: Mapping[str, frozenset[float]]) -> tuple[frozenset[float], ...]:
    """
    Put the limits of each signal in the order of the columns.
    """
    return tuple(limits.get(name, frozenset()) for name in names)
