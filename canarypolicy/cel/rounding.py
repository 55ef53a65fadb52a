"""
Arithmetic in doubles, in exact terms: what is computed is the double next to the exact result, and nothing more is known of it.

What is compared with a constant needs no such name, and what is shifted by a power of two is not rounded at all:
see `canarypolicy.cel.operation`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from fractions import Fraction
from typing import Final, TypeAlias

from canarypolicy.cel import terms
from canarypolicy.cel.interval import MAX, Interval, calculate
from canarypolicy.cel.lowered import Number
from canarypolicy.cel.operation import (
    LEAST_NORMAL,
    Key,
    Operation,
    computed,
    is_exact,
    is_nonlinear,
    key_of,
    ordered,
    rounds_to_at_most,
    rounds_to_below,
)
from canarypolicy.cel.terms import Term, all_of, any_of, implies, negated

Ends: TypeAlias = tuple[Fraction | None, Fraction | None]
"""Between which an exact result lies; None: no end."""

_HALF_ULP: Final = Fraction(1, 2**53)
_TINY: Final = Fraction(1, 2**120)
"""How far a product near 0 may be off; doubles are off by 2**-1075 at most, but such numbers make the solver slow."""
OVERFLOW: Final = Fraction(2**1024 - 2**970)
"""From here on a result is rounded to an infinity."""
_LARGE: Final = Fraction(2**100)
"""From here on a result may overflow, as far as the proof knows; the exact limit would make the solver slow."""
_MARGIN: Final = Fraction(1, 10**9)
_LEAST_MARGIN: Final = 2**20 * _TINY
"""Numbers that are nearer to each other than this, only what is said of tiny results tells apart."""


class MadeKind(Enum):
    """
    What a name stands for.
    """

    EXACT = "exact"
    """The exact result."""
    ROUNDED = "rounded"
    """The double next to it."""
    OVERFLOW = "overflow"
    """Whether that is an infinity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """
    A name made up for an operation, and what is taken for granted of it.
    """

    name: str
    kind: MadeKind
    operation: Operation
    said: Term


