"""
A window that also has its values in order of size, and quantiles of them: what `quantile` and `frozen` share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from canarypolicy.derived.exact import ONE, exact, nearest_double, plain
from canarypolicy.derived.ranking import Number, Ranking
from canarypolicy.derived.sliding import Window, open_window

if TYPE_CHECKING:
    from fractions import Fraction

    from canarypolicy.derived.parameters import HistoryParameters
    from canarypolicy.derived.window import Input, Missing, Tick
    from canarypolicy.documents.signal_type import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedWindow:
    """
    A window and the ranking of its values.
    """

    window: Window[Number]
    ranking: Ranking

    def slide(self, tick: Tick, values: tuple[Value | Missing, ...]) -> RankedWindow:
        """
        Move on to a sample, as a window does.
        """
        slide, ranking = self.window.slide(tick, values), self.ranking
        for value in slide.gained:
            ranking = ranking.with_value(value)
        for value in slide.lost:
            ranking = ranking.without_value(value)
        return RankedWindow(window=slide.window, ranking=ranking)

    def quantile(self, q: Fraction) -> float | Missing:
        """
        Interpolate linearly between order statistics (type 7 of Hyndman and Fan 1996), rounding once; not of an empty window.
        """
        below, part = divmod((self.window.size - 1) * q.numerator, q.denominator)
        above = min(below + 1, self.window.size - 1)
        weighed = exact(self.ranking[below]) * (q.denominator - part) + exact(self.ranking[above]) * part
        return nearest_double(weighed, q.denominator * ONE)


def open_ranked_window(parameters: HistoryParameters, names: tuple[str, ...], inputs: tuple[Input, ...]) -> RankedWindow:
    """
    Make the window before the first sample.
    """
    # Nobody asks for its total: any `combine` will do.
    return RankedWindow(window=open_window(parameters, names, inputs, value_of=plain, combine=min), ranking=Ranking())
