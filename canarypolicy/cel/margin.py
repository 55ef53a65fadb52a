"""
The margin of a decision (SPEC section 2.4): how far the comparison that decides is on its good side.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.cel.readings import reading_of
from canarypolicy.cel.stack import deep_stack
from canarypolicy.cel.tree import And, Compare, Conditional, Node, Not, Or

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Expression, Values


def margin_of(expression: Expression, values: Values, *, good: bool) -> float | None:
    """
    Give how far `a` is on the good side of `b` in the deciding `a OP b`, relative to |b|; negative is bad.

    `good` is the truth that is good: true for an SLO, false for a rollback or hold rule.
    None where nothing decides, where b is 0, and for whatever is no ordering of numbers.
    """
    with deep_stack():
        return _margin(expression, expression.tree, values, good=good)


def _margin(expression: Expression, node: Node, values: Values, *, good: bool) -> float | None:
    match node:
        case Not(operand=operand):
            return _margin(expression, operand, values, good=not good)
        case Compare(operator="<" | "<="):
            return _distance(expression, node, values, sign=1 if good else -1)
        case Compare(operator=">" | ">="):
            return _distance(expression, node, values, sign=-1 if good else 1)
        case And(left=left, right=right):
            return _settling(expression, (left, right), values, good=good, settles=False)
        case Or(left=left, right=right):
            return _settling(expression, (left, right), values, good=good, settles=True)
        case Conditional(condition=condition, yes=yes, no=no):
            chosen = reading_of(expression, condition)(values)
            return None if chosen is UNKNOWN else _margin(expression, yes if chosen else no, values, good=good)
        case _:
            return None


def _settling(expression: Expression, sides: tuple[Node, Node], values: Values, *, good: bool, settles: bool) -> float | None:
    """
    Give the margin of the first side that settles `&&` or `||` alone; where it takes both, the smaller.
    """
    truths = [reading_of(expression, side)(values) for side in sides]
    for side, truth in zip(sides, truths, strict=True):
        if truth is settles:
            return _margin(expression, side, values, good=good)
    if UNKNOWN in truths:
        return None
    margins = [_margin(expression, side, values, good=good) for side in sides]
    known = [margin for margin in margins if margin is not None]
    return min(known, key=abs) if known else None


def _distance(expression: Expression, node: Compare, values: Values, *, sign: int) -> float | None:
    left, right = reading_of(expression, node.left)(values), reading_of(expression, node.right)(values)
    if not (_is_number(left) and _is_number(right)) or right == 0:
        return None
    distance = sign * (right - left) / abs(right)
    return distance + 0.0 if isfinite(distance) else None  # no margin is -0.0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
