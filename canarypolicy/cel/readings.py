"""
Which reading evaluates a tree, and the readings of an expression's parts that `explain` and `margin_of` ask for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.cel.compiled import compile_tree
from canarypolicy.cel.expression import FellBack
from canarypolicy.cel.stack import deep_stack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.cel.expression import Expression, Outcome, Reading, Values
    from canarypolicy.cel.tree import Node
    from canarypolicy.cel.types import CelType


def reading_of(expression: Expression, part: Node) -> Reading:
    """
    Give the reading of a part of an expression, made once for as long as the expression lives.
    """
    reading = expression.readings.get(id(part))  # the expression's tree keeps its parts alive
    if reading is None:
        reading, _ = best_reading(part, expression.types)
        expression.readings[id(part)] = reading
    return reading


def best_reading(tree: Node, types: Mapping[str, CelType]) -> tuple[Reading, FellBack | None]:
    """
    Give the compiled reading of a typechecked tree, or the reference and why it is that.
    """
    with deep_stack():
        reading = compile_tree(tree, types)
    if not isinstance(reading, FellBack):
        return reading, None
    from canarypolicy.cel.interpreted import interpret_tree  # noqa: PLC0415 - celpy's evaluator, for what is not compiled

    return interpret_tree(tree, types), reading


def late_reading(tree: Node, types: Mapping[str, CelType]) -> Reading:
    """
    Give the best reading of a typechecked tree, made when it is first asked.
    """
    made: list[Reading] = []

    def evaluate(values: Values) -> Outcome:
        if not made:
            made.append(best_reading(tree, types)[0])
        return made[0](values)

    return evaluate
