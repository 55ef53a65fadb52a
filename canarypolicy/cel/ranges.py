"""
What an expression can give, when each signal may be anything that its declaration admits.

The answer errs on one side only: a value that some admitted sample gives is always in the set, and the set may hold more.
So "it can never be true" is a fact, and "it can be true" is none. Whether an expression can be unknown is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from canarypolicy.cel.interval import (
    ANYTHING,
    INT_MAX,
    NOTHING,
    TRUTHS,
    Choices,
    Interval,
    Possible,
    above,
    below,
    calculate,
    compare,
    join,
    meet,
    negate,
    to_double,
    to_int,
    truths,
    truths_of,
)
from canarypolicy.cel.tree import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Has,
    In,
    Index,
    List,
    Literal,
    Macro,
    Negate,
    Node,
    Not,
    Or,
    Signal,
)

_OPPOSITE: Final = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """
    What each signal can be, and what is assumed of whole sub-expressions on top of it.
    """

    signals: Mapping[str, Possible]
    """A name that is not there can be anything."""
    assumed: Mapping[Node, Possible] = field(default_factory=dict)


def possible(node: Node, known: Known) -> Possible:
    """
    Give a set that holds every value which the expression can have.
    """
    computed = _computed(node, known)
    return meet(computed, known.assumed[node]) if node in known.assumed else computed


def _computed(node: Node, known: Known) -> Possible:
    match node:
        case Literal(value=value):
            return _constant(value)
        case Signal(name=name):
            return known.signals.get(name, ANYTHING)
        case Has():
            return TRUTHS
        case Not(operand=operand):
            return truths(*(not truth for truth in truths_of(possible(operand, known))))
        case Negate(operand=operand):
            return negate(possible(operand, known))
        case And() | Or():
            return _combined(node, known)
        case Conditional():
            return _chosen(node, known)
        case Compare(operator=operator, left=left, right=right):
            return _compared(operator, left, right, known)
        case Arithmetic(operator=operator, left=left, right=right):
            return calculate(operator, possible(left, known), possible(right, known))
        case In(item=item, container=container):
            return _contained(item, container, known)
        case Call():
            return _called(node, known)
        case List() | Index() | Macro():
            return ANYTHING
        case _:
            assert_never(node)


def _constant(value: float | str | bytes | None) -> Possible:
    match value:
        case bool() | str():
            return Choices(frozenset({value}))
        case int() | float():
            return Interval(value, value)
        case _:
            return ANYTHING


def _combined(node: And | Or, known: Known) -> Choices:
    settles = isinstance(node, Or)  # one true operand settles `||`, one false operand settles `&&`
    sides = [truths_of(possible(side, known)) for side in (node.left, node.right)]
    settled = any(settles in side for side in sides)
    left_open = all((not settles) in side for side in sides)
    return truths(*([settles] if settled else []), *([not settles] if left_open else []))


def _chosen(node: Conditional, known: Known) -> Possible:
    conditions = truths_of(possible(node.condition, known))
    yes = possible(node.yes, known) if True in conditions else NOTHING
    no = possible(node.no, known) if False in conditions else NOTHING
    return join(yes, no)


def _compared(operator: str, left: Node, right: Node, known: Known) -> Choices:
    if left == right and possible(left, known) != NOTHING:
        return truths(operator in ("==", "<=", ">="))  # no value differs from itself: NaN is unknown
    return compare(operator, possible(left, known), possible(right, known))


def _contained(item: Node, container: Node, known: Known) -> Choices:
    if not isinstance(container, List):
        return TRUTHS
    found = [_compared("==", item, each, known).values for each in container.items]
    is_somewhere = any(True in each for each in found)
    is_nowhere = all(False in each for each in found)
    return truths(*([True] if is_somewhere else []), *([False] if is_nowhere else []))


def _called(node: Call, known: Known) -> Possible:
    match node:
        case Call(function="double", target=None, arguments=(argument,)):
            return to_double(possible(argument, known))
        case Call(function="int", target=None, arguments=(argument,)):
            return to_int(possible(argument, known))
        case Call(function="size"):
            return Interval(0, INT_MAX)
        case _:
            return ANYTHING


def can_be(node: Node, truth: bool, known: Known) -> bool:  # noqa: FBT001 - the truth value is what is asked for
    """
    Tell whether a bool expression can have a truth value; false is a proof that it cannot.

    Operands that must hold together are seen together: `x > 2.0 && x < 1.0` can never be true.
    """
    match node:
        case Not(operand=operand):
            return can_be(operand, not truth, known)
        case And() | Or():
            parts = tuple(operands(node))
            if truth == isinstance(node, And):
                together = assume(node, truth, known)
                return all(can_be(part, truth, together) for part in parts)
            return any(can_be(part, truth, known) for part in parts)
        case _:
            return truth in truths_of(possible(node, known))


def operands(node: Node) -> Iterator[Node]:
    """
    Give the operands of a chain of `&&`, or of `||`, left to right; of any other node, the node.
    """
    if not isinstance(node, And | Or):
        yield node
        return
    for side in (node.left, node.right):
        if type(side) is type(node):
            yield from operands(side)
        else:
            yield side


def assume(node: Node, truth: bool, known: Known) -> Known:  # noqa: FBT001 - the truth value is what is assumed
    """
    Add what follows for sub-expressions when a bool expression has a truth value.
    """
    match node:
        case Not(operand=operand):
            return assume(operand, not truth, known)
        case And() | Or():
            if truth == isinstance(node, And):
                for part in operands(node):
                    known = assume(part, truth, known)
            return known
        case Compare(operator=operator, left=left, right=right):
            operator = operator if truth else _OPPOSITE[operator]
            known = _narrow(left, operator, possible(right, known), known)
            return _narrow(right, _MIRRORED[operator], possible(left, known), known)
        case Signal() | Has():
            return _hold(node, truths(truth), known)
        case In(item=item, container=List(items=items)):
            return _hold_in(item, items, known) if truth else _hold_out(item, items, known)
        case _:
            return known


def _hold(node: Node, values: Possible, known: Known) -> Known:
    return replace(known, assumed={**known.assumed, node: meet(values, known.assumed.get(node, ANYTHING))})


def _hold_in(item: Node, items: tuple[Node, ...], known: Known) -> Known:
    listed: Possible = NOTHING
    for each in items:
        listed = join(listed, possible(each, known))
    return _hold(item, listed, known)


def _hold_out(item: Node, items: tuple[Node, ...], known: Known) -> Known:
    for each in items:
        known = _narrow(item, "!=", possible(each, known), known)
    return known


def _narrow(node: Node, operator: str, other: Possible, known: Known) -> Known:
    mine = possible(node, known)
    if operator == "==":
        return _hold(node, meet(mine, other), known)
    if operator == "!=":
        return _hold(node, _without(mine, other), known)
    if not isinstance(mine, Interval) or not isinstance(other, Interval) or mine.is_int != other.is_int:
        return known
    strictly = len(operator) == 1
    if operator.startswith("<"):
        high = below(other.high) if strictly else other.high
        return _hold(node, meet(mine, Interval(mine.low, high)), known)
    low = above(other.low) if strictly else other.low
    return _hold(node, meet(mine, Interval(low, mine.high)), known)


def _without(mine: Possible, other: Possible) -> Possible:
    """
    Take the one value of the other set, if it has but one, out of a set of its kind.
    """
    if isinstance(mine, Choices) and isinstance(other, Choices) and len(other.values) == 1:
        return Choices(mine.values - other.values)
    if (
        not isinstance(mine, Interval)
        or not isinstance(other, Interval)
        or other.low != other.high
        or mine.is_int != other.is_int
    ):
        return mine
    low = above(mine.low) if mine.low == other.low else mine.low
    high = below(mine.high) if mine.high == other.high else mine.high
    return Interval(low, high, mine.is_nonzero or other.low == 0) if low <= high else NOTHING
