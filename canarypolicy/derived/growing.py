"""
`growing`: whether a signal has been growing over a window, by the trend test of Mann and Kendall.

Every pair of samples votes: +1 if the later value is larger, -1 if it is smaller, 0 if they are equal. The sum of the votes
is the score S. Without a trend S is about normal, with mean 0 and the variance below, so a large S speaks for growth:
steady small steps count as much as one leap, and a single spike counts for little.

    Var(S) = (n (n - 1) (2n + 5) - sum of t (t - 1) (2t + 5) over each group of t equal values) / 18
    z      = (S - 1) / sqrt(Var(S))        the 1 corrects for S being a whole number
    p      = P(Z >= z)                     one-sided: only growth counts

Sources: H. B. Mann, Nonparametric tests against trend, Econometrica 13 (1945); M. G. Kendall, Rank Correlation Methods (1975).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import erfc, sqrt
from typing import TYPE_CHECKING

from canarypolicy.derived.exact import plain
from canarypolicy.derived.ranges import numbers
from canarypolicy.derived.ranking import Number, Ranking
from canarypolicy.derived.sliding import Window, open_window
from canarypolicy.derived.window import Input, Missing, ModelNamed
from canarypolicy.documents.signal_type import SignalType

if TYPE_CHECKING:
    from canarypolicy.derived.parameters import GrowingParameters
    from canarypolicy.derived.window import Tick
    from canarypolicy.documents.signal_type import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """
    The votes of a window, kept up to date as values come and go.
    """

    ranking: Ranking = field(default_factory=Ranking)
    score: int = 0
    """S: rising pairs less falling pairs."""
    ties: int = 0
    """What equal values take off the variance: t (t - 1) (2t + 5) for each group of t."""

    def with_newest(self, value: Number) -> Trend:
        """
        Let a new value vote with each that is there: those below it make rising pairs, those above falling ones.
        """
        below, equal, above = _compared(value, self.ranking)
        return Trend(
            ranking=self.ranking.with_value(value),
            score=self.score + below - above,
            ties=self.ties + _tie(equal + 1) - _tie(equal),
        )

    def without_oldest(self, value: Number) -> Trend:
        """
        Take back the votes of the oldest value: those above it made rising pairs, those below falling ones.
        """
        ranking = self.ranking.without_value(value)
        below, equal, above = _compared(value, ranking)
        return Trend(
            ranking=ranking,
            score=self.score - above + below,
            ties=self.ties - _tie(equal + 1) + _tie(equal),
        )

    def p_value(self) -> float:
        """
        Give the chance of so high a score if there is no trend.
        """
        if self.score <= 0:
            return 1.0  # nothing grows; also keeps the variance from being zero, as it is when all values are equal
        count = len(self.ranking)
        variance = (count * (count - 1) * (2 * count + 5) - self.ties) / 18
        z = (self.score - 1) / sqrt(variance)
        return erfc(z / sqrt(2)) / 2


def _compared(value: Number, ranking: Ranking) -> tuple[int, int, int]:
    below, up_to = ranking.below(value), ranking.up_to(value)
    return below, up_to - below, len(ranking) - up_to


def _tie(equal: int) -> int:
    return equal * (equal - 1) * (2 * equal + 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowingState:
    """
    The window, its trend, and the chance below which the trend is believed.
    """

    window: Window[Number]
    trend: Trend
    doubt: float


class Growing:
    """
    Whether a signal grows over a window: true if its score is too high to be chance, at the given confidence.

    False means that growth was not shown, not that there was none: at the default confidence of 0.99 no window of fewer than
    six samples can show it. Ask for `min_samples` if false shall mean more.
    """

    name = "growing"
    Parameters = ModelNamed("GrowingParameters")

    def inputs(self, parameters: GrowingParameters) -> tuple[str, ...]:
        return (parameters.of,)

    def result(self, parameters: GrowingParameters, inputs: tuple[Input, ...]) -> Input:
        """
        Give a bool.
        """
        numbers(self.name, self.inputs(parameters), inputs)
        return Input(type=SignalType.BOOL, range=(None, None))

    def begin(self, parameters: GrowingParameters, inputs: tuple[Input, ...]) -> GrowingState:
        """
        Give an empty window without a trend.
        """
        window = open_window(parameters, self.inputs(parameters), inputs, value_of=plain, combine=min)
        return GrowingState(window=window, trend=Trend(), doubt=1 - parameters.confidence)

    def fold(self, state: GrowingState, tick: Tick, values: tuple[Value | Missing, ...]) -> tuple[Value | Missing, GrowingState]:
        """
        Slide the window on, let the values that come and go vote, and count.
        """
        slide, trend = state.window.slide(tick, values), state.trend
        for value in slide.gained:
            trend = trend.with_newest(value)
        for value in slide.lost:
            trend = trend.without_oldest(value)
        is_growing = slide.window.lacking(tick, values) or trend.p_value() < state.doubt
        return is_growing, GrowingState(window=slide.window, trend=trend, doubt=state.doubt)
