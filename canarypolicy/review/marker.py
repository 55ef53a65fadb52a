"""
Markers: rules that decide nothing and say where an expression is true.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from canarypolicy.documents.rule import Missing, RuleKind
from canarypolicy.engine.program import ProgramRule
from canarypolicy.engine.sustained import Asked

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Expression
    from canarypolicy.engine.program import Program

MARKER: Final = "marker"


def marker(program: Program, expression: Expression) -> ProgramRule:
    """
    Give an expression as a hold rule that acts in no step and minds nothing that is missing.
    """
    return ProgramRule(
        name=MARKER,
        kind=RuleKind.HOLD,
        acts_in=frozenset(),
        when=expression,
        unless=None,
        asked=Asked(missing=Missing.IGNORE, max_gap_us=program.max_gap_us),
        message=None,
        location=expression.place.place(*expression.tree.span),
        reads=expression.signals,
    )
