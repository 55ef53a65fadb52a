"""
Derived functions straight from their definition: slow, over the whole history at every sample, in fractions.

Nothing here is shared with the package but the values' limits and the words of its interface.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import ceil, erfc, floor, sqrt
from typing import Any

from canarypolicy.derived.window import Missing, Tick
from canarypolicy.documents.signals import INT_MAX, INT_MIN, SignalType, Value

from derived.histories import History

NOTHING = None
"""What stands for a missing value here."""


def reference(name: str, parameters: Any, types: tuple[SignalType, ...], over: History) -> Value | None:
    """
    Give the value at the last sample of a history, or None where it is missing.
    """
    tick, values = over[-1]
    if name == "frozen":
        return frozen(parameters, over)
    if all(isinstance(value, Missing) for value in values):
        return NOTHING
    rows = window(parameters, over, tick.at_us, tick)
    return NOTHING if rows is None else FUNCTIONS[name](parameters, types, rows)


def window(parameters: Any, over: History, right_us: int, now: Tick) -> list[tuple[Value, ...]] | None:
    """
    Give the present values in (right - over, right], or None if there is too little.
    """
    over_us = round(parameters.over.total_seconds() * 1_000_000)
    begins_us = right_us - over_us
    cut_us = begins_us
    is_cut = getattr(parameters, "within_step", False) and now.entered_us is not None
    if is_cut:
        cut_us = max(cut_us, now.entered_us)
    rows, covered_us = [], 0
    for index, (tick, values) in enumerate(over):
        if not begins_us < tick.at_us <= right_us or any(isinstance(value, Missing) for value in values):
            continue
        if is_cut and (tick.at_us < now.entered_us or (tick.at_us == now.entered_us and not now.entry_belongs)):
            continue
        rows.append(values)
        if index:
            since_us = max(over[index - 1][0].at_us, tick.at_us - tick.max_gap_us, cut_us)
            covered_us += max(tick.at_us - since_us, 0)
    return rows if 2 * covered_us >= over_us and len(rows) >= parameters.min_samples else None


def frozen(parameters: Any, over: History) -> Value | None:
    for index, (tick, _) in enumerate(over):
        entered_us = tick.entries.get(parameters.at)
        if entered_us is not None and entered_us <= tick.at_us:
            known = [each for each in over[: index + 1] if each[0].at_us <= entered_us]
            rows = window(parameters, known, entered_us, tick)
            return NOTHING if rows is None else interpolated([row[0] for row in rows], Fraction(1, 2))
    tick, values = over[-1]
    rows = None if isinstance(values[0], Missing) else window(parameters, over, tick.at_us, tick)
    return NOTHING if rows is None else interpolated([row[0] for row in rows], Fraction(1, 2))


def double(value: Fraction) -> float | None:
    try:
        return float(value) + 0.0  # no value is -0.0
    except OverflowError:
        return NOTHING


def in_type(value: Fraction, type_: SignalType) -> Value | None:
    if type_ is SignalType.DOUBLE:
        return double(value)
    return int(value) if INT_MIN <= value <= INT_MAX else NOTHING


def interpolated(values: list[Any], q: Fraction) -> float | None:
    ranked = sorted(map(Fraction, values))
    place = q * (len(ranked) - 1)
    below, above = ranked[floor(place)], ranked[ceil(place)]
    return double(below + (above - below) * (place - floor(place)))


def ratio(rows: list[tuple[Any, ...]]) -> float | None:
    of, to = (sum((Fraction(row[side]) for row in rows), Fraction()) for side in (0, 1))
    return NOTHING if to == 0 else double(of / to)


def grows(values: list[Any], confidence: float) -> bool:
    score = sum((later > earlier) - (later < earlier) for earlier, later in combinations(values, 2))
    if score <= 0:
        return False
    count = len(values)
    groups = [values.count(value) for value in set(values)]
    variance = (count * (count - 1) * (2 * count + 5) - sum(size * (size - 1) * (2 * size + 5) for size in groups)) / 18
    return erfc((score - 1) / sqrt(variance) / sqrt(2)) / 2 < 1 - confidence


def total(rows: list[tuple[Any, ...]]) -> Fraction:
    return sum((Fraction(row[0]) for row in rows), Fraction())


FUNCTIONS = {
    "mean": lambda _, types, rows: double(total(rows) / len(rows)),
    "min": lambda _, types, rows: in_type(min(Fraction(row[0]) for row in rows), types[0]),
    "max": lambda _, types, rows: in_type(max(Fraction(row[0]) for row in rows), types[0]),
    "sum": lambda _, types, rows: in_type(total(rows), types[0]),
    "delta": lambda _, types, rows: in_type(Fraction(rows[-1][0]) - Fraction(rows[0][0]), types[0]),
    "count": lambda _, types, rows: len(rows),
    "quantile": lambda parameters, types, rows: interpolated([row[0] for row in rows], Fraction(str(parameters.q))),
    "ratio": lambda _, types, rows: ratio(rows),
    "growing": lambda parameters, types, rows: grows([row[0] for row in rows], parameters.confidence),
}
