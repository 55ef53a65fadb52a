"""
The values of a window in order of size, and quantiles of them.

The order is kept in a tuple: finding a place takes O(log n) comparisons, and making the new tuple copies n references.
MEASURE
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.derived.exact import ONE, exact, nearest_double, plain
from canarypolicy.derived.sliding import Window, open_window

if TYPE_CHECKING:
    from canarypolicy.derived.parameters import HistoryParameters
    from canarypolicy.derived.window import Input, Missing, Tick
    from canarypolicy.documents.signals import Value

Number: TypeAlias = int | float
Ranking: TypeAlias = tuple[Number, ...]


def ranked_with(ranking: Ranking, value: Number) -> Ranking:
    """
    Give the values with one more.
    """
    place = bisect_left(ranking, value)
    return (*ranking[:place], value, *ranking[place:])


def ranked_without(ranking: Ranking, value: Number) -> Ranking:
    """
    Give the values with one less, which must be among them.
    """
    place = bisect_left(ranking, value)
    return ranking[:place] + ranking[place + 1 :]


def quantile_of(ranking: Ranking, q: Fraction) -> float | Missing:
    """
    Give the quantile that interpolates linearly between order statistics (Hyndman and Fan's type 7), rounded once.
    """
    rank = (len(ranking) - 1) * q
    below = int(rank)
    above = min(below + 1, len(ranking) - 1)
    part, whole = (rank - below).as_integer_ratio()
    return nearest_double(exact(ranking[below]) * (whole - part) + exact(ranking[above]) * part, whole * ONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedWindow:
    """
    A window that also has its values in order.
    """

    window: Window[Number]
    ranking: Ranking = ()

    def slide(self, tick: Tick, values: tuple[Value | Missing, ...]) -> RankedWindow:
        """
        Move on to a sample, as a window does.
        """
        slide, ranking = self.window.slide(tick, values), self.ranking
        for value in slide.gained:
            ranking = ranked_with(ranking, value)
        for value in slide.lost:
            ranking = ranked_without(ranking, value)
        return RankedWindow(window=slide.window, ranking=ranking)


def open_ranked_window(parameters: HistoryParameters, names: tuple[str, ...], inputs: tuple[Input, ...]) -> RankedWindow:
    """
    Make the window before the first sample.
    """
    return RankedWindow(window=open_window(parameters, names, inputs, value_of=plain, combine=min))
