"""
What one policy says by itself: every question about it, asked in turn. One module a question.

Nothing is found out here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.cel.terms import new_space
from canarypolicy.review.dead_rules import dead_rules
from canarypolicy.review.healthy_course import healthy_course, healthy_remarks
from canarypolicy.review.invariants import invariants
from canarypolicy.review.missing_signals import missing_signals
from canarypolicy.review.needless_rules import needless_rules
from canarypolicy.review.overlaps import overlaps
from canarypolicy.review.own import encode_alone
from canarypolicy.review.solver import DEFAULT_BUDGET, require_solver
from canarypolicy.review.standstills import standstills
from canarypolicy.review.unknown_expressions import unknown_expressions
from canarypolicy.review.worse_values import worse_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.engine.program import Program
    from canarypolicy.review.findings import Remark


def remarks(program: Program, *, budget: int = DEFAULT_BUDGET) -> tuple[Remark, ...]:
    """
    Give all that is proved or shown of a policy by itself, in the order of its text; `budget` is that of one question.

    Without z3 this is `Unavailable`; where the proof does not read the policy as the engine does, `Unsupported`.
    """
    require_solver()
    with new_space():
        return tuple(sorted(_found(program, budget), key=lambda remark: remark.place.start))


def _found(program: Program, budget: int) -> Iterator[Remark]:
    own = encode_alone(program, budget=budget)
    course = healthy_course(program)
    constant = list(dead_rules(own))
    said = {id(rule) for rule, _ in constant}
    varying = [rule for rule in own.rules if id(rule) not in said]
    yield from invariants(own, course)
    yield from (remark for _, remark in constant)
    yield from needless_rules(own, varying)
    yield from healthy_remarks(program, course)
    yield from missing_signals(own)
    yield from worse_values(own)
    yield from unknown_expressions(own)
    yield from overlaps(own)
    yield from standstills(own)
