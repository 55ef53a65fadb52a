"""
What functions and macros take and give.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from canarypolicy.cel import wording
from canarypolicy.cel.fault import Fault
from canarypolicy.cel.functions import FUNCTIONS, known_functions, takes
from canarypolicy.cel.pattern import compile_pattern
from canarypolicy.cel.tree import Call, List, Literal, Macro, Signal
from canarypolicy.cel.types import CHECKS, CelType, ListOf
from canarypolicy.documents.signal_type import SignalType

MOST_NESTED_MACROS: Final = 2


def called(node: Call, types: Sequence[CelType]) -> CelType | Fault:
    """
    Give the type of a call, or its fault; the target's type comes first, if there is a target.
    """
    function = FUNCTIONS.get(node.function)
    is_method = node.target is not None
    if function is None or not (function.is_method if is_method else function.is_global):
        return wording.unknown_function(node.function, node.span, known_functions(), is_method=is_method)
    if not takes(function, types):
        shown = types[1:] if is_method else types
        return wording.wrong_arguments(node.function, shown, function.accepted(is_method=is_method), node.span)
    return _pattern_fault(node) or function.result


def _pattern_fault(node: Call) -> Fault | None:
    if node.function != "matches" or not isinstance(node.arguments[-1], Literal):
        return None
    try:
        compile_pattern(str(node.arguments[-1].value))
    except ValueError as error:
        return wording.invalid_pattern(str(error), node.arguments[-1].span)
    return None


def macro_item(node: Macro, target: CelType) -> CelType | Fault:
    """
    Give the type of the items that a macro goes over, or the fault of its range.

    Only lists that are written out, a probe's checks, and what other macros make of these are short for sure.
    """
    is_short = isinstance(node.target, List | Macro) or (isinstance(node.target, Signal) and node.target.name == CHECKS)
    if not is_short or not isinstance(target, ListOf):
        return wording.macro_range(node.function, node.target.span)
    if target.element is None:
        return wording.macro_over_nothing(node.function, node.target.span)
    return target.element


def macro_result(node: Macro, item: CelType, body: CelType) -> CelType | Fault:
    """
    Give the type of a macro, or the fault of its body.
    """
    if node.function == "map":
        return ListOf(element=body)
    if body is not SignalType.BOOL:
        return wording.not_a_bool(f"the condition of `{node.function}`", body, node.body.span)
    return ListOf(element=item) if node.function == "filter" else body
