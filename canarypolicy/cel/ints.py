"""
Whole numbers and signs in terms: exact, and unknown beyond 64 bits.
"""

from __future__ import annotations

from canarypolicy.cel import terms
from canarypolicy.cel.interval import INT_MAX, INT_MIN, Interval, calculate, negate, to_int
from canarypolicy.cel.lowered import Number
from canarypolicy.cel.rounding import Doubles
from canarypolicy.cel.terms import Term, all_of, choose


class NotLowered(Exception):
    """
    A node below the boolean that is being lowered has no terms.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def negated_number(operand: Number) -> Number:
    """
    Give a number with the other sign.
    """
    within = negate(operand.within)
    ok = [operand.ok]
    if not isinstance(within, Interval) or (operand.is_int and operand.within.low == INT_MIN):
        ok.append(operand.value > INT_MIN)
    if not isinstance(within, Interval):
        within = Interval(INT_MIN, INT_MAX)
    is_safe = operand.is_safe and len(ok) == 1
    return Number(ok=all_of(ok), value=-operand.value, within=within, is_computed=operand.is_computed, is_safe=is_safe)


def of_ints(doubles: Doubles, operator: str, left: Number, right: Number) -> Number:
    """
    Calculate with ints: exact, and unknown beyond 64 bits; what divides must be a constant.
    """
    ok = [left.ok, right.ok]
    match operator:
        case "+" | "-" | "*":
            value = doubles.operation(operator, left, right).exact
        case _:
            value = _divided(operator, left.value, right)
            ok.append(terms.truth(right.within.low != 0))
    within = calculate(operator, left.within, right.within)
    if not isinstance(within, Interval):  # it has no value at all
        within = Interval(INT_MIN, INT_MAX)
    is_safe = left.is_safe and right.is_safe
    if within.low == INT_MIN or within.high == INT_MAX:  # the set is cut there, the term is not
        ok.append(all_of((value >= INT_MIN, value <= INT_MAX)))
        is_safe = False
    return Number(ok=all_of(ok), value=value, within=within, is_computed=left.is_computed or right.is_computed, is_safe=is_safe)


def _divided(operator: str, left: Term, right: Number) -> Term:
    divisor = right.within.low
    if divisor != right.within.high:
        raise NotLowered(f"`{operator}` by an int that is no constant has no terms")
    if divisor == 0:
        return left
    size = terms.number(abs(int(divisor)))
    if operator == "%":
        return choose(left >= 0, left % size, -((-left) % size))
    is_like = left >= 0 if divisor > 0 else left <= 0
    quotient = terms.absolute(left) / size
    return choose(is_like, quotient, -quotient)


def as_int(operand: Number) -> Number:
    """
    Give a number without what stands behind its point.
    """
    if operand.is_int:
        return operand
    within = to_int(operand.within)
    value = terms.truncated(operand.value)
    ok = [operand.ok]
    if not isinstance(within, Interval):
        within = Interval(INT_MIN, INT_MAX)
    is_safe = operand.is_safe
    if within.low == INT_MIN or within.high == INT_MAX:
        ok.append(all_of((value >= INT_MIN, value <= INT_MAX)))
        is_safe = False
    return Number(ok=all_of(ok), value=value, within=within, is_computed=operand.is_computed, is_safe=is_safe)
