"""
An expression taken apart: each sub-expression with its value, for `evaluate --explain`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from canarypolicy.cel.readings import reading_of
from canarypolicy.cel.stack import deep_stack
from canarypolicy.cel.tree import Macro, Node, children

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.cel.expression import Expression, Outcome, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """
    A sub-expression, where it stands in the expression's text, and what it gives.
    """

    text: str
    span: tuple[int, int]
    outcome: Outcome


def explain(expression: Expression, values: Values) -> tuple[Step, ...]:
    """
    Give every sub-expression with its outcome, the whole first, parts left to right.

    The body of a macro has no value of its own and is left out.
    """
    with deep_stack():
        return tuple(
            Step(text=expression.text[slice(*node.span)], span=node.span, outcome=reading_of(expression, node)(values))
            for node in _parts(expression.tree)
        )


def _parts(node: Node) -> Iterator[Node]:
    yield node
    for child in (node.target,) if isinstance(node, Macro) else children(node):
        yield from _parts(child)
