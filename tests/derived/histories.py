"""
Histories for the tests of derived functions: written by hand, or made by Hypothesis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from canarypolicy.derived import DERIVED
from canarypolicy.derived.window import Input, Missing, Tick
from canarypolicy.documents.signals import INT_MAX, INT_MIN, SignalType, Value
from hypothesis import strategies as st

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
ABSENT = Missing(why="no value")
GAP = "gap"
"""In a series: no sample at all at that minute."""

DOUBLE = Input(type=SignalType.DOUBLE, range=(None, None))
INT = Input(type=SignalType.INT, range=(None, None))
BOOL = Input(type=SignalType.BOOL, range=(None, None))
STRING = Input(type=SignalType.STRING, range=(None, None))

Values: TypeAlias = tuple[Value | Missing, ...]
History: TypeAlias = list[tuple[Tick, Values]]
Entries: TypeAlias = Sequence[tuple[str, int]]


def history(
    times_us: Sequence[int], values: Sequence[Values], *, entries: Entries = (), max_gap_us: int = 90 * SECOND_US
) -> History:
    """
    Join times and values; the rollout starts with the entry `start`, whose own sample belongs to its step.
    """
    ticks: History = []
    for index, (at_us, each) in enumerate(zip(times_us, values, strict=True)):
        entered = [(name, entered_us) for name, entered_us in entries if entered_us <= at_us]
        tick = Tick(
            at_us=at_us,
            previous_us=times_us[index - 1] if index else None,
            entered_us=entered[-1][1] if entered else None,
            entry_belongs=bool(entered) and entered[-1][0] == "start",
            entries=dict(reversed(entered)),
            max_gap_us=max_gap_us,
        )
        ticks.append((tick, each))
    return ticks


def minutes(*series: Sequence[Value | str | None], entries: Entries = (), max_gap_us: int = 90 * SECOND_US) -> History:
    """
    Make a history of one sample a minute, one series a signal; None is a missing value and GAP in the first no sample.
    """
    rows = [(minute * MINUTE_US, row) for minute, row in enumerate(zip(*series, strict=True)) if row[0] != GAP]
    times_us = [at_us for at_us, _ in rows]
    values = [tuple(ABSENT if value is None else value for value in row) for _, row in rows]
    timed = [(name, int(minute * MINUTE_US)) for name, minute in entries]
    return history(times_us, values, entries=timed, max_gap_us=max_gap_us)


def fold(name: str, written: dict[str, Any], inputs: tuple[Input, ...], over: History) -> list[Value | Missing]:
    """
    Give the value at each sample.
    """
    return [value for value, _ in fold_states(name, written, inputs, over)]


def fold_states(
    name: str, written: dict[str, Any], inputs: tuple[Input, ...], over: History
) -> list[tuple[Value | Missing, Any]]:
    """
    Give the value at each sample, and the state after it.
    """
    function = DERIVED[name]
    parameters = function.Parameters.model_validate(written)
    state = function.begin(parameters, inputs)
    results = []
    for tick, values in over:
        value, state = function.fold(state, tick, values)
        results.append((value, state))
    return results


def last(name: str, series: Sequence[Value | str | None], *, like: Input = DOUBLE, **written: Any) -> Value | Missing:
    """
    Give the value at the last of one sample a minute, of the signal `a` over 4m if nothing else is written.
    """
    return fold(name, {"of": "a", "over": "4m", **written}, (like,), minutes(series))[-1]


PLAIN_DOUBLES = st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.5, 0.5, 1.0, 2.0, 3.0])
EXTREME_DOUBLES = st.sampled_from(
    [0.0, -0.0, 5e-324, -5e-324, 2.2e-308, 1e308, -1e308, 1.7976931348623157e308, 1e16, 1.0, -1.0, 0.1]
)
ANY_DOUBLES = st.floats(allow_nan=False, allow_infinity=False)
INTS = st.sampled_from([-3, -1, 0, 0, 1, 2, 2, 5, 1000]) | st.sampled_from([INT_MIN, INT_MAX, 2**53, 2**53 + 1])

VALUES = {
    SignalType.DOUBLE: PLAIN_DOUBLES | EXTREME_DOUBLES | ANY_DOUBLES,
    SignalType.INT: INTS,
    SignalType.BOOL: st.booleans(),
    SignalType.STRING: st.sampled_from(["ready", "busy"]),
}
LENGTHS = st.sampled_from([1, 2, 3, 12, 16, 20])
STEPS_US = st.sampled_from([30 * SECOND_US, 15 * SECOND_US, MINUTE_US, 90 * SECOND_US, 1, 4 * MINUTE_US])
EVEN_US = st.just(30 * SECOND_US)


@st.composite
def histories(draw: st.DrawFn, inputs: tuple[Input, ...]) -> History:
    """
    Make a history with gaps, missing values, ties and perhaps a start and a second step, on and between samples.
    """
    length = draw(LENGTHS)
    steps_us = draw(st.lists(draw(st.sampled_from([EVEN_US, STEPS_US])), min_size=length, max_size=length))
    times_us = [sum(steps_us[: index + 1]) for index in range(len(steps_us))]
    pools = [draw(st.lists(VALUES[each.type], min_size=1, max_size=8)) for each in inputs]
    some_missing = draw(st.booleans())
    present = [st.sampled_from([*pool, *pool, *pool, *[ABSENT] * (some_missing * len(pool))]) for pool in pools]
    columns = [draw(st.lists(each, min_size=length, max_size=length)) for each in present]
    if inputs[0].type.is_numeric and draw(st.booleans()):
        columns[0] = _rising(columns[0])
    values = list(zip(*columns, strict=True))
    # An entry is at a sample or shortly before one, as when a weight is read back after a decision.
    places = sorted(draw(st.lists(st.sampled_from(times_us[length // 3 :]), max_size=2)))
    offsets_us = draw(st.lists(st.sampled_from([0, 0, 1, 10 * SECOND_US]), min_size=len(places), max_size=len(places)))
    entered_us = sorted({max(place - offset, 0) for place, offset in zip(places, offsets_us, strict=True)})
    steps = ("start", "full") if len(entered_us) == 2 else draw(st.sampled_from([("start",), ("full",)]))
    entries = list(zip(steps, entered_us, strict=False))
    return history(times_us, values, entries=entries, max_gap_us=draw(st.sampled_from([90 * SECOND_US, 15 * SECOND_US])))


def _rising(column: Sequence[Any]) -> list[Any]:
    """
    Put the present values in order and leave the missing ones where they are.
    """
    present = iter(sorted(value for value in column if not isinstance(value, Missing)))
    return [value if isinstance(value, Missing) else next(present) for value in column]
