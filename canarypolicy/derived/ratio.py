"""
`ratio`: the sum of one signal over the sum of another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.derived.exact import exact, nearest_double
from canarypolicy.derived.ranges import numbers
from canarypolicy.derived.sliding import Window, open_window
from canarypolicy.derived.window import Input, Missing, ModelNamed
from canarypolicy.documents.signal_type import SignalType

if TYPE_CHECKING:
    from typing import TypeAlias

    Sums: TypeAlias = tuple[int, int]

if TYPE_CHECKING:
    from canarypolicy.derived.parameters import RatioParameters
    from canarypolicy.derived.window import Tick
    from canarypolicy.documents.signal_type import Value


class Ratio:
    """
    The sum of `of` over the sum of `to` in a window.

    Only samples at which both are present count. Both sums are exact and the quotient is rounded once.
    A sum of zero below the line has no ratio: the value is missing, not zero.
    """

    name = "ratio"
    Parameters = ModelNamed("RatioParameters")

    def inputs(self, parameters: RatioParameters) -> tuple[str, ...]:
        """
        Name what is above the line, then what is below.
        """
        return parameters.of, parameters.to

    def result(self, parameters: RatioParameters, inputs: tuple[Input, ...]) -> Input:
        """
        Give a double, which is not negative if neither signal is.
        """
        of, to = numbers(self.name, self.inputs(parameters), inputs)
        is_positive = all(low is not None and low >= 0 for low, _ in (of.range, to.range))
        return Input(type=SignalType.DOUBLE, range=(0.0 if is_positive else None, None))

    def begin(self, parameters: RatioParameters, inputs: tuple[Input, ...]) -> Window[Sums]:
        """
        Give an empty window whose total is both exact sums.
        """
        return open_window(parameters, self.inputs(parameters), inputs, value_of=_both, combine=_add)

    def fold(self, state: Window[Sums], tick: Tick, values: tuple[Value | Missing, ...]) -> tuple[Value | Missing, Window[Sums]]:
        """
        Slide the window on and divide its totals.
        """
        window = state.slide(tick, values).window
        if lacking := window.lacking(tick, values):
            return lacking, window
        of, to = window.total
        if to == 0:
            return Missing(why=f"the sum of `{window.reach.names[1]}` is zero"), window
        return nearest_double(of, to), window


def _both(of: float, to: float) -> Sums:
    return exact(of), exact(to)


def _add(older: Sums, newer: Sums) -> Sums:
    return older[0] + newer[0], older[1] + newer[1]
