"""
Windows over columns: where each begins, how much of it is covered, and whether there is enough for a value.

What `canarypolicy.derived.sliding` is for one sample after the other; windows that stop at a step's entry are left to that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from canarypolicy.documents.duration import microseconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from canarypolicy.derived.parameters import HistoryParameters

    Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretches:
    """
    The samples of many rollouts, one after the other.
    """

    times_us: Array
    firsts: Array
    """The row with which each rollout begins; none is empty."""
    max_gap_us: int
    found: dict[object, Any] = field(default_factory=dict)
    """What was computed once for all windows."""

    @property
    def begins(self) -> Array:
        """
        The first row of the rollout of each row.
        """
        if "begins" not in self.found:
            ends = np.append(self.firsts[1:], len(self.times_us))
            self.found["begins"] = np.repeat(self.firsts, ends - self.firsts)
        begins: Array = self.found["begins"]
        return begins

    @property
    def covers_us(self) -> Array:
        """
        How long before its row each sample covers: back to the one before it, at most `max_gap`, and nothing for the first.
        """
        key = ("covers", self.max_gap_us)
        if key not in self.found:
            covers_us = np.zeros(len(self.times_us), dtype=np.int64)
            np.minimum(np.diff(self.times_us), self.max_gap_us, out=covers_us[1:])
            covers_us[self.firsts] = 0
            self.found[key] = covers_us
        found: Array = self.found[key]
        return found

    def first_rows(self, over_us: int) -> Array:
        """
        Give for each row the first one of its rollout that lies less than `over` before it.
        """
        if over_us not in self.found:
            self.found[over_us] = _first_rows_after(self.times_us, self.begins, over_us)
        found: Array = self.found[over_us]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """
    The window of each sample at which any input is present, over the points at which all inputs are.
    """

    rows: Array
    """The samples with a window."""
    points: Array
    """The rows that are points."""
    low: Array
    """Per window, the first of its points, and behind it the one after the last; places in `points`."""
    high: Array
    enough: Array
    """Whether the window is covered well enough and has enough points."""


def windows_of(parameters: HistoryParameters, present: tuple[Array, ...], stretches: Stretches) -> Windows:
    """
    Find the window of every sample, given where each input is present.
    """
    over_us, times_us, covers_us = microseconds(parameters.over), stretches.times_us, stretches.covers_us
    is_point = np.logical_and.reduce(present)
    rows, points = np.flatnonzero(np.logical_or.reduce(present)), np.flatnonzero(is_point)
    counted = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(is_point)])
    low, high = counted[stretches.first_rows(over_us)[rows]], counted[rows + 1]
    covered_us = _sums(covers_us[points], low, high)
    some = high > low
    if len(points):
        oldest = points[np.minimum(low, len(points) - 1)]
        cut_us = np.maximum(times_us[rows] - over_us - (times_us[oldest] - covers_us[oldest]), 0)
        covered_us -= np.where(some, np.minimum(cut_us, covers_us[oldest]), 0)
    enough = some & (2 * covered_us >= over_us) & (high - low >= parameters.min_samples)
    return Windows(rows=rows, points=points, low=low, high=high, enough=enough)


def _first_rows_after(times_us: Array, begins: Array, over_us: int) -> Array:
    """
    Search the windows' first rows: a guess by the samples' usual distance is tested, and only the rest is searched.
    """
    rows = np.arange(len(times_us))
    edges_us = times_us - over_us
    usual_us = max(int(np.median(np.diff(times_us[:1000]))) if len(times_us) > 1 else over_us, 1)
    low = np.maximum(rows - (over_us - 1) // usual_us, begins)
    is_right = (times_us[low] > edges_us) & ((low == begins) | (times_us[np.maximum(low - 1, 0)] <= edges_us))
    wrong = np.flatnonzero(~is_right)
    left, right, edges_us = begins[wrong], rows[wrong], edges_us[wrong]
    while np.any(left < right):
        middle = (left + right) // 2
        is_after = times_us[middle] > edges_us
        right = np.where(is_after, middle, right)
        left = np.where(is_after, left, np.minimum(middle + 1, right))
    low[wrong] = left
    return low


def _sums(values: Array, low: Array, high: Array) -> Array:
    """
    Sum ints from place to place, modulo 2^64.
    """
    totals = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(values)])
    sums: Array = totals[high] - totals[low]
    return sums


sums = _sums
