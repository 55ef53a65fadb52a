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
from canarypolicy.documents.rule import Rule, RuleKind, Slo
from canarypolicy.documents.span import Span

_LISTS = {"slos": RuleKind.SLO, "rollback": RuleKind.ROLLBACK, "hold": RuleKind.HOLD}
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
    steps = {step.name: step for step in checked.policy.plan.steps}
    everywhere = tuple(steps.values())
    for key, kind in _LISTS.items():
        if kinds and kind not in kinds:
            continue
        for index, rule in enumerate(getattr(checked.policy, key)):
            acting = everywhere if rule.steps is None else tuple(steps[name] for name in rule.steps)
            yield _placed(checked, kind, rule, (key, index), acting)
        for place, step in enumerate(everywhere):
            for index, rule in enumerate(getattr(step, key)):
                yield _placed(checked, kind, rule, ("plan", "steps", place, key, index), (step,))


def _placed(checked: CheckedPolicy, kind: RuleKind, rule: Rule, path: Path, acts_in: tuple[Step, ...]) -> PlacedRule:
    condition = "require" if isinstance(rule, Slo) else "when"
    return PlacedRule(
        kind=kind,
        rule=rule,
        path=path,
        condition=checked.expressions[(*path, condition)],
        unless=checked.expressions.get((*path, "unless")),
        acts_in=acts_in,
    )


def place_of(expression: Expression, span: tuple[int, int] | None = None) -> Span:
    """
    Give the place in the file of a part of an expression; without one, of all its text.
    """
    start, end = span if span is not None else expression.tree.span
    return expression.place.place(start, end)
