"""
`min`: the least value in a window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.derived.exact import plain
from canarypolicy.derived.ranges import numbers
from canarypolicy.derived.sliding import Window, open_window
from canarypolicy.derived.window import Input, Missing, ModelNamed

if TYPE_CHECKING:
    from canarypolicy.derived.parameters import WindowParameters
    from canarypolicy.derived.window import Tick
    from canarypolicy.documents.signal_type import Value


class Min:
    """
    The least value of a signal in a window.

    It is an int where the signal is one.
    """

    name = "min"
    Parameters = ModelNamed("WindowParameters")

    def inputs(self, parameters: WindowParameters) -> tuple[str, ...]:
        return (parameters.of,)

    def result(self, parameters: WindowParameters, inputs: tuple[Input, ...]) -> Input:
        """
        Give the signal's own type and range.
        """
        (of,) = numbers(self.name, self.inputs(parameters), inputs)
        return of

    def begin(self, parameters: WindowParameters, inputs: tuple[Input, ...]) -> Window[float]:
        """
        Give an empty window whose total is its least value.
        """
        return open_window(parameters, self.inputs(parameters), inputs, value_of=plain, combine=min)

    def fold(
        self, state: Window[float], tick: Tick, values: tuple[Value | Missing, ...]
    ) -> tuple[Value | Missing, Window[float]]:
        """
        Slide the window on and give its total.
        """
        window = state.slide(tick, values).window
        return window.lacking(tick, values) or window.total, window
