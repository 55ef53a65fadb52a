"""
The rules of a policy as lints look at them: each with its place, its expressions and the steps in which it acts.

No lint lives here, and nothing here judges a rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from canarypolicy.cel.expression import Expression
from canarypolicy.documents.checked import CheckedPolicy, Path
from canarypolicy.documents.plan import Step
from canarypolicy.documents.rule import Rule, RuleKind
from canarypolicy.documents.span import Span
from canarypolicy.documents.written_rules import written_rules

_WORDS = {RuleKind.SLO: "SLO", RuleKind.ROLLBACK: "rollback rule", RuleKind.HOLD: "hold rule"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedRule:
    """
    A rule and where it stands.
    """

    kind: RuleKind
    rule: Rule
    path: Path
    condition: Expression
    """`require` of an SLO, `when` of the others."""
    unless: Expression | None
    acts_in: tuple[Step, ...]

    @property
    def steps(self) -> frozenset[str]:
        """
        The names of the steps in which it acts.
        """
        return frozenset(step.name for step in self.acts_in)

    @property
    def label(self) -> str:
        """
        What messages call it: its kind and its name.
        """
        return f"{_WORDS[self.kind]} `{self.rule.name}`"

    @property
    def parts(self) -> tuple[Expression, ...]:
        return (self.condition,) if self.unless is None else (self.condition, self.unless)


def rules_of(checked: CheckedPolicy, *kinds: RuleKind) -> Iterator[PlacedRule]:
    """
    Give the rules of these kinds, of the policy and then of its steps; without kinds, all.
    """
    for written in written_rules(checked.policy):
        if not kinds or written.kind in kinds:
            yield PlacedRule(
                kind=written.kind,
                rule=written.rule,
                path=written.path,
                condition=checked.expressions[(*written.path, written.condition)],
                unless=checked.expressions.get((*written.path, "unless")),
                acts_in=written.acts_in,
            )


def place_of(expression: Expression, span: tuple[int, int] | None = None) -> Span:
    """
    Give the place in the file of a part of an expression; without one, of all its text.
    """
    start, end = span if span is not None else expression.tree.span
    return expression.place.place(start, end)
