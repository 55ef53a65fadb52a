"""
A window that slides over the history: what belongs to it, what is covered of it, and why a value is missing.

SPEC sections 1.1 and 2.6 are kept here and nowhere else; what is computed from a window is each function's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, TypeVar

from canarypolicy.derived.totalled_queue import Point, TotalledQueue
from canarypolicy.derived.window import Missing
from canarypolicy.documents.duration import format_duration, microseconds

if TYPE_CHECKING:
    from canarypolicy.derived.parameters import HistoryParameters
    from canarypolicy.derived.window import Input, Tick
    from canarypolicy.documents.signal_type import SignalType, Value

Total = TypeVar("Total")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """
    What a window reads, how far it goes back, and how much must be in it.
    """

    names: tuple[str, ...]
    types: tuple[SignalType, ...]
    over_us: int
    min_samples: int
    within_step: bool

    def begins_us(self, tick: Tick) -> int:
        """
        Give the time after which the window begins; what is covered is cut there.
        """
        begins_us = tick.at_us - self.over_us
        return max(begins_us, tick.entered_us) if self.within_step and tick.entered_us is not None else begins_us

    def first_us(self, tick: Tick) -> int:
        """
        Give the first microsecond that belongs to the window.
        """
        begins_us = self.begins_us(tick)
        is_entry = begins_us > tick.at_us - self.over_us
        return begins_us if is_entry and tick.entry_belongs else begins_us + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Window(Generic[Total]):
    """
    The samples of a window at which all inputs are present.
    """

    reach: Reach
    value_of: Callable[..., Total]
    """Makes what is kept of a sample out of the inputs' values."""
    points: TotalledQueue[Total]
    uncut_us: int = 0
    """The time that the points cover, also where it lies before the window."""

    @property
    def size(self) -> int:
        return self.points.size

    @property
    def total(self) -> Total:
        """
        The combined values of a window that is not empty.
        """
        return self.points.total

    def slide(self, tick: Tick, values: tuple[Value | Missing, ...]) -> Slide[Total]:
        """
        Move on to a sample, and take it in unless one of its values is missing.
        """
        points, uncut_us = self.points, self.uncut_us
        gained: tuple[Total, ...] = ()
        if not any(isinstance(value, Missing) for value in values):
            # The first sample covers nothing before it.
            before_us = tick.at_us if tick.previous_us is None else tick.previous_us
            point = Point(since_us=max(before_us, tick.at_us - tick.max_gap_us), at_us=tick.at_us, value=self.value_of(*values))
            points, uncut_us, gained = points.with_newest(point), uncut_us + point.at_us - point.since_us, (point.value,)
        first_us, lost = self.reach.first_us(tick), []
        while (oldest := points.oldest) is not None and oldest.at_us < first_us:
            points, uncut_us = points.without_oldest(), uncut_us - (oldest.at_us - oldest.since_us)
            lost.append(oldest.value)
        return Slide(window=replace(self, points=points, uncut_us=uncut_us), gained=gained, lost=tuple(lost))

    def lacking(self, tick: Tick, values: tuple[Value | Missing, ...]) -> Missing | None:
        """
        Tell why there is no value at a sample to which the window has slid, or give None if there is enough for one.
        """
        whys = [value.why for value in values if isinstance(value, Missing)]
        if len(whys) < len(values):
            return self.shortage(tick)
        named = zip(self.reach.names, whys, strict=True)
        return Missing(why=", ".join(f"`{name}` is missing: {why}" for name, why in named))

    def shortage(self, tick: Tick) -> Missing | None:
        """
        Tell what the window has too little of, whatever is missing at the sample itself; None if it has enough.
        """
        covered_us, over = self.covered_us(tick), format_duration(self.reach.over_us)
        if 2 * covered_us < self.reach.over_us:
            whole_us = covered_us - covered_us % 1000  # rounded up, a microsecond less than half would read as half
            return Missing(why=f"{format_duration(whole_us)} of {over} covered, half is needed")
        if self.points.size < self.reach.min_samples:
            return Missing(why=f"{self.points.size} of at least {self.reach.min_samples} samples in {over}")
        return None

    def covered_us(self, tick: Tick) -> int:
        """
        Give how much of the window its points cover.
        """
        oldest = self.points.oldest
        if oldest is None:
            return 0
        # Each point covers back to the sample before it at most, so only the oldest can reach over the edge.
        return self.uncut_us - min(max(self.reach.begins_us(tick) - oldest.since_us, 0), oldest.at_us - oldest.since_us)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide(Generic[Total]):
    """
    A window that has moved, and what it gained and lost.
    """

    window: Window[Total]
    gained: tuple[Total, ...]
    """The new sample's value, or nothing."""
    lost: tuple[Total, ...]
    """The values that have left it, oldest first; the gained one too if it lies before the step."""


def open_window(
    parameters: HistoryParameters,
    names: tuple[str, ...],
    inputs: tuple[Input, ...],
    value_of: Callable[..., Total],
    combine: Callable[[Total, Total], Total],
) -> Window[Total]:
    """
    Make the window before the first sample.
    """
    reach = Reach(
        names=names,
        types=tuple(each.type for each in inputs),
        over_us=microseconds(parameters.over),
        min_samples=parameters.min_samples,
        within_step=getattr(parameters, "within_step", False),  # `frozen` has none
    )
    return Window(reach=reach, value_of=value_of, points=TotalledQueue(combine=combine))
