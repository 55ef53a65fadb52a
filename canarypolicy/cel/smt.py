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
from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.cel.interval import Interval, join
from canarypolicy.cel.ints import NotLowered, as_int, negated_number, of_ints
from canarypolicy.cel.lowered import Lowered, Number, Text, Truth, Variable
from canarypolicy.cel.ranges import operands
from canarypolicy.cel.readings import best_reading
from canarypolicy.cel.stack import deep_stack
from canarypolicy.cel.tabulated import tabulate
from canarypolicy.cel.terms import Term, all_of, any_of, choose, negated
from canarypolicy.cel.tree import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Has,
    In,
    List,
    Literal,
    Negate,
    Node,
    Not,
    Or,
    Signal,
    walk,
)
from canarypolicy.documents.signals import SignalType

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Expression

_OK: Final = True
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
            return _chosen(lowering.truth(condition), lowering.truth(yes), lowering.truth(no))
    try:
        return _atom(lowering, node)
    except NotLowered as stopped:
        return tabulated_or_opaque(lowering, node, stopped.reason)


def _chosen(condition: Truth, yes: Truth, no: Truth) -> Truth:
    return Truth(
        yes=any_of((all_of((condition.yes, yes.yes)), all_of((condition.no, no.yes)))),
        no=any_of((all_of((condition.yes, yes.no)), all_of((condition.no, no.no)))),
    )


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
            return _of(signal.present, signal.value)
        case Has(name=name):
            present = lowering.variables[name].present
            return Truth(yes=present, no=negated(present))
        case Compare(operator=operator, left=left, right=right):
            return _with_constant(lowering, node) or _compared(
                lowering, operator, _lowered(lowering, left), _lowered(lowering, right)
            )
        case In(item=item, container=List(items=items)):
            return _contained(lowering, _lowered(lowering, item), [_lowered(lowering, each) for each in items])
        case Call(function="bool", arguments=(argument,)) if isinstance(inner := _lowered(lowering, argument), Truth):
            return inner
    raise NotLowered(_reason(node))


def _of(ok: Term, holds: Term) -> Truth:
    return Truth(yes=all_of((ok, holds)), no=all_of((ok, negated(holds))))


def _ok(side: Lowered) -> Term:
    return side.known if isinstance(side, Truth) else side.ok


def _equal(lowering: Lowering, left: Lowered, right: Lowered) -> Term:
    match left, right:
        case Truth(), Truth():
            return left.yes == right.yes
        case Text(), Text():
            return left.code == right.code
        case Number(), Number():
            lowering.encoding.doubles.note_margin(left, right)
            return left.value == right.value
    raise AssertionError("the typecheck lets no such pair pass")  # pragma: no cover - as it says


def _with_constant(lowering: Lowering, node: Compare) -> Truth | None:
    """
    Give the truth of a comparison of one operation on doubles with a constant, in which nothing is left to rounding.
    """
    computed, constant, comparison = node.left, node.right, node.operator
    if isinstance(computed, Literal):
        computed, constant, comparison = constant, computed, _MIRRORED[comparison]
    if not isinstance(computed, Arithmetic) or not isinstance(constant, Literal) or not isinstance(constant.value, float):
        return None
    if not any(isinstance(each, Signal | Has) for each in walk(computed)):
        return None
    sides = _number(lowering, computed.left), _number(lowering, computed.right)
    return _of(*lowering.encoding.doubles.compared(comparison, computed.operator, sides, constant.value))


def _compared(lowering: Lowering, operator: str, left: Lowered, right: Lowered) -> Truth:
    ok = all_of((_ok(left), _ok(right)))
    if operator in ("==", "!="):
        is_equal = _of(ok, _equal(lowering, left, right))
        return is_equal if operator == "==" else Truth(yes=is_equal.no, no=is_equal.yes)
    if not isinstance(left, Number) or not isinstance(right, Number):
        raise NotLowered("texts are compared by size")
    lowering.encoding.doubles.note_margin(left, right)
    match operator:
        case "<":
            return _of(ok, negated(left.value >= right.value))
        case "<=":
            return _of(ok, left.value <= right.value)
        case ">":
            return _of(ok, negated(left.value <= right.value))
    return _of(ok, left.value >= right.value)