@dataclass(slots=True, kw_only=True)
class Doubles:
    """
    The results in doubles of all lowered expressions; equal operations on equal operands have one result.
    """

    definitions: list[Term]
    made: list[Made] = field(default_factory=list)
    """Each after those that it is computed from."""
    margins: list[Term] = field(default_factory=list)
    """For each comparison of a computed number: that the two sides are clearly apart."""
    touches: list[Term] = field(default_factory=list)
    """The same for each, or that the sides are exactly equal."""
    nonlinear: dict[str, Term] = field(default_factory=dict)
    """By its name, what an exact product or quotient is: true, but slow to reason with, so that no solver need be told."""
    _operations: dict[Key, Operation] = field(default_factory=dict)
    _names: dict[tuple[MadeKind, Key], Term] = field(default_factory=dict)

    def calculated(self, operator: str, left: Number, right: Number) -> Number:
        """
        Give the result of `+ - * /`, the same for the same operands.
        """
        operation = self.operation(operator, left, right)
        operands = all_of((left.ok, right.ok))
        checks = self._checks(operation, left, right)
        are_safe = left.is_safe and right.is_safe
        within = calculate(operator, left.within, right.within)
        if not isinstance(within, Interval):  # it has no value at all
            within = Interval(-MAX, MAX)
        is_rounded = not is_exact(operation)
        value = operation.exact
        if is_rounded:
            ends = _corners(operator, left.within, right.within)
            value = self._round(operation, ends, only_if=terms.truth(True) if are_safe else operands)
        return Number(
            ok=all_of((operands, *checks)),
            value=value,
            within=within,
            is_computed=left.is_computed or right.is_computed or is_rounded,
            is_safe=are_safe and not checks,
        )

    def compared(self, comparison: str, operator: str, sides: tuple[Number, Number], limit: float) -> tuple[Term, Term]:
        """
        Give when the comparison of a result with a constant is known, and when it holds then.
        """
        left, right = sides
        operation = self.operation(operator, left, right)
        if comparison not in ("==", "!="):  # what is equal is never clear of being unequal
            exact_limit, far = terms.number(limit), terms.number(abs(Fraction(limit)) * _MARGIN)
            apart = any_of((operation.at_most(exact_limit - far), negated(operation.below(exact_limit + far))))
            self._note(apart, all_of((operation.at_most(exact_limit), negated(operation.below(exact_limit)))))
        holds = {
            "<=": lambda: rounds_to_at_most(operation, limit),
            ">": lambda: negated(rounds_to_at_most(operation, limit)),
            ">=": lambda: negated(rounds_to_below(operation, limit)),
            "<": lambda: rounds_to_below(operation, limit),
            "==": lambda: all_of((rounds_to_at_most(operation, limit), negated(rounds_to_below(operation, limit)))),
            "!=": lambda: any_of((negated(rounds_to_at_most(operation, limit)), rounds_to_below(operation, limit))),
        }
        return all_of((left.ok, right.ok, *self._checks(operation, left, right))), holds[comparison]()

    def _checks(self, operation: Operation, left: Number, right: Number) -> list[Term]:
        """
        Give what must be so for an operation to have a finite result.
        """
        checks: list[Term] = []
        if operation.operator == "/" and right.within.low <= 0 <= right.within.high:
            checks.append(negated(right.value == 0))
        low, high = _corners(operation.operator, left.within, right.within)
        if low is None or high is None or low <= -OVERFLOW or high >= OVERFLOW:
            checks.append(negated(self._overflow(operation)))
        return checks

    def _overflow(self, operation: Operation) -> Term:
        size = terms.number(_LARGE)
        is_large = any_of((negated(operation.below(size)), operation.at_most(-size)))
        return self._named(MadeKind.OVERFLOW, operation, lambda overflows: implies(overflows, is_large))

    def operation(self, operator: str, left: Number, right: Number) -> Operation:
        """
        Give an operation; an exact result that is nonlinear is a name, of which only the bounds are told.
        """
        sides = ordered(operator, left.value, right.value)
        key = key_of(operator, *sides)
        if key not in self._operations:
            is_named = is_nonlinear(operator, *sides)
            make = terms.whole if left.is_int else terms.real
            exact = make(f"exact#{len(self.made)}") if is_named else computed(operator, *sides)
            operation = Operation(operator=operator, left=sides[0], right=sides[1], exact=exact)
            if is_named:
                self._name_exact(
                    operation,
                    implies(all_of((left.ok, right.ok)), _between(exact, _corners(operator, left.within, right.within))),
                )
            self._operations[key] = operation
        return self._operations[key]

    def _name_exact(self, operation: Operation, said: Term) -> None:
        left, right, exact = operation.left, operation.right, operation.exact
        is_quotient = operation.operator == "/"
        name = terms.name_of(exact)
        self.nonlinear[name] = any_of((right == 0, exact * right == left)) if is_quotient else exact == left * right
        self.definitions.append(said)
        self.made.append(Made(name=name, kind=MadeKind.EXACT, operation=operation, said=said))

    def _named(self, kind: MadeKind, operation: Operation, say: Callable[[Term], Term]) -> Term:
        """
        Give the name that stands for something of an operation, and take for granted what is said of it.
        """
        key = (kind, key_of(operation.operator, operation.left, operation.right))
        if key not in self._names:
            name = f"{kind.value}#{len(self.made)}"
            self._names[key] = term = terms.boolean(name) if kind is MadeKind.OVERFLOW else terms.real(name)
            said = say(term)
            self.definitions.append(said)
            self.made.append(Made(name=name, kind=kind, operation=operation, said=said))
        return self._names[key]

    def as_double(self, operand: Number) -> Number:
        """
        Give an int as the double next to it.
        """
        low, high = operand.within.low, operand.within.high
        within = Interval(float(low), float(high))
        value = terms.as_real(operand.value)
        if low >= -(2**53) and high <= 2**53:
            return replace(operand, value=value, within=within)
        only_if = terms.truth(True) if operand.is_safe else operand.ok
        operation = Operation(operator="double", left=value, right=value, exact=value)
        result = self._round(operation, (Fraction(low), Fraction(high)), only_if=only_if)
        return replace(operand, value=result, within=within, is_computed=True)

    def _round(self, operation: Operation, ends: Ends, *, only_if: Term) -> Term:
        """
        Give the name of a rounded result; what is said of it is said only where its operands lie within their bounds.
        """
        is_scaled = operation.operator in ("*", "/")  # sums below the normal numbers are exact
        return self._named(
            MadeKind.ROUNDED,
            operation,
            lambda rounded: implies(only_if, envelope(rounded, operation.exact, ends, is_scaled=is_scaled)),
        )

    def note_margin(self, left: Number, right: Number) -> None:
        """
        Note how far the sides of a comparison must be apart to be clearly so, if one of them is computed.
        """
        if left.is_computed or right.is_computed:
            far = terms.absolute(right.value) * terms.number(_MARGIN) + terms.number(_LEAST_MARGIN)
            are_zero = all_of((left.value == 0, right.value == 0))
            apart = any_of((left.value - right.value >= far, right.value - left.value >= far, are_zero))
            self._note(apart, left.value == right.value)

    def _note(self, apart: Term, equal: Term) -> None:
        self.margins.append(apart)
        self.touches.append(any_of((apart, equal)))

    def finite(self) -> Iterator[Term]:
        """
        Say of all results that they do not overflow.
        """
        for made in self.made:
            if made.kind is MadeKind.OVERFLOW:
                yield negated(terms.boolean(made.name))

    def exactly(self, names: Container[str]) -> Iterator[Term]:
        """
        Say of rounded results, given by name, that nothing was rounded.
        """
        for made in self.made:
            if made.kind is MadeKind.ROUNDED and made.name in names:
                yield terms.real(made.name) == made.operation.exact


