"""
The static check: every name is declared, every operator gets types that it takes, and ints become doubles where they must.

What passes here can at run time be unknown, but never of a wrong type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, assert_never

from canarypolicy.cel import wording
from canarypolicy.cel.calls import MOST_NESTED_MACROS, called, macro_item, macro_result
from canarypolicy.cel.constants import constant_faults
from canarypolicy.cel.doubles import fits_double
from canarypolicy.cel.fault import Fault, Refused
from canarypolicy.cel.names import Scope
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
from canarypolicy.cel.typed import Check, Typed, check_chain, check_order, doubled, mismatch, note_impossible, unified
from canarypolicy.cel.types import CelType, ListOf, common, type_of_constant
from canarypolicy.documents.signal_type import SignalType

_BOOL, _DOUBLE, _INT, _STRING = SignalType.BOOL, SignalType.DOUBLE, SignalType.INT, SignalType.STRING
_EQUALITY: Final = ("==", "!=")


def typecheck(
    tree: Node, text: str, declared: Mapping[str, CelType], values: Mapping[str, tuple[str, ...]]
) -> tuple[Typed | None, tuple[Fault, ...]]:
    """
    Give the typed tree, with doubles where doubles are needed, and what is to be said about it; None if it cannot be evaluated.
    """
    check = Check(text=text)
    typed = _attempt(check, tree, Scope(declared=declared, values=values))
    if typed is not None:
        check.faults.extend(constant_faults(typed.node))
    return typed, tuple(check.faults)


def _attempt(check: Check, node: Node, scope: Scope) -> Typed | None:
    """
    Type a node, noting the fault that stops it, so that its neighbours are still looked at.
    """
    try:
        return _type(check, node, scope)
    except Refused as refused:
        if refused.fault not in check.faults:
            check.faults.append(refused.fault)
        return None


def _all(check: Check, nodes: tuple[Node, ...], scope: Scope) -> tuple[Typed, ...]:
    """
    Type several nodes, each for itself; if one is faulty, what holds them is, too.
    """
    typed = [_attempt(check, node, scope) for node in nodes]
    if any(each is None for each in typed):
        raise Refused(check.faults[-1])
    return tuple(each for each in typed if each is not None)


def _type(check: Check, node: Node, scope: Scope) -> Typed:
    match node:
        case Literal(value=value):
            return Typed(node=node, type=type_of_constant(value))
        case List():
            return _list(check, node, scope)
        case Signal():
            return Typed(node=node, type=_known(scope.type_of(node)))
        case Has():
            _refuse(scope.fault_of_has(node))
            return Typed(node=node, type=_BOOL)
        case Not(operand=operand):
            (inner,) = _all(check, (operand,), scope)
            _bool(inner, "what `!` negates")
            return Typed(node=replace(node, operand=inner.node), type=_BOOL)
        case Negate(operand=operand):
            (inner,) = _all(check, (operand,), scope)
            if inner.type not in (_INT, _DOUBLE):
                raise Refused(wording.wrong_operand("-", inner.type, "a number", node.span))
            return Typed(node=replace(node, operand=inner.node), type=inner.type)
        case And() | Or():
            return _logical(check, node, scope)
        case Conditional():
            return _conditional(check, node, scope)
        case Compare():
            return _compare(check, node, scope)
        case Arithmetic():
            return _arithmetic(check, node, scope)
        case In():
            return _in(check, node, scope)
        case Index():
            return _index(check, node, scope)
        case Call():
            return _call(check, node, scope)
        case Macro():
            return _macro(check, node, scope)
        case _:  # pragma: no cover - the type checker's business
            assert_never(node)


def _known(found: CelType | Fault) -> CelType:
    if isinstance(found, Fault):
        raise Refused(found)
    return found


def _refuse(fault: Fault | None) -> None:
    if fault is not None:
        raise Refused(fault)


def _bool(typed: Typed, what: str) -> None:
    if typed.type is not _BOOL:
        raise Refused(wording.not_a_bool(what, typed.type, typed.node.span))


def _list(check: Check, node: List, scope: Scope) -> Typed:
    items = _all(check, node.items, scope)
    if any(item.type is _DOUBLE for item in items):
        items = tuple(doubled(check, item) if item.type is _INT and fits_double(item.node) else item for item in items)
    for item in items[1:]:
        if common(items[0].type, item.type) is None:
            raise Refused(wording.mixed_list(items[0].type, item.type, item.node.span))
    element = items[0].type if items else None
    return Typed(node=replace(node, items=tuple(item.node for item in items)), type=ListOf(element=element))


def _logical(check: Check, node: And | Or, scope: Scope) -> Typed:
    left, right = _all(check, (node.left, node.right), scope)
    operator = "&&" if isinstance(node, And) else "||"
    faults = [
        wording.not_a_bool(f"each side of `{operator}`", side.type, side.node.span)
        for side in (left, right)
        if side.type is not _BOOL
    ]
    if faults:
        check.faults.extend(faults[:-1])
        raise Refused(faults[-1])
    return Typed(node=replace(node, left=left.node, right=right.node), type=_BOOL)


def _conditional(check: Check, node: Conditional, scope: Scope) -> Typed:
    condition, yes, no = _all(check, (node.condition, node.yes, node.no), scope)
    _bool(condition, "the condition of `?:`")
    yes, no = unified(check, yes, no)
    type_ = common(yes.type, no.type)
    if type_ is None:
        raise Refused(wording.branches_differ(yes.type, no.type, node.span))
    return Typed(node=replace(node, condition=condition.node, yes=yes.node, no=no.node), type=type_)


def _compare(check: Check, node: Compare, scope: Scope) -> Typed:
    left, right = unified(check, *_all(check, (node.left, node.right), scope))
    check_chain(check, node, right)
    if node.operator not in _EQUALITY:
        check_order(node, left, right)
    if common(left.type, right.type) is None:
        raise Refused(mismatch(check, node.operator, left, right, node.span))
    if node.operator in _EQUALITY:
        note_impossible(check, scope, left.node, (right.node,))
        note_impossible(check, scope, right.node, (left.node,))
    return Typed(node=replace(node, left=left.node, right=right.node), type=_BOOL)


def _arithmetic(check: Check, node: Arithmetic, scope: Scope) -> Typed:
    left, right = unified(check, *_all(check, (node.left, node.right), scope))
    type_ = common(left.type, right.type)
    if type_ is None:
        raise Refused(mismatch(check, node.operator, left, right, node.span))
    takes = {"%": (_INT,), "+": (_INT, _DOUBLE, _STRING)}.get(node.operator, (_INT, _DOUBLE))
    if type_ not in takes and not (node.operator == "+" and isinstance(type_, ListOf)):
        raise Refused(mismatch(check, node.operator, left, right, node.span))
    return Typed(node=replace(node, left=left.node, right=right.node), type=type_)


def _in(check: Check, node: In, scope: Scope) -> Typed:
    item, container = unified(check, *_all(check, (node.item, node.container), scope))
    if not isinstance(container.type, ListOf):
        raise Refused(wording.not_a_list(container.type, container.node.span))
    element = container.type.element
    if element is not None and common(item.type, element) is None:
        raise Refused(mismatch(check, "in", item, Typed(node=container.node, type=element), node.span))
    if isinstance(container.node, List):
        note_impossible(check, scope, item.node, container.node.items)
    return Typed(node=replace(node, item=item.node, container=container.node), type=_BOOL)


def _index(check: Check, node: Index, scope: Scope) -> Typed:
    operand, index = _all(check, (node.operand, node.index), scope)
    if not isinstance(operand.type, ListOf) or operand.type.element is None:
        raise Refused(wording.wrong_operand("[]", operand.type, "a list with items before it", operand.node.span))
    if index.type is not _INT:
        raise Refused(wording.wrong_operand("[]", index.type, "an int inside", index.node.span))
    return Typed(node=replace(node, operand=operand.node, index=index.node), type=operand.type.element)


def _call(check: Check, node: Call, scope: Scope) -> Typed:
    nodes = node.arguments if node.target is None else (node.target, *node.arguments)
    typed = _all(check, nodes, scope)
    type_ = _known(called(node, [each.type for each in typed]))
    parts = tuple(each.node for each in typed)
    if node.target is None:
        return Typed(node=replace(node, arguments=parts), type=type_)
    return Typed(node=replace(node, target=parts[0], arguments=parts[1:]), type=type_)


def _macro(check: Check, node: Macro, scope: Scope) -> Typed:
    if check.macro_depth >= MOST_NESTED_MACROS:
        raise Refused(wording.nested_macros(MOST_NESTED_MACROS, node.span))
    (target,) = _all(check, (node.target,), scope)
    item = _known(macro_item(node, target.type))
    if scope.hides(node):
        raise Refused(wording.variable_hides(node.variable, node.variable_span))
    check.macro_depth += 1
    try:
        (body,) = _all(check, (node.body,), scope.with_variable(node.variable, item))
    finally:
        check.macro_depth -= 1
    type_ = _known(macro_result(node, item, body.type))
    return Typed(node=replace(node, target=target.node, body=body.node), type=type_)
