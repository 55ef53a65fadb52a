"""
Windows over columns: where each begins, how much of it is covered, and whether there is enough for a value.

What `canarypolicy.derived.sliding` is for one sample after the other; windows that stop at a step's entry are left to that.
"""

from __future__ import annotations

from dataclasses import dataclass
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

    @property
    def begins(self) -> Array:
        """
        The first row of the rollout of each row.
        """
        ends = np.append(self.firsts[1:], len(self.times_us))
        return np.repeat(self.firsts, ends - self.firsts)


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
    over_us, times_us, begins = microseconds(parameters.over), stretches.times_us, stretches.begins
    rows = np.flatnonzero(np.logical_or.reduce(present))
    points = np.flatnonzero(np.logical_and.reduce(present))
    before = np.maximum(points - 1, 0)
    at_us, first = times_us[points], begins[points]
    since_us = np.where(points == first, at_us, np.maximum(times_us[before], at_us - stretches.max_gap_us))
    high = np.searchsorted(points, rows, side="right")
    # Times rise within a rollout and rollouts follow one another, so that places rise where this sum does.
    low = np.searchsorted(points, _first_rows_after(times_us, begins, rows, over_us))
    covered_us = _sums(at_us - since_us, low, high)
    some = high > low
    oldest = np.minimum(low, max(len(points) - 1, 0))
    if len(points):
        cut_us = np.maximum(times_us[rows] - over_us - since_us[oldest], 0)
        covered_us = covered_us - np.where(some, np.minimum(cut_us, at_us[oldest] - since_us[oldest]), 0)
    enough = some & (2 * covered_us >= over_us) & (high - low >= parameters.min_samples)
    return Windows(rows=rows, points=points, low=low, high=high, enough=enough)


def _first_rows_after(times_us: Array, begins: Array, rows: Array, over_us: int) -> Array:
    """
    Give for each row the first one of its rollout that lies less than `over` before it.

    Samples mostly come evenly: a guess by their usual distance is tested, and only the rest is searched.
    """
    edges_us = times_us[rows] - over_us
    usual_us = max(int(np.median(np.diff(times_us[: min(len(times_us), 1000)]))) if len(times_us) > 1 else over_us, 1)
    low, first = begins[rows], begins[rows]
    guess = np.maximum(rows - (over_us - 1) // usual_us, first)
    is_right = (times_us[guess] > edges_us) & ((guess == first) | (times_us[np.maximum(guess - 1, 0)] <= edges_us))
    low = np.where(is_right, guess, low)
    wrong = np.flatnonzero(~is_right)
    left, right, edges_us = first[wrong], rows[wrong], edges_us[wrong]
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
