"""
The last step sends less than all traffic to the canary.

When the last step is left the rollout is complete, and nobody raises the weight any further. That is right if some traffic
stays on the stable version on purpose, as a baseline to compare with; otherwise a step with `weight: 100` is missing.

Avoid:

    plan:
      steps:
        - {name: canary-10, weight: 10, min: 20m, max: 30m}
        - {name: canary-50, weight: 50, min: 30m, max: 45m}

Prefer:

    plan:
      steps:
        - {name: canary-10, weight: 10, min: 20m, max: 30m}
        - {name: full, weight: 100, min: 60m}
"""

from __future__ import annotations

from collections.abc import Iterator

from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.lints.lint import Lint


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report a last step below 100 %.
    """
    steps = checked.policy.plan.steps
    last = steps[-1]
    if last.weight < 100:
        yield PARTIAL_ROLLOUT.finding(
            checked.places["plan", "steps", len(steps) - 1, "weight"],
            f"the rollout is complete after `{last.name}`, with {last.weight:g}% of the traffic on the new version",
            help="add a step with `weight: 100`, unless the rest stays on the stable version on purpose",
        )


PARTIAL_ROLLOUT = Lint(name="partial-rollout", severity=Severity.NOTE, find=find)
