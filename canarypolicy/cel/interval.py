"""
Sets of values that an expression can have: intervals of numbers, choices of bools and strings.

Every set is closed under what the evaluator does: a number that could come out of an evaluation lies in the set that comes
out here. Rounding is monotone, so bounds computed in the evaluator's own arithmetic need no widening.
No tree is read here; `canarypolicy.cel.ranges` does that.
"""

from __future__ import annotations

import operator as py
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from math import ceil, floor, inf, nextafter, ulp
from typing import Any, Final, TypeAlias

INT_MIN, INT_MAX = -(2**63), 2**63 - 1
MAX: Final = sys.float_info.max
_SMALLEST: Final = ulp(0.0)
_MOST_PAIRS: Final = 10_000

Number: TypeAlias = int | float


class Anything(Enum):
    """
    No claim at all: any value of any type.
    """

    ANYTHING = "anything"


ANYTHING: Final = Anything.ANYTHING


@dataclass(frozen=True, slots=True)
class Interval:
    """
    All numbers of one type from `low` to `high`, both included; ints are int64, doubles are finite.
    """

    low: Number
    high: Number
    is_nonzero: bool = False
    """Whether 0 is left out, wherever it lies."""

    @property
    def is_int(self) -> bool:
        return isinstance(self.low, int) and isinstance(self.high, int)

    @property
    def has_zero(self) -> bool:
        return self.low <= 0 <= self.high and not self.is_nonzero


@dataclass(frozen=True, slots=True)
class Choices:
    """
    Some bools or strings; without any, the expression has no value: it is always unknown.
    """

    values: frozenset[bool | str]


Possible: TypeAlias = Interval | Choices | Anything

NOTHING: Final = Choices(frozenset())
TRUTHS: Final = Choices(frozenset({False, True}))
DOUBLES: Final = Interval(-MAX, MAX)
INTS: Final = Interval(INT_MIN, INT_MAX)

COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": py.lt,
    "<=": py.le,
    ">": py.gt,
    ">=": py.ge,
    "==": py.eq,
    "!=": py.ne,
}


def truths(*values: bool) -> Choices:
    """
    Give the set of some truth values.
    """
    return Choices(frozenset(values))


def truths_of(possible: Possible) -> frozenset[bool | str]:
    """
    Give the truth values in a set; a set without a claim has both.
    """
    return possible.values if isinstance(possible, Choices) else TRUTHS.values


def join(one: Possible, other: Possible) -> Possible:
    """
    Give a set that holds all values of both.
    """
    if NOTHING in (one, other):
        return other if one == NOTHING else one
    if isinstance(one, Interval) and isinstance(other, Interval) and one.is_int == other.is_int:
        return Interval(min(one.low, other.low), max(one.high, other.high), one.is_nonzero and other.is_nonzero)
    if isinstance(one, Choices) and isinstance(other, Choices):
        return Choices(one.values | other.values)
    return ANYTHING


def meet(one: Possible, other: Possible) -> Possible:
    """
    Give a set that holds all values that both have; of sets of unlike types it is the first.
    """
    if NOTHING in (one, other):
        return NOTHING
    if isinstance(one, Anything):
        return other
    if isinstance(one, Interval) and isinstance(other, Interval) and one.is_int == other.is_int:
        low, high = max(one.low, other.low), min(one.high, other.high)
        return Interval(low, high, one.is_nonzero or other.is_nonzero) if low <= high else NOTHING
    if isinstance(one, Choices) and isinstance(other, Choices):
        return Choices(one.values & other.values)
    return one


def above(number: Number) -> Number:
    """
    Give the next larger number of the same type.
    """
    return number + 1 if isinstance(number, int) else nextafter(number, inf)


def below(number: Number) -> Number:
    """
    Give the next smaller number of the same type.
    """
    return number - 1 if isinstance(number, int) else nextafter(number, -inf)


def compare(operator: str, left: Possible, right: Possible) -> Choices:
    """
    Give the truth values of a comparison.
    """
    if NOTHING in (left, right):
        return NOTHING
    if isinstance(left, Interval) and isinstance(right, Interval):
        return _compare_numbers(operator, left, right)
    if isinstance(left, Choices) and isinstance(right, Choices) and len(left.values) * len(right.values) <= _MOST_PAIRS:
        types = {type(value) for value in left.values | right.values}
        if len(types) == 1:
            return Choices(frozenset(COMPARISONS[operator](a, b) for a in left.values for b in right.values))
    return TRUTHS


