"""
A step has no SLO, of its own or from the policy.

With no SLO to meet, the step is left as soon as its `min` has passed: it advances on time alone, however bad the canary
is, as long as no rollback or hold rule speaks. That is the opposite of what a policy is for: no evidence, no advance.
A policy-level SLO with `steps` counts only in the steps that it names.

Avoid:

    slos:
      - {name: error-rate, require: canary.error_rate < 0.01, for: 5m, steps: [canary-10]}

Prefer:

    slos:
      - {name: error-rate, require: canary.error_rate < 0.01, for: 5m}
"""

from __future__ import annotations

from collections.abc import Iterator

from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.rule import RuleKind
from canarypolicy.lints.lint import Lint
from canarypolicy.lints.rules import rules_of


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report each step in which no SLO acts.
    """
    guarded = {step.name for slo in rules_of(checked, RuleKind.SLO) for step in slo.acts_in}
    for index, step in enumerate(checked.policy.plan.steps):
        if step.name not in guarded:
            yield UNGUARDED_STEP.finding(
                checked.places["plan", "steps", index, "name"],
                f"step `{step.name}` has no SLO, so it would advance on time alone",
                help="give the step `slos` of its own, or let an SLO of the policy act in it",
            )


UNGUARDED_STEP = Lint(name="unguarded-step", severity=Severity.ERROR, find=find)
