"""
Constants that have no value: whatever reads them can only be unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.cel import wording
from canarypolicy.cel.compiled import compile_tree
from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.cel.tree import Arithmetic, Literal, Negate, Node, walk

if TYPE_CHECKING:
    from canarypolicy.cel.fault import Fault


def constant_fault(node: Node) -> Fault | None:
    """
    Give the fault of a node that is a constant without a finite value, or that divides by a constant zero.
    """
    if not isinstance(node, Arithmetic | Negate):
        return None
    if isinstance(node, Arithmetic) and node.operator in ("/", "%") and _is_zero(node.right):
        return wording.zero_divisor(node.span)
    if _is_constant(node) and _value(node) is UNKNOWN:
        return wording.always_unknown(node.span)
    return None


def _is_constant(node: Node) -> bool:
    return all(isinstance(each, Literal | Negate | Arithmetic) for each in walk(node))


def _is_zero(node: Node) -> bool:
    return _is_constant(node) and _value(node) in (0, 0.0)


def _value(node: Node) -> object:
    reading = compile_tree(node, {})
    assert callable(reading)
    return reading({})
