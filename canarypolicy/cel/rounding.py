"""
Arithmetic in doubles, in exact terms: what is computed is the double next to the exact result, and nothing more is known of it.

Where a result is only compared with a constant, that says exactly when the comparison holds: rounding is monotone, so there
is a last exact number that is still rounded to the constant.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import inf, isinf, nextafter
from typing import Final, TypeAlias

from canarypolicy.cel import terms
from canarypolicy.cel.interval import MAX, Interval, calculate
from canarypolicy.cel.lowered import Number
from canarypolicy.cel.terms import Term, all_of, any_of, implies, negated

Ends: TypeAlias = tuple[Fraction | None, Fraction | None]
"""Between which an exact result lies; None: no end."""

_HALF_ULP: Final = Fraction(1, 2**53)
_TINY: Final = Fraction(1, 2**120)
"""How far a product near 0 may be off; doubles are off by 2**-1075 at most, but such numbers make the solver slow."""
_LEAST_NORMAL: Final = Fraction(1, 2**1022)
OVERFLOW: Final = Fraction(2**1024 - 2**970)
"""From here on a result is rounded to an infinity."""
_LARGE: Final = Fraction(2**100)
"""From here on a result may overflow, as far as the proof knows; the exact limit would make the solver slow."""
_MARGIN: Final = Fraction(1, 10**9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """
    One of `+ - * /` on doubles, or `double` of an int that may have no double of its own.
    """

    operator: str
    left: Term
    right: Term

    @property
    def exact(self) -> Term:
        match self.operator:
            case "+":
                return self.left + self.right
            case "-":
                return self.left - self.right
            case "*":
                return self.left * self.right
            case "/":
                return self.left / self.right
        return self.left

    def at_most(self, limit: Term) -> Term:
        """
        Say that the exact result is not above a constant, without a division.
        """
        if self.operator != "/":
            return self.exact <= limit
        scaled = limit * self.right
        return any_of((all_of((self.right > 0, self.left <= scaled)), all_of((self.right < 0, self.left >= scaled))))

    def below(self, limit: Term) -> Term:
        """
        Say that the exact result is below a constant, without a division.
        """
        if self.operator != "/":
            return self.exact < limit
        scaled = limit * self.right
        return any_of((all_of((self.right > 0, self.left < scaled)), all_of((self.right < 0, self.left > scaled))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """
    A name made up for what doubles do with an operation, and what is taken for granted of it.
    """

    name: str
    operation: Operation
    said: Term
    is_overflow: bool
    """Whether it is the name of a truth: that the result is an infinity; else that of the rounded result."""


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
    _rounded: dict[tuple[str, int, int], Term] = field(default_factory=dict)
    _overflowed: dict[tuple[str, int, int], Term] = field(default_factory=dict)

    def calculated(self, operator: str, left: Number, right: Number) -> Number:
        """
        Give the result of `+ - * /`, the same for the same operands.
        """
        operation = _operation(operator, left.value, right.value)
        operands = all_of((left.ok, right.ok))
        checks = self._checks(operation, left, right)
        are_safe = left.is_safe and right.is_safe
        within = calculate(operator, left.within, right.within)
        if not isinstance(within, Interval):  # it has no value at all
            within = Interval(-MAX, MAX)
        is_exact = _is_exact(operation)
        value = operation.exact
        if not is_exact:
            ends = _corners(operator, left.within, right.within)
            value = self._round(operation, ends, only_if=terms.truth(True) if are_safe else operands)
        return Number(
            ok=all_of((operands, *checks)),
            value=value,
            within=within,
            is_computed=left.is_computed or right.is_computed or not is_exact,
            is_safe=are_safe and not checks,
        )

    def compared(self, comparison: str, operator: str, sides: tuple[Number, Number], limit: float) -> tuple[Term, Term]:
        """
        Give when the comparison of a result with a constant is known, and when it holds then.
        """
        left, right = sides
        operation = _operation(operator, left.value, right.value)
        exact_limit, far = terms.number(limit), terms.number(abs(Fraction(limit)) * _MARGIN)
        self.margins.append(any_of((operation.at_most(exact_limit - far), negated(operation.below(exact_limit + far)))))
        holds = {
            "<=": lambda: _rounds_to_at_most(operation, limit),
            ">": lambda: negated(_rounds_to_at_most(operation, limit)),
            ">=": lambda: negated(_rounds_to_below(operation, limit)),
            "<": lambda: _rounds_to_below(operation, limit),
            "==": lambda: all_of((_rounds_to_at_most(operation, limit), negated(_rounds_to_below(operation, limit)))),
            "!=": lambda: any_of((negated(_rounds_to_at_most(operation, limit)), _rounds_to_below(operation, limit))),
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
        key = _key(operation)
        if key not in self._overflowed:
            name = f"overflow#{len(self.made)}"
            self._overflowed[key] = overflows = terms.boolean(name)
            size = terms.number(_LARGE)
            is_large = any_of((negated(operation.below(size)), operation.at_most(-size)))
            said = implies(overflows, is_large)
            self.definitions.append(said)
            self.made.append(Made(name=name, operation=operation, said=said, is_overflow=True))
        return self._overflowed[key]

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
        operation = Operation(operator="double", left=value, right=value)
        result = self._round(operation, (Fraction(low), Fraction(high)), only_if=only_if)
        return replace(operand, value=result, within=within, is_computed=True)

    def _round(self, operation: Operation, ends: Ends, *, only_if: Term) -> Term:
        """
        Give the name of a rounded result; what is said of it is said only where its operands lie within their bounds.
        """
        key = _key(operation)
        if key not in self._rounded:
            name = f"rounded#{len(self.made)}"
            self._rounded[key] = rounded = terms.real(name)
            is_scaled = operation.operator in ("*", "/")  # sums below the normal numbers are exact
            said = implies(only_if, envelope(rounded, operation.exact, ends, is_scaled=is_scaled))
            self.definitions.append(said)
            self.made.append(Made(name=name, operation=operation, said=said, is_overflow=False))
        return self._rounded[key]

    def note_margin(self, left: Number, right: Number) -> None:
        """
        Note how far the sides of a comparison must be apart to be clearly so, if one of them is computed.
        """
        if left.is_computed or right.is_computed:
            far = terms.absolute(right.value) * terms.number(_MARGIN)
            self.margins.append(any_of((left.value - right.value >= far, right.value - left.value >= far)))


def _operation(operator: str, left: Term, right: Term) -> Operation:
    if operator in ("+", "*") and left.get_id() > right.get_id():
        left, right = right, left  # the same, whatever stands first
    return Operation(operator=operator, left=left, right=right)


def _key(operation: Operation) -> tuple[str, int, int]:
    return operation.operator, operation.left.get_id(), operation.right.get_id()


def _shift(operation: Operation) -> int | None:
    """
    Give k if an operation is a multiplication with 2**k, by which only very small and very large numbers are rounded.
    """
    sides = {"*": (operation.left, operation.right), "/": (operation.right,)}.get(operation.operator, ())
    for side in sides:
        if terms.is_number(side):
            factor = Fraction(terms.exact_value(side))
            size = factor if factor >= 1 or factor <= 0 else 1 / factor
            if size > 0 and size.denominator == 1 and size.numerator & (size.numerator - 1) == 0:
                shift = size.numerator.bit_length() - 1
                return shift if (factor >= 1) == (operation.operator == "*") else -shift
    return None


def _is_exact(operation: Operation) -> bool:
    shift = _shift(operation)
    return shift is not None and shift >= 0


def _rounds_to_at_most(operation: Operation, limit: float) -> Term:
    """
    Say that a result in doubles is not above a constant: that the exact one is not nearer to the next double.
    """
    middle = _middle(operation, limit, _next(limit))
    is_in = _is_even(limit) or middle == limit
    return (operation.at_most if is_in else operation.below)(terms.number(middle))


def _rounds_to_below(operation: Operation, limit: float) -> Term:
    """
    Say that a result in doubles is below a constant: that the exact one is nearer to the double before.
    """
    middle = _middle(operation, limit, -_next(-limit))
    is_out = _is_even(limit) or middle == limit
    return (operation.below if is_out else operation.at_most)(terms.number(middle))


def _middle(operation: Operation, limit: float, neighbour: Fraction) -> Fraction:
    is_sum = operation.operator in ("+", "-")
    if (limit == 0 and is_sum) or (abs(limit) > _LEAST_NORMAL and _shift(operation) is not None):
        return Fraction(limit)  # no sum is rounded to 0 but 0, and what is shifted is not rounded
    return (Fraction(limit) + neighbour) / 2


def _next(number: float) -> Fraction:
    above = nextafter(number, inf)
    return Fraction(2**1024) if isinf(above) else Fraction(above)


def _is_even(number: float) -> bool:
    """
    Tell whether what lies in the middle between a double and a neighbour is rounded to it.
    """
    return bool(struct.pack(">d", number)[-1] % 2 == 0)


def envelope(rounded: Term, exact: Term, ends: Ends, *, is_scaled: bool) -> Term:
    """
    Say that a double is next to an exact number that lies between the ends.

    All that rounding keeps is said: how near it is, and the sign.
    """
    low, high = ends
    may_be_tiny = is_scaled and not ((low is not None and low >= _LEAST_NORMAL) or (high is not None and high <= -_LEAST_NORMAL))
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
