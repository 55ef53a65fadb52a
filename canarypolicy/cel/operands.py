"""
What stands to the left and right of a comparison, in terms: signals, constants, arithmetic, choices and conversions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from canarypolicy.cel import terms
from canarypolicy.cel.expression import UNKNOWN, Outcome
from canarypolicy.cel.interval import Interval, join
from canarypolicy.cel.ints import NotLowered, as_int, negated_number, of_ints
from canarypolicy.cel.lowered import Lowered, Number, Text, Truth, Variable
from canarypolicy.cel.readings import best_reading
from canarypolicy.cel.terms import Term, all_of, any_of, choose, negated
from canarypolicy.cel.tree import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Has,
    In,
    Literal,
    Negate,
    Node,
    Not,
    Or,
    Signal,
    walk,
)
from canarypolicy.documents.signal_type import SignalType

if TYPE_CHECKING:
    from canarypolicy.cel.smt import Lowering

_OK: Final = True


def chosen(condition: Truth, yes: Truth, no: Truth) -> Truth:
    """
    Give one of two truths; an unknown condition chooses neither.
    """
    return Truth(
        yes=any_of((all_of((condition.yes, yes.yes)), all_of((condition.no, no.yes)))),
        no=any_of((all_of((condition.yes, yes.no)), all_of((condition.no, no.no)))),
    )


def truth_where(ok: Term, holds: Term) -> Truth:
    """
    Give the truth that is known, and that holds.
    """
    return Truth(yes=all_of((ok, holds)), no=all_of((ok, negated(holds))))


def known(side: Lowered) -> Term:
    """
    Give when a value is known.
    """
    return side.known if isinstance(side, Truth) else side.ok


def lowered(lowering: Lowering, node: Node) -> Lowered:
    """
    Lower what is compared, of whatever type it is.
    """
    match node:
        case Literal(value=value):
            return _constant(lowering, value)
        case Signal(name=name) if name in lowering.variables:
            return _signal(lowering.variables[name])
        case Negate(operand=operand):
            return negated_number(number(lowering, operand))
        case Arithmetic() | Call() | Negate() if is_constant(node):
            return _folded(lowering, node)
        case Arithmetic(operator=operator, left=left, right=right):
            return _arithmetic(lowering, operator, number(lowering, left), number(lowering, right))
        case Conditional(condition=condition, yes=yes, no=no):
            return _one_of(lowering.truth(condition), lowered(lowering, yes), lowered(lowering, no))
        case Call(function="double", arguments=(argument,)):
            return _as_double(lowering, number(lowering, argument))
        case Call(function="int", arguments=(argument,)):
            return as_int(number(lowering, argument))
        case Call(function="bool", arguments=(argument,)) if isinstance(inner := lowered(lowering, argument), Truth):
            return inner
        case Not() | And() | Or() | Compare() | In() | Has():
            return lowering.truth(node)
    raise NotLowered(reason_of(node))


def reason_of(node: Node) -> str:
    """
    Say why a node has no terms.
    """
    match node:
        case Call(function=function):
            return f"`{function}` has no terms"
    return "lists and macros have no terms"


def number(lowering: Lowering, node: Node) -> Number:
    """
    Lower what must be a number.
    """
    side = lowered(lowering, node)
    if not isinstance(side, Number):
        raise NotLowered("texts are joined or converted")
    return side


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
            return truth_where(signal.present, signal.value)
        case SignalType.STRING:
            return Text(ok=signal.present, code=signal.value)
    assert isinstance(signal.possible, Interval)
    return Number(ok=signal.present, value=signal.value, within=signal.possible)


def _one_of(condition: Truth, yes: Lowered, no: Lowered) -> Lowered:
    if isinstance(yes, Truth) and isinstance(no, Truth):
        return chosen(condition, yes, no)
    ok = any_of((all_of((condition.yes, known(yes))), all_of((condition.no, known(no)))))
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


def is_constant(node: Node) -> bool:
    """
    Tell whether a node reads no signal.
    """
    return not any(isinstance(each, Signal | Has) for each in walk(node))


def constant_value(constant: Node) -> Outcome:
    """
    Give the value of a node that reads no signal.
    """
    if isinstance(constant, Literal):
        return constant.value
    reading, _ = best_reading(constant, {})
    return reading({})


def _folded(lowering: Lowering, constant: Node) -> Lowered:
    value = constant_value(constant)
    if value is UNKNOWN:
        raise NotLowered("a constant has no value")
    return _constant(lowering, value)


def _arithmetic(lowering: Lowering, operator: str, left: Number, right: Number) -> Number:
    doubles = lowering.encoding.doubles
    return of_ints(doubles, operator, left, right) if left.is_int else doubles.calculated(operator, left, right)
