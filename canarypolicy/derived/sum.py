"""
`sum`: the sum over a window.
"""

from __future__ import annotations

from operator import add
from typing import TYPE_CHECKING

from canarypolicy.derived.exact import exact, typed
from canarypolicy.derived.ranges import bound, numbers
from canarypolicy.derived.sliding import Window, open_window
from canarypolicy.derived.window import Input, Missing, ModelNamed

if TYPE_CHECKING:
    from canarypolicy.derived.parameters import WindowParameters
    from canarypolicy.derived.window import Tick
    from canarypolicy.documents.signal_type import Value


class Sum:
    """
    The sum of a signal's values in a window.

    Values are added as they are: a signal that is already a rate or a running total wants `mean` or `delta`.
    The sum of ints is an int. It is exact, then rounded once; what does not fit into the type is missing.
    """

    name = "sum"
    Parameters = ModelNamed("WindowParameters")

    def inputs(self, parameters: WindowParameters) -> tuple[str, ...]:
        return (parameters.of,)

    def result(self, parameters: WindowParameters, inputs: tuple[Input, ...]) -> Input:
        """
        Give the signal's own type; a bound stays where more values cannot take the sum over it.
        """
        (of,) = numbers(self.name, self.inputs(parameters), inputs)
        low, high = of.range
        fewest = parameters.min_samples
        least = bound(fewest * low, of.type) if low is not None and low >= 0 else None
        greatest = bound(fewest * high, of.type) if high is not None and high <= 0 else None
        return Input(type=of.type, range=(least, greatest))

    def begin(self, parameters: WindowParameters, inputs: tuple[Input, ...]) -> Window[int]:
        """
        Give an empty window whose total is the exact sum.
        """
        return open_window(parameters, self.inputs(parameters), inputs, value_of=exact, combine=add)

    def fold(self, state: Window[int], tick: Tick, values: tuple[Value | Missing, ...]) -> tuple[Value | Missing, Window[int]]:
        """
        Slide the window on and give its total in the signal's type.
        """
        window = state.slide(tick, values).window
        return window.lacking(tick, values) or typed(window.total, window.reach.types[0]), window
