"""
`mean`: the arithmetic mean over a window. The shortest example of a derived function.
"""

from __future__ import annotations

from operator import add
from typing import TYPE_CHECKING

from canarypolicy.derived.exact import ONE, exact, nearest_double
from canarypolicy.derived.ranges import in_doubles, numbers
from canarypolicy.derived.sliding import Window, open_window
from canarypolicy.derived.window import Input, Missing, ModelNamed
from canarypolicy.documents.signal_type import SignalType

if TYPE_CHECKING:
    from canarypolicy.derived.parameters import WindowParameters
    from canarypolicy.derived.window import Tick
    from canarypolicy.documents.signal_type import Value


class Mean:
    """
    The arithmetic mean of a signal over a window.

    Each present sample counts alike, however long it stands for. The sum is exact and the quotient is rounded once.
    """

    name = "mean"
    Parameters = ModelNamed("WindowParameters")

    def inputs(self, parameters: WindowParameters) -> tuple[str, ...]:
        """
        Name the signal that is averaged.
        """
        return (parameters.of,)

    def result(self, parameters: WindowParameters, inputs: tuple[Input, ...]) -> Input:
        """
        Give a double, no less than the signal's least value and no more than its greatest.
        """
        (of,) = numbers(self.name, self.inputs(parameters), inputs)
        return Input(type=SignalType.DOUBLE, range=in_doubles(of.range))

    def begin(self, parameters: WindowParameters, inputs: tuple[Input, ...]) -> Window[int]:
        """
        Give an empty window whose total is the exact sum.
        """
        return open_window(parameters, self.inputs(parameters), inputs, value_of=exact, combine=add)

    def fold(self, state: Window[int], tick: Tick, values: tuple[Value | Missing, ...]) -> tuple[Value | Missing, Window[int]]:
        """
        Slide the window on and divide its total by the number of its samples.
        """
        window = state.slide(tick, values).window
        return window.lacking(tick, values) or nearest_double(window.total, window.size * ONE), window
