"""
The rules of a policy one by one: where each is written, and the steps in which it acts.

The only place that knows that a policy and each of its steps have three lists of rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from canarypolicy.documents.checked import Path
from canarypolicy.documents.plan import Step
from canarypolicy.documents.policy import RolloutPolicy
from canarypolicy.documents.rule import Rule, RuleKind

_LISTS = {"slos": RuleKind.SLO, "rollback": RuleKind.ROLLBACK, "hold": RuleKind.HOLD}


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRule:
    """
    A rule, its path in the document, and the steps in which it acts.
    """

    kind: RuleKind
    rule: Rule
    path: Path
    acts_in: tuple[Step, ...]

    @property
    def steps(self) -> frozenset[str]:
        """
        The names of the steps in which it acts.
        """
        return frozenset(step.name for step in self.acts_in)

    @property
    def condition(self) -> str:
        """
        The key of what it asks: `require` of an SLO, `when` of the others.
        """
        return "require" if self.kind is RuleKind.SLO else "when"


def written_rules(policy: RolloutPolicy) -> Iterator[WrittenRule]:
    """
    Give all rules: SLOs, rollback rules, hold rules; of each kind the policy's, then each step's own.
    """
    steps = {step.name: step for step in policy.plan.steps}
    everywhere = tuple(steps.values())
    for key, kind in _LISTS.items():
        for index, rule in enumerate(getattr(policy, key)):
            acts_in = everywhere if rule.steps is None else tuple(steps[name] for name in rule.steps)
            yield WrittenRule(kind=kind, rule=rule, path=(key, index), acts_in=acts_in)
        for place, step in enumerate(everywhere):
            for index, rule in enumerate(getattr(step, key)):
                yield WrittenRule(kind=kind, rule=rule, path=("plan", "steps", place, key, index), acts_in=(step,))
