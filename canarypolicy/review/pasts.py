"""
Pasts that give derived signals the values that a candidate wants: what their inputs were before the snapshot that stands.

Guesses only, one per function and no solver: the engine computes what comes of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import floor, log10
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.signals import Signal, SignalType
from canarypolicy.review.histories import Rise, Shape, snapshot
from canarypolicy.review.trial import every_of

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.program import ProgramDerived
    from canarypolicy.review.candidate import Candidate
    from canarypolicy.review.replaying import Pair


def pasts(pair: Pair, candidate: Candidate, shape: Shape) -> Iterator[Shape]:
    """
    Give a shape with the pasts that could make its derived signals what the candidate has them: constant, made to fit, healthy.
    """
    derived = {each.name: each for program in (pair.old, pair.new) for each in program.derived}
    if not derived:
        yield shape
        return
    inputs = {name for each in derived.values() for name in each.reads if name in pair.healthy}
    stood = dict(shape.stood)
    constant = snapshot({name: stood[name] for name in inputs if name in stood})
    yield replace(shape, past=constant)
    wanted = {name: candidate.values[name] for name in misfits(pair, candidate)}
    fitted = _fitted(pair, derived, wanted, shape)
    if fitted is not None:
        yield fitted
    if constant:
        yield shape


def misfits(pair: Pair, candidate: Candidate) -> tuple[str, ...]:
    """
    Name the derived signals that a constant past does not make what the candidate has them.
    """
    values = {**pair.healthy, **(candidate.values if candidate.before is None else candidate.before)}
    derived = {each.name: each for program in (pair.old, pair.new) for each in program.derived}
    return tuple(
        name for name, each in derived.items() if name in candidate.values and not _fits(each, candidate.values[name], values)
    )


def _fits(function: ProgramDerived, wanted: Value | None, values: Mapping[str, Value | None]) -> bool:
    match function.function.name:
        case "delta":
            return wanted == 0
        case "growing":
            return wanted is False
        case "sum" | "count" | "ratio":
            return False
    return wanted is not None and wanted == values.get(function.reads[0])


def _fitted(pair: Pair, derived: Mapping[str, ProgramDerived], wanted: Mapping[str, Value | None], shape: Shape) -> Shape | None:
    """
    Shape the past of each input so that the function over it gives what is wanted.
    """
    read = _read_by_rules(pair)
    now, past, rises = dict(shape.now), dict(shape.past), list[Rise]()
    for name, value in wanted.items():
        function = derived[name]
        of = function.reads[0]
        if of not in pair.healthy:
            continue
        present = now.get(of, pair.healthy[of])
        if value is None:
            past[of] = None
        elif function.function.name == "growing":
            rise = _rise(pair, function, present) if value is True and isinstance(present, (int, float)) else None
            rises += [] if rise is None else [rise]
        elif isinstance(value, (int, float)) and isinstance(present, (int, float)):
            other = now.get(function.reads[-1], pair.healthy.get(function.reads[-1]))
            is_bound = of in read or function.function.name == "delta"
            before = _before(function, value, (present if is_bound else value, other), _samples_in(pair, function))
            if before is None:
                continue
            past[of] = _typed(pair, of, before)
            if not is_bound:
                now[of] = past[of]
    for rise in rises:
        now[rise.name] = rise.last
    fitted = replace(shape, now=_off(pair, now), past=_off(pair, past), rises=tuple(rises))
    return None if fitted == shape else fitted


def _before(function: ProgramDerived, value: float, seen: tuple[float, Value | None], count: int) -> float | None:
    """
    Give what an input was all along if a function's value is to be this; None where no constant makes it so.
    """
    present, other = seen
    match function.function.name:
        case "mean":
            return (value * count - present) / (count - 1) if count > 1 else value
        case "sum":
            return value / count
        case "delta":
            return present - value
        case "ratio":
            return value * other if isinstance(other, (int, float)) else None
        case "count":
            return None
        case _:
            return value


def _rise(pair: Pair, function: ProgramDerived, present: float) -> Rise:
    """
    Let a signal rise over a whole window up to its last value, in steps as round as can be.
    """
    name = function.reads[0]
    signal = _signal(pair, name)
    count = _samples_in(pair, function) + 1
    low = signal.range[0] if signal.range[0] is not None else 0.0
    room = present - low
    if signal.type is SignalType.INT:
        whole = max(1, int(room // count))
        return Rise(name=name, last=max(int(present), int(low) + whole * count), by=whole, low=low)
    by = 10.0 ** floor(log10(room / count)) if room > 0 else _smallest_step(signal, low, count)
    return Rise(name=name, last=present if room > 0 else low + by * count, by=by, low=low)


def _smallest_step(signal: Signal, low: float, count: int) -> float:
    high = signal.range[1] if signal.range[1] is not None else low + count
    return 10.0 ** floor(log10((high - low) / count)) if high > low else 0.0


def _samples_in(pair: Pair, function: ProgramDerived) -> int:
    return int(microseconds(function.parameters.over) // every_of(pair)) or 1


def _read_by_rules(pair: Pair) -> frozenset[str]:
    rules = [rule for program in (pair.old, pair.new) for rule in (*program.slos, *program.watches)]
    return frozenset(name for rule in rules for name in rule.reads)


def _typed(pair: Pair, name: str, value: float) -> Value:
    return round(value) if _signal(pair, name).type is SignalType.INT else float(value)


def _signal(pair: Pair, name: str) -> Signal:
    return pair.new.signals[name] if name in pair.new.signals else pair.old.signals[name]


def _off(pair: Pair, values: Mapping[str, Value | None]) -> tuple[tuple[str, Value | None], ...]:
    return snapshot({name: value for name, value in values.items() if value is None or value != pair.healthy[name]})
