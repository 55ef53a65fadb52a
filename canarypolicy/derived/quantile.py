"""
`quantile`: a quantile of the values in a window.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from canarypolicy.derived.ranges import in_doubles, numbers
from canarypolicy.derived.ranked_window import RankedWindow, open_ranked_window
from canarypolicy.derived.window import Input, Missing, ModelNamed
from canarypolicy.documents.signal_type import SignalType

if TYPE_CHECKING:
    from canarypolicy.derived.parameters import QuantileParameters
    from canarypolicy.derived.window import Tick
    from canarypolicy.documents.signal_type import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantileState:
    """
    The values in order, and which quantile is asked for.
    """

    ranked: RankedWindow
    q: Fraction


class Quantile:
    """
    The `q`-quantile of a signal over a window: 0 is the least value, 0.5 the median, 1 the greatest.

    Between two order statistics it interpolates linearly (R-7, the default of R, NumPy and `quantile_over_time`).
    `q` is taken as the decimal that is written, and the result is rounded once, so it never leaves the values' range.
    """

    name = "quantile"
    Parameters = ModelNamed("QuantileParameters")

    def inputs(self, parameters: QuantileParameters) -> tuple[str, ...]:
        return (parameters.of,)

    def result(self, parameters: QuantileParameters, inputs: tuple[Input, ...]) -> Input:
        """
        Give a double in the signal's range.
        """
        (of,) = numbers(self.name, self.inputs(parameters), inputs)
        return Input(type=SignalType.DOUBLE, range=in_doubles(of.range))

    def begin(self, parameters: QuantileParameters, inputs: tuple[Input, ...]) -> QuantileState:
        """
        Give an empty window in order of size.
        """
        # The shortest decimal of a double is what was written: 0.95 is 19/20 here, not a little less.
        q = Fraction(repr(parameters.q))
        return QuantileState(ranked=open_ranked_window(parameters, self.inputs(parameters), inputs), q=q)

    def fold(
        self, state: QuantileState, tick: Tick, values: tuple[Value | Missing, ...]
    ) -> tuple[Value | Missing, QuantileState]:
        """
        Slide the window on and read off the quantile.
        """
        ranked = state.ranked.slide(tick, values)
        value = ranked.window.lacking(tick, values) or ranked.quantile(state.q)
        return value, QuantileState(ranked=ranked, q=state.q)
