"""
The points at which readings are compared: next to the limits of a rule, at the ends of ranges, at zero, and with what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import inf, isfinite, nextafter
from typing import TYPE_CHECKING, Final

from canarypolicy.cel.interval import INT_MAX, INT_MIN, Choices, Interval
from canarypolicy.cel.lowered import possible_texts
from canarypolicy.cel.terms import truth
from canarypolicy.cel.tree import Literal, walk
from canarypolicy.documents.signals import SignalType

if TYPE_CHECKING:
    from canarypolicy.cel.lowered import Variable
    from canarypolicy.cel.tree import Node
    from canarypolicy.documents.signals import Signal, Value
    from canarypolicy.engine.program import ProgramRule

_STRIDE: Final = 7_919
"""A prime: steps of it reach far corners of the grid soon."""


def points_of(
    rule: ProgramRule, variables: Mapping[str, Variable], signals: Mapping[str, Signal], most: int
) -> Iterator[dict[str, Value]]:
    """
    Give points for a rule: each value of each signal once with all others healthy, then corners of the whole grid.
    """
    limits = [node.value for tree in _trees(rule) for node in walk(tree) if isinstance(node, Literal)]
    healthy = {name: signals[name].healthy for name in rule.reads if name in signals}
    axes = {name: axis_of(variables[name], healthy.get(name), limits) for name in rule.reads}
    seen: set[tuple[object, ...]] = set()
    for place in _places(axes, most):
        point = {name: value for name, value in place.items() if value is not None}
        key = tuple(sorted((name, repr(value)) for name, value in point.items()))
        if key not in seen:
            seen.add(key)
            yield point


def _trees(rule: ProgramRule) -> Iterator[Node]:
    yield rule.when.tree
    if rule.unless is not None:
        yield rule.unless.tree


def _places(axes: Mapping[str, list[Value | None]], most: int) -> Iterator[dict[str, Value | None]]:
    first = {name: axis[0] for name, axis in axes.items()}
    yield first
    count = 1
    for depth in range(1, max((len(axis) for axis in axes.values()), default=0)):
        for name, axis in axes.items():
            if depth < len(axis) and count < most // 2 + 1:
                count += 1
                yield {**first, name: axis[depth]}
    size = 1
    for axis in axes.values():
        size *= len(axis)
    for index in range(1, min(most - count, size)):
        yield _at(axes, index * _STRIDE % size)


def _at(axes: Mapping[str, list[Value | None]], index: int) -> dict[str, Value | None]:
    place: dict[str, Value | None] = {}
    for name, axis in axes.items():
        index, own = divmod(index, len(axis))
        place[name] = axis[own]
    return place


def axis_of(variable: Variable, healthy: Value | None, limits: Iterable[Value]) -> list[Value | None]:
    """
    Give the values of a signal that are worth a look, the most telling first; None is missing.
    """
    missing: list[Value | None] = [] if variable.present.eq(truth(True)) else [None]
    match variable.possible:
        case Interval() as within:
            numbers = [each for each in limits if isinstance(each, int | float) and not isinstance(each, bool)]
            values = list(_numbers(within, healthy, numbers, is_int=variable.type is SignalType.INT))
        case Choices() if variable.type is SignalType.STRING:
            values = list(possible_texts(variable.possible))
        case _:
            values = [False, True]
    start = [healthy] if healthy is not None and healthy in values else []
    ordered = [*start, *(each for each in values if each not in start)]
    return [*ordered[:1], *missing, *ordered[1:]]


def _numbers(within: Interval, healthy: Value | None, limits: Iterable[float], *, is_int: bool) -> Iterator[Value]:
    found: list[float] = [] if isinstance(healthy, str) or healthy is None else [healthy]
    for limit in limits:
        near = (limit - 1, limit + 1) if is_int else (nextafter(limit, -inf), nextafter(limit, inf))
        found += [limit, *near, limit * 2, limit / 2]
    for value in (*found, 0, within.low, within.high):
        if not isfinite(value):
            continue
        typed = int(value) if is_int else float(value)
        if within.low <= typed <= within.high:
            yield typed


def raw_points(signal: Signal, signals: Iterable[Signal]) -> Iterator[Value]:
    """
    Give raw values at and around what several declarations of a signal admit.
    """
    if signal.type is SignalType.STRING:
        yield from dict.fromkeys(value for each in signals for value in each.values or ())
        return
    is_int = signal.type is SignalType.INT
    for bound in [bound for each in signals for bound in each.range if bound is not None]:
        if is_int:
            yield from (value for value in (int(bound) - 1, int(bound), int(bound) + 1) if INT_MIN <= value <= INT_MAX)
        else:
            yield from (float(bound), nextafter(float(bound), -inf), nextafter(float(bound), inf))
