"""
Numeric limits in a policy's rules: where each stands, which values it was compared with, and the policy with another limit.

A limit is a literal that is one side of an ordering, or a factor of one side: `x >= 0.02`, `x <= y * 1.2`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from math import inf, isfinite, nextafter
from typing import TYPE_CHECKING, Any, TypeAlias

from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.cel.readings import best_reading, reading_of
from canarypolicy.cel.stack import deep_stack
from canarypolicy.cel.tree import Arithmetic, Compare, Literal, Macro, Node, children
from canarypolicy.documents.rule import RuleKind
from canarypolicy.documents.signals import INT_MAX, INT_MIN

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Expression, Values
    from canarypolicy.documents.span import Span
    from canarypolicy.engine.program import Program, ProgramRule

Number: TypeAlias = int | float

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_COMPARISONS: dict[str, Callable[[Number, Number], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_MOST_ULPS = 8
"""How far rounding can move the place where a product meets a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """
    A limit: `operand operator literal`, or `operand operator factor * literal`.
    """

    rule: ProgramRule
    expression: Expression
    literal: Literal
    operand: Node
    operator: str
    factor: Node | None

    @property
    def limit(self) -> Number:
        assert isinstance(self.literal.value, int | float), "a limit is a number"
        return self.literal.value

    @property
    def place(self) -> Span:
        return self.expression.place.place(*self.literal.span)

    @property
    def is_exact(self) -> bool:
        """
        Tell whether the ends of its headroom are values that were measured, and not quotients of such.
        """
        return self.factor is None

    @property
    def takes_its_own_side(self) -> bool:
        """
        Tell whether a measured value that is just the limit counts as one above it.
        """
        return self.operator in (">=", "<")


def thresholds(program: Program) -> Iterator[Threshold]:
    """
    Give the limits of all rules, SLOs first, in the order of their expressions.
    """
    for rule in (*program.slos, *program.watches):
        for expression in (rule.when, rule.unless):
            if expression is not None:
                with deep_stack():
                    found = list(_in_tree(rule, expression, expression.tree))
                yield from found


def _in_tree(rule: ProgramRule, expression: Expression, node: Node) -> Iterator[Threshold]:
    if isinstance(node, Macro):
        return  # what its body is compared with, is known inside of it only
    if isinstance(node, Compare) and node.operator in _MIRRORED:
        yield from _of_comparison(rule, expression, node)
    for child in children(node):
        yield from _in_tree(rule, expression, child)


def _of_comparison(rule: ProgramRule, expression: Expression, node: Compare) -> Iterator[Threshold]:
    for operand, side, operator in (
        (node.left, node.right, node.operator),
        (node.right, node.left, _MIRRORED[node.operator]),
    ):
        factor: Node | None = None
        literal = side
        if isinstance(side, Arithmetic) and side.operator == "*":
            factor, literal = (side.left, side.right) if isinstance(side.right, Literal) else (side.right, side.left)
        is_double = isinstance(literal, Literal) and isinstance(literal.value, float)
        is_int = isinstance(literal, Literal) and type(literal.value) is int and factor is None
        if (is_double or is_int) and not isinstance(operand, Literal) and isinstance(literal, Literal):
            yield Threshold(rule=rule, expression=expression, literal=literal, operand=operand, operator=operator, factor=factor)


def cut_of(threshold: Threshold) -> Callable[[Values], Number | None]:
    """
    Give what tells, of the values of a sample, the largest limit for which the comparison is what it is for lower ones.

    None where the comparison is unknown, or the same for all limits.
    """
    operand = reading_of(threshold.expression, threshold.operand)
    factor = None if threshold.factor is None else reading_of(threshold.expression, threshold.factor)

    def cut(values: Values) -> Number | None:
        value = operand(values)
        if value is UNKNOWN:
            return None
        if factor is None:
            return _usable(value + 0 if threshold.takes_its_own_side else before(value))
        by = factor(values)
        return None if by is UNKNOWN or by == 0.0 else _quotient(value, threshold.operator, by)

    return cut


def _usable(cut: Number) -> Number | None:
    return cut if is_literal(cut) and is_literal(after(cut)) else None


def _quotient(value: float, operator: str, by: float) -> float | None:
    """
    Find the last double at which `value operator by * limit` is what it is for lower ones.
    """
    start = value / by
    compare = _COMPARISONS[operator]
    if not isfinite(start):
        return None
    is_low = (operator in (">=", ">")) == (by > 0)
    cut = start
    for _ in range(_MOST_ULPS):
        if compare(value, by * cut) is is_low:
            break
        cut = nextafter(cut, -inf)
    for _ in range(2 * _MOST_ULPS):
        further = nextafter(cut, inf)
        if compare(value, by * further) is not is_low:
            break
        cut = further
    is_met = compare(value, by * cut) is is_low and compare(value, by * nextafter(cut, inf)) is not is_low
    return cut if is_met and isfinite(nextafter(cut, inf)) else None


def before(value: Number) -> Number:
    """
    Give the next smaller number of its type.
    """
    return value - 1 if isinstance(value, int) else nextafter(value, -inf)


def after(value: Number) -> Number:
    """
    Give the next larger number of its type.
    """
    return value + 1 if isinstance(value, int) else nextafter(value, inf)


def is_literal(value: Number) -> bool:
    """
    Tell whether a number can stand in an expression.
    """
    return INT_MIN <= value <= INT_MAX if isinstance(value, int) else isfinite(value)


def with_limit(program: Program, threshold: Threshold, limit: Number) -> Program:
    """
    Give a program with another limit in one place.
    """
    expression = threshold.expression
    with deep_stack():
        tree = _replaced(expression.tree, threshold.literal, replace(threshold.literal, value=limit))
    reading, fell_back = best_reading(tree, expression.types)
    moved = replace(expression, tree=tree, evaluate=reading, fell_back=fell_back, readings={})
    rule = threshold.rule
    other = replace(rule, when=moved) if expression is rule.when else replace(rule, unless=moved)
    if rule.kind is RuleKind.SLO:
        return replace(program, slos=tuple(other if each is rule else each for each in program.slos))
    return replace(program, watches=tuple(other if each is rule else each for each in program.watches))


def _replaced(node: Node, was: Node, now: Node) -> Node:
    """
    Put a node in the place of another, which is known by its identity: an equal one elsewhere stays.
    """
    if node is was:
        return now
    if not children(node):
        return node
    changes: dict[str, Any] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Node):
            changes[field.name] = _replaced(value, was, now)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            changes[field.name] = tuple(_replaced(each, was, now) for each in value)
    return replace(node, **changes)
