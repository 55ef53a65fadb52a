"""
The proof's reading of expressions: a typed tree becomes terms that say when it is true and when it is false.

It agrees with the other readings on every value, unknowns included, except that a rounded result is only known to be next to
the exact one. What it cannot read is opaque: any truth value at all, and never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from canarypolicy.cel import terms
from canarypolicy.cel.encoding import Encoding
from canarypolicy.cel.ints import NotLowered
from canarypolicy.cel.lowered import Lowered, Number, Text, Truth, Variable
from canarypolicy.cel.operands import chosen, constant_value, is_constant, known, lowered, number, reason_of, truth_where
from canarypolicy.cel.ranges import operands
from canarypolicy.cel.stack import deep_stack
from canarypolicy.cel.tabulated import tabulate
from canarypolicy.cel.terms import Term, all_of, any_of, negated
from canarypolicy.cel.tree import And, Arithmetic, Call, Compare, Conditional, Has, In, List, Literal, Node, Not, Or, Signal, walk

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Expression

_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(slots=True, kw_only=True)
class Lowering:
    """
    The lowering of one policy's expressions over its variables; equal nodes become the same terms.
    """

    encoding: Encoding
    variables: Mapping[str, Variable]
    _truths: dict[Node, Truth] = field(default_factory=dict)

    def truth(self, node: Node) -> Truth:
        """
        Give when a node of type bool is true and when it is false.
        """
        found = self._truths.get(node)
        if found is None:
            found = self._truths[node] = _truth(self, node)
        return found


def lower(lowering: Lowering, expression: Expression) -> Truth:
    """
    Give when an expression is true and when it is false.

    What cannot be lowered is in the encoding's `opaque`, with why and where; the expression is a truth all the same.
    """
    with deep_stack():
        return lowering.truth(expression.tree)


def _truth(lowering: Lowering, node: Node) -> Truth:
    match node:
        case Not(operand=operand):
            inner = lowering.truth(operand)
            return Truth(yes=inner.no, no=inner.yes)
        case And() | Or():
            parts = [lowering.truth(part) for part in operands(node)]
            if isinstance(node, And):
                return Truth(yes=all_of(part.yes for part in parts), no=any_of(part.no for part in parts))
            return Truth(yes=any_of(part.yes for part in parts), no=all_of(part.no for part in parts))
        case Conditional(condition=condition, yes=yes, no=no):
            return chosen(lowering.truth(condition), lowering.truth(yes), lowering.truth(no))
    try:
        return _atom(lowering, node)
    except NotLowered as stopped:
        return tabulated_or_opaque(lowering, node, stopped.reason)


def tabulated_or_opaque(lowering: Lowering, node: Node, reason: str) -> Truth:
    """
    Give the truth of a boolean by trying all values of what it reads, if these are few, or as a riddle.
    """
    names = {each.name for each in walk(node) if isinstance(each, Signal | Has)}
    reads = {name: lowering.variables[name] for name in sorted(names) if name in lowering.variables}
    found = tabulate(lowering.encoding, node, reads)
    if found is not None:
        return found
    key = (node, *((each.present.get_id(), each.value.get_id()) for each in reads.values()))
    return lowering.encoding.new_opaque(key, node, reason, tuple(reads))


def _atom(lowering: Lowering, node: Node) -> Truth:
    """
    Lower a boolean that is no logic of booleans.
    """
    match node:
        case Literal(value=bool() as value):
            return Truth(yes=terms.truth(value), no=terms.truth(not value))
        case Signal(name=name) if name in lowering.variables:
            signal = lowering.variables[name]
            return truth_where(signal.present, signal.value)
        case Has(name=name):
            present = lowering.variables[name].present
            return Truth(yes=present, no=negated(present))
        case Compare(operator=operator, left=left, right=right):
            return _with_constant(lowering, node) or _compared(
                lowering, operator, lowered(lowering, left), lowered(lowering, right)
            )
        case In(item=item, container=List(items=items)):
            return _contained(lowered(lowering, item), [lowered(lowering, each) for each in items])
        case Call(function="bool", arguments=(argument,)) if isinstance(inner := lowered(lowering, argument), Truth):
            return inner
    raise NotLowered(reason_of(node))


def _equal(left: Lowered, right: Lowered) -> Term:
    match left, right:
        case Truth(), Truth():
            return left.yes == right.yes
        case Text(), Text():
            return left.code == right.code
        case Number(), Number():
            return left.value == right.value  # no margin: what is equal is never clear of being unequal
    raise AssertionError("the typecheck lets no such pair pass")  # pragma: no cover - as it says


def _with_constant(lowering: Lowering, node: Compare) -> Truth | None:
    """
    Give the truth of a comparison of one operation on doubles with a constant, in which nothing is left to rounding.
    """
    computed, constant, comparison = node.left, node.right, node.operator
    if is_constant(computed):
        computed, constant, comparison = constant, computed, _MIRRORED[comparison]
    if not isinstance(computed, Arithmetic) or is_constant(computed) or not is_constant(constant):
        return None
    limit = constant_value(constant)
    if not isinstance(limit, float):
        return None
    sides = number(lowering, computed.left), number(lowering, computed.right)
    return truth_where(*lowering.encoding.doubles.compared(comparison, computed.operator, sides, limit))


def _compared(lowering: Lowering, operator: str, left: Lowered, right: Lowered) -> Truth:
    ok = all_of((known(left), known(right)))
    if operator in ("==", "!="):
        is_equal = truth_where(ok, _equal(left, right))
        return is_equal if operator == "==" else Truth(yes=is_equal.no, no=is_equal.yes)
    if not isinstance(left, Number) or not isinstance(right, Number):
        raise NotLowered("texts are compared by size")
    lowering.encoding.doubles.note_margin(left, right)
    match operator:
        case "<":
            return truth_where(ok, negated(left.value >= right.value))
        case "<=":
            return truth_where(ok, left.value <= right.value)
        case ">":
            return truth_where(ok, negated(left.value <= right.value))
    return truth_where(ok, left.value >= right.value)


def _contained(item: Lowered, items: list[Lowered]) -> Truth:
    ok = all_of((known(item), *(known(each) for each in items)))
    return truth_where(ok, any_of(_equal(item, each) for each in items))
