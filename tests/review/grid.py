"""
The coarse grid of an exhaustive check: rows of signal values next to every limit that two policies name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from math import inf, isfinite, nextafter
from random import Random
from typing import Any

from canarypolicy.cel.expression import Expression
from canarypolicy.documents.signals import INT_MAX, INT_MIN, Signal, SignalType
from canarypolicy.engine.program import Program

Row = dict[str, Any]
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.])")


def rows(random: Random, programs: tuple[Program, Program], most: int = 400, *, is_clear: bool = False) -> list[Row]:
    """
    Give rows of values: all healthy, each signal alone at each of its values, and combinations at random up to `most`.

    None stands for a missing value. If all combinations are few enough, they are all there.
    With `is_clear`, doubles lie beside the limits by far more than rounding, and not next to them.
    """
    columns = _columns(programs, is_clear=is_clear)
    names = list(columns)
    total = 1
    for values in columns.values():
        total *= len(values)
    if total <= most:
        return [dict(zip(names, values, strict=True)) for values in product(*columns.values())]
    healthy = {name: values[0] for name, values in columns.items()}
    found = [healthy, *({**healthy, name: value} for name in names for value in columns[name][1:])]
    found = found[: most // 2 + 1] if len(found) > most // 2 else found
    while len(found) < most:
        found.append({name: random.choice(columns[name]) for name in names})
    return found


def _columns(programs: tuple[Program, Program], *, is_clear: bool) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {}
    expressions = [each for program in programs for each in expressions_of(program)]
    for program in programs:
        for name, signal in program.signals.items():
            column = columns.setdefault(name, [])
            column += [signal.healthy, None, *_of_schema(signal)]
            if signal.type.is_numeric:
                numbers = [number for each in expressions for number in _numbers(each, name, program)]
                column += [value for number in numbers for value in _around(number, signal.type, is_clear=is_clear)]
            columns[name] = _distinct(column)
    return columns


def expressions_of(program: Program) -> Iterator[Expression]:
    """
    Give all that a program's rules evaluate.
    """
    for rule in (*program.slos, *program.watches):
        yield rule.when
        if rule.unless is not None:
            yield rule.unless


def _of_schema(signal: Signal) -> list[Any]:
    match signal.type:
        case SignalType.BOOL:
            return [False, True]
        case SignalType.STRING:
            return list(signal.values or ())
    low, high = signal.range
    if signal.type is SignalType.INT:
        ends = [INT_MIN if low is None else low - 1, INT_MAX if high is None else high + 1]
    else:
        ends = [-1e308 if low is None else low - 1.0, 1e308 if high is None else high + 1.0]
    return [*(each for each in (low, high) if each is not None), *ends]


def _numbers(expression: Expression, name: str, program: Program) -> list[float]:
    """
    Give the numbers next to which a signal may change an expression: literals, their products and quotients, and those with other signals.
    """
    reads = {input_ for each in program.derived if each.name in expression.signals for input_ in each.reads}
    if name not in expression.signals and name not in reads:
        return []
    literals = [float(text) for text in _NUMBER.findall(expression.text)]
    others = [float(program.signals[each].healthy) for each in expression.signals if each != name and _is_number(program, each)]
    pairs = [(left, right) for left in literals for right in (*literals, *others)]
    mixed = [value for left, right in pairs for value in (left * right, left / right if right else 0.0, right + left)]
    return [value for value in dict.fromkeys((*literals, *mixed[:6])) if isfinite(value)]


def _is_number(program: Program, name: str) -> bool:
    signal = program.signals.get(name)
    return signal is not None and signal.type.is_numeric


def _around(number: float, type_: SignalType, *, is_clear: bool) -> list[Any]:
    if type_ is SignalType.INT:
        return [int(number), int(number) - 1, int(number) + 1] if number == int(number) else [int(number)]
    if is_clear:
        return [number * 0.999, number * 1.001]
    return [number, nextafter(number, -inf), nextafter(number, inf)]


def _distinct(values: list[Any]) -> list[Any]:
    return list({(type(value), value): value for value in values}.values())
