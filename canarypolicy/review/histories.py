"""
Short histories made from a shape: what stands at the last sample, since when, and what stood before.

Ages are counted back from the last sample, so that a shape knows no clock. Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from canarypolicy.documents.duration import SECOND_US
from canarypolicy.engine.event import ApproveEvent, FreezeEvent, GateEvent, PauseEvent, StepEvent
from canarypolicy.engine.sample import RawSample

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.event import Event

ORIGIN_US = 1_767_225_600 * SECOND_US
"""When every made history's rollout starts: the first of January 2026. No decision depends on it."""

Item: TypeAlias = "RawSample | Event"
Snapshot: TypeAlias = tuple[tuple[str, "Value | None"], ...]
"""Signals off their healthy values, by name; None is missing."""

T = TypeVar("T", bound=Any)
"""Something with a time."""


class Filler(Enum):
    """
    What lies between the rollout's start and the snapshot that has stood.
    """

    HEALTHY = "healthy"
    SILENCE = "silence"
    """No samples: every run ends in it."""
    MISSING = "missing"
    """Samples in which nothing is present."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """
    A signal that gets to its last value by so much a sample.
    """

    name: str
    last: float
    by: float
    low: float
    """Below it there is no value to rise from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    One sample: what is off its healthy value; None: nothing is present.
    """

    at_us: int
    off: Snapshot | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """
    A history in a few numbers; what is not named in a snapshot is healthy.
    """

    step: str
    earlier_step: str | None = None
    """The step in which the rollout starts, if that is another one."""
    now: Snapshot
    before: Snapshot | None = None
    """With it, `now` is the last sample alone, and this has stood."""
    past: Snapshot = ()
    """What is off its healthy value before all that stands: only signals that derived ones read."""
    lasted_us: int
    elapsed_us: int
    total_us: int
    lead_us: int = 0
    """How long samples were taken before the rollout's start."""
    filler: Filler = Filler.HEALTHY
    rises: tuple[Rise, ...] = ()
    is_paused: bool = False
    is_frozen: bool = False
    is_approved: bool = False
    before_gates: tuple[tuple[str, bool | None], ...] = ()
    after_gates: tuple[tuple[str, bool | None], ...] = ()

    @property
    def stood(self) -> Snapshot:
        return self.now if self.before is None else self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """
    How far apart the samples of a rollout are, and those before it.
    """

    in_rollout_us: int
    before_us: int


def snapshot(values: Mapping[str, Value | None]) -> Snapshot:
    """
    Give values in the order of their names.
    """
    return tuple(sorted(values.items()))


def ages(shape: Shape, spacing: Spacing) -> list[int]:
    """
    Give the age of each sample, oldest first: each corner of the shape has one.
    """
    if shape.filler is Filler.SILENCE:
        stood = min(shape.lasted_us, shape.total_us)
        return sorted({*range(0, stood + 1, spacing.in_rollout_us), stood}, reverse=True)
    corners = {0, min(shape.lasted_us, shape.total_us), shape.elapsed_us, shape.total_us}
    in_rollout = corners | set(range(0, shape.total_us + 1, spacing.in_rollout_us))
    lead = set(range(shape.total_us, shape.total_us + shape.lead_us + 1, spacing.before_us))
    return sorted(in_rollout | lead, reverse=True)


def rows(shape: Shape, spacing: Spacing) -> Iterator[Row]:
    """
    Give the samples of a shape, in the order of time.
    """
    end_us = ORIGIN_US + shape.total_us
    for age_us in ages(shape, spacing):
        off = _off_at(shape, age_us)
        if off is not None and shape.rises:
            off = _risen(shape, off, age_us // spacing.in_rollout_us)
        yield Row(at_us=end_us - age_us, off=off)


def _off_at(shape: Shape, age_us: int) -> Snapshot | None:
    if age_us == 0:
        return shape.now
    if age_us <= min(shape.lasted_us, shape.total_us):
        return shape.stood
    is_in_rollout = age_us <= shape.total_us
    return None if is_in_rollout and shape.filler is Filler.MISSING else shape.past


def _risen(shape: Shape, off: Snapshot, count: int) -> Snapshot:
    """
    Put the signals that rise where they are so many samples before the last.
    """
    values = dict(off)
    for rise in shape.rises:
        values[rise.name] = max(rise.low, rise.last - rise.by * count)
    return snapshot(values)


def sample(row: Row, healthy: Mapping[str, Value]) -> RawSample:
    """
    Give a row as a recording holds it.
    """
    if row.off is None:
        return RawSample(at_us=row.at_us, signals={})
    signals = {**healthy, **dict(row.off)}
    return RawSample(at_us=row.at_us, signals={name: value for name, value in signals.items() if value is not None})


def history(shape: Shape, healthy: Mapping[str, Value], spacing: Spacing) -> tuple[Item, ...]:
    """
    Give the samples and events of a shape, in the order of time.
    """
    made: dict[Snapshot | None, Mapping[str, object]] = {}
    taken = []
    for row in rows(shape, spacing):
        if row.off not in made:
            made[row.off] = sample(row, healthy).signals
        taken.append(RawSample(at_us=row.at_us, signals=made[row.off]))
    return in_order([*events(shape), *taken])


def in_order(items: Iterable[T]) -> tuple[T, ...]:
    """
    Sort by time; sorting is stable, so that what was said at a sample's own time stands before it.
    """
    return tuple(sorted(items, key=lambda item: item.at_us))


def events(shape: Shape) -> Iterator[Event]:
    """
    Give the events of a shape, in the order of time.
    """
    end_us = ORIGIN_US + shape.total_us
    entered_us = end_us - shape.elapsed_us
    yield StepEvent(at_us=ORIGIN_US, step=shape.step if shape.earlier_step is None else shape.earlier_step)
    for name, passed in shape.before_gates:
        yield GateEvent(at_us=ORIGIN_US, gate=name, passed=passed)
    if shape.earlier_step is not None:
        yield StepEvent(at_us=entered_us, step=shape.step)
    for name, passed in shape.after_gates:
        yield GateEvent(at_us=end_us, gate=name, passed=passed)
    if shape.is_approved:
        yield ApproveEvent(at_us=end_us, step=shape.step)
    if shape.is_paused:
        yield PauseEvent(at_us=end_us)
    if shape.is_frozen:
        yield FreezeEvent(at_us=end_us)
