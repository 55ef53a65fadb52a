"""
`count`: how many samples of a window have a value.
"""

from __future__ import annotations

from operator import add
from typing import TYPE_CHECKING

from canarypolicy.derived.sliding import Window, open_window
from canarypolicy.derived.window import Input, Missing, ModelNamed
from canarypolicy.documents.signal_type import SignalType

if TYPE_CHECKING:
    from canarypolicy.derived.parameters import WindowParameters
    from canarypolicy.derived.window import Tick
    from canarypolicy.documents.signal_type import Value


class Count:
    """
    The number of samples in a window at which a signal, of any type, is present.
    """

    name = "count"
    Parameters = ModelNamed("WindowParameters")

    def inputs(self, parameters: WindowParameters) -> tuple[str, ...]:
        return (parameters.of,)

    def result(self, parameters: WindowParameters, inputs: tuple[Input, ...]) -> Input:  # noqa: ARG002 - the protocol's
        """
        Give an int that is not negative.
        """
        return Input(type=SignalType.INT, range=(0, None))

    def begin(self, parameters: WindowParameters, inputs: tuple[Input, ...]) -> Window[int]:
        """
        Give an empty window in which every value counts one.
        """
        return open_window(parameters, self.inputs(parameters), inputs, value_of=_one, combine=add)

    def fold(self, state: Window[int], tick: Tick, values: tuple[Value | Missing, ...]) -> tuple[Value | Missing, Window[int]]:
        """
        Slide the window on and give its total.
        """
        window = state.slide(tick, values).window
        return window.lacking(tick, values) or window.total, window


def _one(_value: Value) -> int:
    return 1
