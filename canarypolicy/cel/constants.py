"""
Constants that have no value: whatever reads them can only be unknown.

A constant is a literal, or arithmetic and functions on constants. What has a value all the same, as `false && 1/0 > 2` has,
is looked at part by part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.cel import wording
from canarypolicy.cel.compiled import compile_tree
from canarypolicy.cel.expression import UNKNOWN, FellBack, Outcome
from canarypolicy.cel.tree import Arithmetic, Call, Literal, Negate, Node, children

if TYPE_CHECKING:
    from canarypolicy.cel.fault import Fault


def constant_faults(tree: Node) -> tuple[Fault, ...]:
    """
    Give the fault of each constant in a typed tree that has no finite value, and of each division by a constant zero.
    """
    found: list[Fault] = []
    if _survey(tree, found):
        found.extend(_faults_of(tree))
    return tuple(found)


def _survey(node: Node, found: list[Fault]) -> bool:
    """
    Tell whether a node is a constant; if it is none, its constant parts are judged here.
    """
    parts = children(node)
    are_constant = [_survey(part, found) for part in parts]
    if isinstance(node, Literal) or (isinstance(node, Arithmetic | Negate | Call) and all(are_constant)):
        return True
    if isinstance(node, Arithmetic) and are_constant[1] and _divides_by_zero(node):
        found.append(wording.zero_divisor(node.span))
    for part, is_constant in zip(parts, are_constant, strict=True):
        if is_constant:
            found.extend(_faults_of(part))
    return False


def _faults_of(constant: Node) -> list[Fault]:
    """
    Give the faults of the smallest parts of a constant that have no value.
    """
    if isinstance(constant, Literal) or _value(constant) is not UNKNOWN:
        return []
    inner = [fault for part in children(constant) for fault in _faults_of(part)]
    if inner:
        return inner
    is_division = isinstance(constant, Arithmetic) and _divides_by_zero(constant)
    return [wording.zero_divisor(constant.span) if is_division else wording.always_unknown(constant.span)]


def _divides_by_zero(node: Arithmetic) -> bool:
    return node.operator in ("/", "%") and _value(node.right) in (0, 0.0)


def _value(constant: Node) -> Outcome:
    reading = compile_tree(constant, {})
    return None if isinstance(reading, FellBack) else reading({})
