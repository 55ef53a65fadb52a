"""
`frozen`: a running median that is fixed when a step is entered.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from canarypolicy.derived.ranges import in_doubles, numbers
from canarypolicy.derived.ranked_window import RankedWindow, open_ranked_window
from canarypolicy.derived.window import Input, Missing, ModelNamed
from canarypolicy.documents.signal_type import SignalType

if TYPE_CHECKING:
    from canarypolicy.derived.parameters import FrozenParameters
    from canarypolicy.derived.window import Tick
    from canarypolicy.documents.signal_type import Value


MEDIAN = Fraction(1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """
    Before the entry: the window, and the entry that ends it.
    """

    ranked: RankedWindow
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """
    From the entry on: the value for good, or why there was none.
    """

    value: float | Missing


class Frozen:
    """
    The running median of a signal until `at` is entered, and from then on the median as of the entry.

    It is the reference to measure later steps against: what the baseline was before it took no more traffic.
    The entry fixes it, whatever is missing at that very sample. If the window had too little at the entry there is no
    reference and none comes later: the value is missing for good.
    """

    name = "frozen"
    Parameters = ModelNamed("FrozenParameters")

    def inputs(self, parameters: FrozenParameters) -> tuple[str, ...]:
        return (parameters.of,)

    def result(self, parameters: FrozenParameters, inputs: tuple[Input, ...]) -> Input:
        """
        Give a double in the signal's range.
        """
        (of,) = numbers(self.name, self.inputs(parameters), inputs)
        return Input(type=SignalType.DOUBLE, range=in_doubles(of.range))

    def begin(self, parameters: FrozenParameters, inputs: tuple[Input, ...]) -> Running | Fixed:
        """
        Give an empty window that runs.
        """
        return Running(ranked=open_ranked_window(parameters, self.inputs(parameters), inputs), at=parameters.at)

    def fold(
        self, state: Running | Fixed, tick: Tick, values: tuple[Value | Missing, ...]
    ) -> tuple[Value | Missing, Running | Fixed]:
        """
        Slide the window on to the sample, or to the entry if that has come, and take the median.
        """
        if isinstance(state, Fixed):
            return state.value, state
        entered_us = tick.entries.get(state.at)
        if entered_us is None or entered_us > tick.at_us:
            ranked = state.ranked.slide(tick, values)
            value = ranked.window.lacking(tick, values) or ranked.quantile(MEDIAN)
            return value, Running(ranked=ranked, at=state.at)
        value = _as_of(entered_us, state, tick, values)
        return value, Fixed(value=value)


def _as_of(entered_us: int, state: Running, tick: Tick, values: tuple[Value | Missing, ...]) -> float | Missing:
    # INVARIANT: an entry is known at the first sample that is not before it, so the window holds nothing from after it.
    if entered_us < tick.at_us:
        tick = replace(tick, at_us=entered_us)
        values = (Missing(why="no sample at the entry"),)
    ranked = state.ranked.slide(tick, values)
    if shortage := ranked.window.shortage(tick):
        return Missing(why=f"nothing to fix when `{state.at}` was entered: {shortage.why}")
    return ranked.quantile(MEDIAN)
