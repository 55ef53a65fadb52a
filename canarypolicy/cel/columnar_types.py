"""
What the columnar reading asks of a typechecked tree: the type of a node, and how large a double can get.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Final

from canarypolicy.cel.functions import FUNCTIONS
from canarypolicy.cel.tree import Arithmetic, Call, Conditional, Has, Index, List, Literal, Macro, Negate, Node, Signal, walk
from canarypolicy.cel.types import CelType, type_of_constant
from canarypolicy.documents.signals import SignalType

_SURELY_FINITE: Final = 1e300
"""Far enough below the largest double that rounding on the way does not matter."""


def type_of(node: Node, types: Mapping[str, CelType]) -> CelType | None:
    """
    Give the type of a typechecked node; None for lists and what is taken from them.
    """
    match node:
        case Literal(value=value):
            return type_of_constant(value)
        case Signal(name=name):
            return types.get(name)
        case Negate(operand=operand):
            return type_of(operand, types)
        case Arithmetic(left=left):
            return type_of(left, types)
        case Conditional(yes=yes):
            return type_of(yes, types)
        case Call(function=function):
            return FUNCTIONS[function].result
        case List() | Index() | Macro(function="map" | "filter"):
            return None
    return SignalType.BOOL


def reads_nothing(node: Node) -> bool:
    """
    Tell whether a node is a constant, whatever it is made of.
    """
    return not any(isinstance(each, Signal | Has) for each in walk(node))


def may_overflow(node: Node) -> bool:
    """
    Tell whether a double is the outcome of arithmetic; all else is settled already.
    """
    return isinstance(node, Arithmetic) or (isinstance(node, Negate) and may_overflow(node.operand))


def magnitude(node: Node, most: Mapping[str, float]) -> float:
    """
    Give how far from zero a double can be, or infinity where that cannot be told.
    """
    match node:
        case Literal(value=value) if isinstance(value, float):
            bound = abs(value)
        case Signal(name=name):
            bound = most.get(name, inf)
        case Negate(operand=operand):
            bound = magnitude(operand, most)
        case Conditional(yes=yes, no=no):
            bound = max(magnitude(yes, most), magnitude(no, most))
        case Arithmetic(operator="+" | "-", left=left, right=right):
            bound = magnitude(left, most) + magnitude(right, most)
        case Arithmetic(operator="*", left=left, right=right):
            one, other = magnitude(left, most), magnitude(right, most)
            bound = inf if inf in (one, other) else one * other
        case Arithmetic(operator="/", left=left, right=Literal(value=float() as divisor)) if abs(divisor) >= 1:
            bound = magnitude(left, most)
        case _:
            bound = inf
    return bound if bound < _SURELY_FINITE else inf