def _contained(lowering: Lowering, item: Lowered, items: list[Lowered]) -> Truth:
    ok = all_of((_ok(item), *(_ok(each) for each in items)))
    return _of(ok, any_of(_equal(lowering, item, each) for each in items))


def _lowered(lowering: Lowering, node: Node) -> Lowered:
    """
    Lower what is compared, of whatever type it is.
    """
    match node:
        case Literal(value=value):
            return _constant(lowering, value)
        case Signal(name=name) if name in lowering.variables:
            return _signal(lowering.variables[name])
        case Negate(operand=operand):
            return negated_number(_number(lowering, operand))
        case Arithmetic() | Call() if not any(isinstance(each, Signal | Has) for each in walk(node)):
            return _folded(lowering, node)
        case Arithmetic(operator=operator, left=left, right=right):
            return _arithmetic(lowering, operator, _number(lowering, left), _number(lowering, right))
        case Conditional(condition=condition, yes=yes, no=no):
            return _one_of(lowering.truth(condition), _lowered(lowering, yes), _lowered(lowering, no))
        case Call(function="double", arguments=(argument,)):
            return _as_double(lowering, _number(lowering, argument))
        case Call(function="int", arguments=(argument,)):
            return as_int(_number(lowering, argument))
        case Call(function="bool", arguments=(argument,)) if isinstance(inner := _lowered(lowering, argument), Truth):
            return inner
        case Not() | And() | Or() | Compare() | In() | Has():
            return lowering.truth(node)
    raise NotLowered(_reason(node))


def _reason(node: Node) -> str:
    match node:
        case Call(function=function):
            return f"`{function}` has no terms"
        case Arithmetic(operator=operator):
            return f"`{operator}` of these has no terms"
    return "lists and macros have no terms"


def _number(lowering: Lowering, node: Node) -> Number:
    lowered = _lowered(lowering, node)
    if not isinstance(lowered, Number):
        raise NotLowered("texts are joined or converted")
    return lowered


def _constant(lowering: Lowering, value: float | str) -> Lowered:
    match value:
        case bool():
            return Truth(yes=terms.truth(value), no=terms.truth(not value))
        case str():
            return Text(ok=terms.truth(_OK), code=terms.number(lowering.encoding.code_of(value)))
    return Number(ok=terms.truth(_OK), value=terms.number(value), within=Interval(value, value))


def _signal(signal: Variable) -> Lowered:
    match signal.type:
        case SignalType.BOOL:
            return _of(signal.present, signal.value)
        case SignalType.STRING:
            return Text(ok=signal.present, code=signal.value)
    assert isinstance(signal.possible, Interval)
    return Number(ok=signal.present, value=signal.value, within=signal.possible)


def _one_of(condition: Truth, yes: Lowered, no: Lowered) -> Lowered:
    if isinstance(yes, Truth) and isinstance(no, Truth):
        return _chosen(condition, yes, no)
    ok = any_of((all_of((condition.yes, _ok(yes))), all_of((condition.no, _ok(no)))))
    if isinstance(yes, Text) and isinstance(no, Text):
        return Text(ok=ok, code=choose(condition.yes, yes.code, no.code))
    assert isinstance(yes, Number)
    assert isinstance(no, Number)
    within = join(yes.within, no.within)
    assert isinstance(within, Interval)
    return Number(
        ok=ok,
        value=choose(condition.yes, yes.value, no.value),
        within=within,
        is_computed=yes.is_computed or no.is_computed,
        is_safe=yes.is_safe and no.is_safe,
    )


def _as_double(lowering: Lowering, operand: Number) -> Number:
    return lowering.encoding.doubles.as_double(operand) if operand.is_int else operand


def _folded(lowering: Lowering, constant: Node) -> Lowered:
    reading, _ = best_reading(constant, {})
    value = reading({})
    if value is UNKNOWN:
        raise NotLowered("a constant has no value")
    return _constant(lowering, value)


def _arithmetic(lowering: Lowering, operator: str, left: Number, right: Number) -> Number:
    doubles = lowering.encoding.doubles
    return of_ints(doubles, operator, left, right) if left.is_int else doubles.calculated(operator, left, right)
