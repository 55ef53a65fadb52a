"""
Typed nodes, and what two sides of an operator are to each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from canarypolicy.cel import wording
from canarypolicy.cel.doubles import as_double, doubles_that_differ, fits_double
from canarypolicy.cel.fault import Fault, Refused
from canarypolicy.cel.names import Scope
from canarypolicy.cel.tree import Compare, List, Literal, Node, Signal
from canarypolicy.cel.types import CelType, ListOf
from canarypolicy.documents.signal_type import SignalType

_DOUBLE, _INT, _STRING = SignalType.DOUBLE, SignalType.INT, SignalType.STRING
_DOUBLES: Final = (_DOUBLE, ListOf(element=_DOUBLE))
_INTS: Final = (_INT, ListOf(element=_INT))


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """
    A node as all readings read it, and its type.
    """

    node: Node
    type: CelType


@dataclass(slots=True, kw_only=True)
class Check:
    """
    One check: the text, for what is said about it, and the faults found so far.
    """

    text: str
    faults: list[Fault] = field(default_factory=list)
    macro_depth: int = 0

    def said(self, node: Node) -> str:
        return self.text[slice(*node.span)]


def doubled(check: Check, typed: Typed) -> Typed:
    """
    Take a constant for a double, and say so where that makes it another number.
    """
    check.faults.extend(doubles_that_differ(typed.node, check.text))
    type_ = ListOf(element=_DOUBLE) if isinstance(typed.type, ListOf) else _DOUBLE
    return Typed(node=as_double(typed.node), type=type_)


def unified(check: Check, left: Typed, right: Typed) -> tuple[Typed, Typed]:
    """
    Take a constant for a double where the other side is one.
    """
    if left.type in _DOUBLES and right.type in _INTS and fits_double(right.node):
        return left, doubled(check, right)
    if right.type in _DOUBLES and left.type in _INTS and fits_double(left.node):
        return doubled(check, left), right
    return left, right


def mismatch(check: Check, operator: str, left: Typed, right: Typed, span: tuple[int, int]) -> Fault:
    """
    Give the fault of two sides whose types do not go together.
    """
    if {left.type, right.type} == {_INT, _DOUBLE}:
        whole = left if left.type is _INT else right
        way_out = None if isinstance(whole.node, List) else check.said(whole.node)
        return wording.int_double_mix(operator, left.type, right.type, span, way_out)
    return wording.type_mismatch(operator, left.type, right.type, span)


def check_order(node: Compare, left: Typed, right: Typed) -> None:
    """
    Refuse a comparison by size of what has no order.
    """
    for side in (left, right):
        if side.type not in (_INT, _DOUBLE, _STRING):
            raise Refused(wording.unordered(node.operator, side.type, side.node.span))


def check_chain(check: Check, node: Compare, right: Typed) -> None:
    """
    Refuse `a < b < c`: the second comparison would be one of a truth with a number.
    """
    if isinstance(node.left, Compare) and (node.operator not in ("==", "!=") or right.type is not SignalType.BOOL):
        rest = check.text[node.left.span[1] : node.span[1]].strip(" )\n")
        raise Refused(wording.chained_comparison(check.said(node.left), check.said(node.left.right), rest, node.span))


def note_impossible(check: Check, scope: Scope, signal: Node, others: tuple[Node, ...]) -> None:
    """
    Warn of a text that a string signal never is.
    """
    if not isinstance(signal, Signal) or signal.name not in scope.values:
        return
    values = scope.values[signal.name]
    for other in others:
        if isinstance(other, Literal) and other.value not in values:
            check.faults.append(wording.impossible_value(str(other.value), signal.name, other.span, values))