def _between(exact: Term, ends: Ends) -> Term:
    low, high = ends
    said = [exact >= _end(exact, low)] if low is not None and abs(low) < _LARGE else []
    return all_of((*said, *([exact <= _end(exact, high)] if high is not None and abs(high) < _LARGE else ())))


def _end(exact: Term, end: Fraction) -> Term:
    return terms.number(int(end)) if terms.is_whole(exact) else terms.number(end)


def envelope(rounded: Term, exact: Term, ends: Ends, *, is_scaled: bool) -> Term:
    """
    Say that a double is next to an exact number that lies between the ends.

    All that rounding keeps is said: how near it is, and the sign.
    """
    low, high = ends
    may_be_tiny = is_scaled and not ((low is not None and low >= LEAST_NORMAL) or (high is not None and high <= -LEAST_NORMAL))
    off = terms.number(_TINY if may_be_tiny else Fraction(0))
    more, less = terms.number(1 + _HALF_ULP), terms.number(1 - _HALF_ULP)
    above = all_of((rounded >= 0, rounded >= exact * less - off, rounded <= exact * more + off))
    below = all_of((rounded <= 0, rounded >= exact * more - off, rounded <= exact * less + off))
    if low is not None and low >= 0:
        return above if low > 0 else all_of((above, implies(exact <= 0, rounded <= 0)))
    if high is not None and high <= 0:
        return below if high < 0 else all_of((below, implies(exact >= 0, rounded >= 0)))
    return all_of((implies(exact >= 0, above), implies(exact <= 0, below)))


def _corners(operator: str, left: Interval, right: Interval) -> Ends:
    """
    Give the ends between which the exact result lies; None: no end.
    """
    a, b, c, d = (Fraction(end) for end in (left.low, left.high, right.low, right.high))
    match operator:
        case "+":
            return a + c, b + d
        case "-":
            return a - d, b - c
        case "*":
            found = [a * c, a * d, b * c, b * d]
            return min(found), max(found)
    if c <= 0 <= d:
        return (Fraction(0) if a >= 0 and c >= 0 else None), None
    found = [a / c, a / d, b / c, b / d]
    return min(found), max(found)