def _compare_numbers(operator: str, left: Interval, right: Interval) -> Choices:
    match operator:
        case "<" | "<=":
            holds = COMPARISONS[operator]
            return _from(can_be_true=holds(left.low, right.high), can_be_false=not holds(left.high, right.low))
        case ">":
            return _compare_numbers("<", right, left)
        case ">=":
            return _compare_numbers("<=", right, left)
    can_be_equal = isinstance(meet(left, right), Interval) and meet(left, right) != Interval(0, 0, is_nonzero=True)
    can_differ = not left.low == left.high == right.low == right.high
    if operator == "==":
        return _from(can_be_true=can_be_equal, can_be_false=can_differ)
    return _from(can_be_true=can_differ, can_be_false=can_be_equal)


def _from(*, can_be_true: bool, can_be_false: bool) -> Choices:
    return Choices(frozenset(truth for truth, can_be in ((True, can_be_true), (False, can_be_false)) if can_be))


def negate(operand: Possible) -> Possible:
    """
    Give the values of `-operand`.
    """
    if isinstance(operand, Interval):
        return _within(-operand.high, -operand.low)
    return NOTHING if operand == NOTHING else ANYTHING


def calculate(operator: str, left: Possible, right: Possible) -> Possible:
    """
    Give the values of one of `+ - * / %`; a result that is not finite or no int64 is unknown, so it is none of them.
    """
    if NOTHING in (left, right):
        return NOTHING
    if not isinstance(left, Interval) or not isinstance(right, Interval) or left.is_int != right.is_int:
        return ANYTHING
    match operator:
        case "+":
            return _within(left.low + right.low, left.high + right.high)
        case "-":
            return _within(left.low - right.high, left.high - right.low)
        case "*":
            return _corners(py.mul, left, right)
        case "/":
            parts = [_corners(_truncate if left.is_int else py.truediv, left, part) for part in _without_zero(right)]
        case _:
            parts = [_remainder(left, part) for part in _without_zero(right)]
    return _all_of(parts)


def _all_of(parts: list[Possible]) -> Possible:
    result: Possible = NOTHING
    for part in parts:
        result = join(result, part)
    return result


def _corners(calculation: Callable[[Number, Number], Number], left: Interval, right: Interval) -> Possible:
    ends = [calculation(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
    return _within(min(ends), max(ends))


def _without_zero(divisor: Interval) -> list[Interval]:
    unit: Number = 1 if divisor.is_int else _SMALLEST
    sides = (meet(divisor, Interval(divisor.low, -unit)), meet(divisor, Interval(unit, divisor.high)))
    return [side for side in sides if isinstance(side, Interval)]


def _truncate(dividend: Number, divisor: Number) -> int:
    quotient = abs(int(dividend)) // abs(int(divisor))
    return quotient if (dividend < 0) == (divisor < 0) else -quotient


def _remainder(dividend: Interval, divisor: Interval) -> Possible:
    most = max(abs(divisor.low), abs(divisor.high)) - 1
    return _within(max(min(dividend.low, 0), -most), min(max(dividend.high, 0), most))


def _within(low: Number, high: Number) -> Possible:
    """
    Cut bounds to what a value of their type can be.
    """
    least, most = (INT_MIN, INT_MAX) if isinstance(low, int) and isinstance(high, int) else (-MAX, MAX)
    if low > most or high < least:
        return NOTHING
    return Interval(max(low, least), min(high, most))


def to_double(operand: Possible) -> Possible:
    """
    Give the values of `double(operand)`.
    """
    if isinstance(operand, Interval):
        return Interval(float(operand.low), float(operand.high), operand.is_nonzero)
    return NOTHING if operand == NOTHING else DOUBLES


def to_int(operand: Possible) -> Possible:
    """
    Give the values of `int(operand)`, whichever way it rounds.
    """
    if isinstance(operand, Interval):
        return _within(floor(operand.low), ceil(operand.high))
    return NOTHING if operand == NOTHING else INTS
