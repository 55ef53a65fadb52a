"""
From the text of an expression to something that can be evaluated, or to all that is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from canarypolicy.cel import wording
from canarypolicy.cel.expression import Expression
from canarypolicy.cel.fault import Fault
from canarypolicy.cel.parse import parse
from canarypolicy.cel.readings import best_reading
from canarypolicy.cel.stack import deep_stack
from canarypolicy.cel.tree import Has, Signal, walk
from canarypolicy.cel.typecheck import typecheck
from canarypolicy.cel.types import RESULT, CelType
from canarypolicy.documents.signal_type import SignalType

if TYPE_CHECKING:
    from canarypolicy.cel.typed import Typed
    from canarypolicy.documents.span import Embedded

_NO_VALUES: Mapping[str, tuple[str, ...]] = {}


def check_expression(
    place: Embedded,
    declared: Mapping[str, SignalType],
    *,
    expects: SignalType | None = SignalType.BOOL,
    results: bool = False,
    values: Mapping[str, tuple[str, ...]] = _NO_VALUES,
) -> tuple[Expression | None, tuple[Fault, ...]]:
    """
    Parse and typecheck an expression and give it its reading; None if it has a fault that is no lint.

    With `results` it may read a probe's result. `values` are those that string signals may have.
    """
    known: Mapping[str, CelType] = {**declared, **(RESULT if results else {})}
    with deep_stack():
        return _checked(place, known, expects, values)


def _checked(
    place: Embedded, known: Mapping[str, CelType], expects: SignalType | None, values: Mapping[str, tuple[str, ...]]
) -> tuple[Expression | None, tuple[Fault, ...]]:
    tree = parse(place.text)
    if isinstance(tree, Fault):
        return None, (tree,)
    typed, faults = typecheck(tree, place.text, known, values)
    if typed is not None and expects is not None and typed.type is not expects:
        faults = (*faults, _wrong_result(expects, typed, place))
    if typed is None or not all(fault.is_lint for fault in faults):
        return None, faults
    return _expression(place, typed, known), faults


def _wrong_result(expects: SignalType, typed: Typed, place: Embedded) -> Fault:
    whole = (0, len(place.text))
    if expects is SignalType.BOOL:
        return wording.not_a_bool("the expression", typed.type, whole)
    return wording.wrong_result(expects, typed.type, whole)


def _expression(place: Embedded, typed: Typed, known: Mapping[str, CelType]) -> Expression:
    names = dict.fromkeys(node.name for node in walk(typed.node) if isinstance(node, Signal | Has) and node.name in known)
    types = {name: known[name] for name in names}
    reading, fell_back = best_reading(typed.node, types)
    return Expression(
        text=place.text, tree=typed.node, place=place, signals=tuple(names), types=types, evaluate=reading, fell_back=fell_back
    )
