"""
Whether one expression follows from another, for the plain cases that need no proof.

What is claimed here is certain, and much that holds is not claimed; proofs belong to `canarypolicy review`.
"""

from __future__ import annotations

from canarypolicy.cel.ranges import Known, assume, can_be, operands
from canarypolicy.cel.tree import And, Compare, Literal, Node, Or

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def implies(one: Node, other: Node, known: Known) -> bool:
    """
    Tell whether the other expression is true whenever the one is, and not false while the one is unknown.

    That is seen if an operand of `&&` in the one gives an operand of `||` in the other.
    """
    given = set(operands(one)) if isinstance(one, And) else {one}
    wanted = set(operands(other)) if isinstance(other, Or) else {other}
    return one == other or any(_gives(each, goal, known) for each in given for goal in wanted)


def _gives(one: Node, other: Node, known: Known) -> bool:
    if one == other:
        return True
    limit, goal = limit_of(one), limit_of(other)
    if limit is None or goal is None or limit.left != goal.left:
        return False
    return not can_be(goal, False, assume(limit, True, known))


def limit_of(node: Node) -> Compare | None:
    """
    Give a comparison of something with a constant, the constant on the right; None of any other expression.
    """
    match node:
        case Compare(left=Literal(), right=Literal()):
            return None
        case Compare(right=Literal()):
            return node
        case Compare(operator=operator, left=Literal() as constant, right=compared):
            return Compare(operator=_MIRRORED[operator], left=compared, right=constant, span=node.span)
        case _:
            return None
