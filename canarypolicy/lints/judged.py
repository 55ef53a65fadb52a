"""
Every expression of a policy that is judged true or false, with what it means if it can only be one of the two.

No lint lives here, and nothing here finds out what an expression can be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from canarypolicy.cel.expression import Expression
from canarypolicy.documents.checked import CheckedPolicy, Path
from canarypolicy.documents.policy import AlwaysWithin, NeverWhile
from canarypolicy.documents.rule import RuleKind
from canarypolicy.lints.rules import rules_of

_RULE_CLAIMS = {
    RuleKind.SLO: ("can never be met", "asks for nothing"),
    RuleKind.ROLLBACK: ("can never fire", "is true whatever is measured"),
    RuleKind.HOLD: ("can never hold", "is true whatever is measured"),
}
_LONGEST_QUOTE = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """
    An expression and what follows if it can never be true, or never be false.
    """

    expression: Expression
    never_true: str
    never_false: str


def judged_expressions(checked: CheckedPolicy) -> Iterator[Judged]:
    """
    Give each judged expression of a policy.
    """
    for rule in rules_of(checked):
        never_true, never_false = _RULE_CLAIMS[rule.kind]
        yield Judged(
            expression=rule.condition, never_true=f"{rule.label} {never_true}", never_false=f"{rule.label} {never_false}"
        )
        if rule.unless is not None:
            yield Judged(
                expression=rule.unless,
                never_true=f"`unless` of {rule.label} exempts nothing",
                never_false=f"`unless` of {rule.label} exempts everything that is measured",
            )
    for path, name in _others(checked):
        yield Judged(
            expression=checked.expressions[path], never_true=f"{name} can never be met", never_false=f"{name} asks for nothing"
        )
    for index, invariant in enumerate(checked.policy.invariants):
        if isinstance(invariant, NeverWhile | AlwaysWithin):
            key = "while" if isinstance(invariant, NeverWhile) else "when"
            yield Judged(
                expression=checked.expressions["invariants", index, key],
                never_true=f"invariant `{invariant.name}` says nothing",
                never_false=f"invariant `{invariant.name}` speaks of every sample",
            )


def _others(checked: CheckedPolicy) -> Iterator[tuple[Path, str]]:
    plan = checked.policy.plan
    for when, gates in (("before", plan.gates.before), ("after", plan.gates.after)):
        for index, gate in enumerate(gates):
            yield ("plan", "gates", when, index, "require"), f"gate `{gate.name}`"
    if plan.on_rollback.recovery is not None:
        yield ("plan", "on_rollback", "recovery", "require"), "recovery"


def quote(expression: Expression, span: tuple[int, int]) -> str:
    """
    Give a part of an expression in backticks, on one line; a long one is cut.
    """
    text = " ".join(expression.text[slice(*span)].split())
    return f"`{text}`" if len(text) <= _LONGEST_QUOTE else f"`{text[:_LONGEST_QUOTE]}...`"
