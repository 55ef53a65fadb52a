"""
`delta`: how far a signal has moved over a window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.derived.exact import exact, typed
from canarypolicy.derived.ranges import bound, numbers
from canarypolicy.derived.sliding import Window, open_window
from canarypolicy.derived.window import Input, Missing, ModelNamed

if TYPE_CHECKING:
    from typing import TypeAlias

    Ends: TypeAlias = tuple[int, int]

if TYPE_CHECKING:
    from canarypolicy.derived.parameters import WindowParameters
    from canarypolicy.derived.window import Tick
    from canarypolicy.documents.signal_type import Value


class Delta:
    """
    The last present value in a window minus the first.

    Nothing is extrapolated to the window's edges and a counter's resets are not seen: it is the difference of two values.
    The delta of ints is an int; what does not fit into the type is missing.
    """

    name = "delta"
    Parameters = ModelNamed("WindowParameters")

    def inputs(self, parameters: WindowParameters) -> tuple[str, ...]:
        return (parameters.of,)

    def result(self, parameters: WindowParameters, inputs: tuple[Input, ...]) -> Input:
        """
        Give the signal's own type; no value moves further than from one end of its range to the other.
        """
        (of,) = numbers(self.name, self.inputs(parameters), inputs)
        low, high = of.range
        if low is None or high is None:
            return Input(type=of.type, range=(None, None))
        return Input(type=of.type, range=(bound(low - high, of.type), bound(high - low, of.type)))

    def begin(self, parameters: WindowParameters, inputs: tuple[Input, ...]) -> Window[Ends]:
        """
        Give an empty window whose total is its first and its last value.
        """
        return open_window(parameters, self.inputs(parameters), inputs, value_of=_alone, combine=_outer)

    def fold(self, state: Window[Ends], tick: Tick, values: tuple[Value | Missing, ...]) -> tuple[Value | Missing, Window[Ends]]:
        """
        Slide the window on and subtract its ends.
        """
        window = state.slide(tick, values).window
        if lacking := window.lacking(tick, values):
            return lacking, window
        first, last = window.total
        return typed(last - first, window.reach.types[0]), window


def _alone(value: float) -> Ends:
    return exact(value), exact(value)


def _outer(older: Ends, newer: Ends) -> Ends:
    return older[0], newer[1]
