"""
Readings of the parts of an expression: what `explain` and `margin_of` evaluate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from canarypolicy.cel.compiled import compile_tree
from canarypolicy.cel.expression import FellBack

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Expression, Reading
    from canarypolicy.cel.tree import Node

_READINGS: WeakKeyDictionary[Expression, dict[int, Reading]] = WeakKeyDictionary()


def reading_of(expression: Expression, part: Node) -> Reading:
    """
    Give the reading of a part of an expression, made once for as long as the expression lives.
    """
    readings = _READINGS.setdefault(expression, {})
    reading = readings.get(id(part))  # the expression's tree keeps its parts alive
    if reading is None:
        compiled = compile_tree(part, expression.types)
        if isinstance(compiled, FellBack):
            from canarypolicy.cel.interpreted import interpret_tree  # noqa: PLC0415 - celpy's evaluator, for what is not compiled

            compiled = interpret_tree(part, expression.types)
        reading = readings[id(part)] = compiled
    return reading
