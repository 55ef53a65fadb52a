"""
One operation on doubles, and exactly which results of it are rounded to which side of a constant.

Rounding is monotone, so there is a last exact number that is still rounded to the constant: the middle to the next double.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from math import inf, isinf, nextafter
from typing import Final, TypeAlias

from canarypolicy.cel import terms
from canarypolicy.cel.terms import Term, all_of, any_of

LEAST_NORMAL: Final = Fraction(1, 2**1022)
"""Below it doubles are further apart than their size would tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """
    One of `+ - * /` on doubles, or `double` of an int that may have no double of its own.
    """

    operator: str
    left: Term
    right: Term
    exact: Term
    """The exact result: computed from the operands, or the name of it where that would be nonlinear."""

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


Key: TypeAlias = tuple[str, int, int]
"""What tells operations apart: the operator and the identities of the operands."""


def ordered(operator: str, left: Term, right: Term) -> tuple[Term, Term]:
    """
    Give the operands in an order of their own where that makes no difference.
    """
    return (right, left) if operator in ("+", "*") and left.get_id() > right.get_id() else (left, right)


def is_nonlinear(operator: str, left: Term, right: Term) -> bool:
    """
    Tell whether an operation is a product of two numbers that vary, or a quotient by one.
    """
    return (operator == "*" and not terms.is_number(left) and not terms.is_number(right)) or (
        operator == "/" and not terms.is_number(right)
    )


def computed(operator: str, left: Term, right: Term) -> Term:
    """
    Give the exact result of an operation.
    """
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return left / right


def key_of(operator: str, left: Term, right: Term) -> Key:
    """
    Give what tells an operation from others.
    """
    return operator, left.get_id(), right.get_id()


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


def is_exact(operation: Operation) -> bool:
    """
    Tell whether an operation rounds nothing: a multiplication with 1, 2, 4 ...
    """
    shift = _shift(operation)
    return shift is not None and shift >= 0


def rounds_to_at_most(operation: Operation, limit: float) -> Term:
    """
    Say that a result in doubles is not above a constant: that the exact one is not nearer to the next double.
    """
    middle = _middle(operation, limit, _next(limit))
    is_in = _is_even(limit) or middle == limit
    return (operation.at_most if is_in else operation.below)(terms.number(middle))


def rounds_to_below(operation: Operation, limit: float) -> Term:
    """
    Say that a result in doubles is below a constant: that the exact one is nearer to the double before.
    """
    middle = _middle(operation, limit, -_next(-limit))
    is_out = _is_even(limit) or middle == limit
    return (operation.below if is_out else operation.at_most)(terms.number(middle))


def _middle(operation: Operation, limit: float, neighbour: Fraction) -> Fraction:
    is_sum = operation.operator in ("+", "-")
    if (limit == 0 and is_sum) or (abs(limit) > LEAST_NORMAL and _shift(operation) is not None):
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
