"""
A step sends less traffic to the canary than the step before it.

The steps of a plan raise the weight; going back is what a rollback does. A plan that falls in between is nearly always a
slip of the pen, and evidence gathered at the higher weight says little about why to go lower.
Equal weights are fine: a longer look at the same weight.

Avoid:

    plan:
      steps:
        - {name: canary-10, weight: 10, min: 20m, max: 30m}
        - {name: canary-50, weight: 5, min: 30m, max: 45m}
        - {name: full, weight: 100, min: 60m}

Prefer:

    plan:
      steps:
        - {name: canary-10, weight: 10, min: 20m, max: 30m}
        - {name: canary-50, weight: 50, min: 30m, max: 45m}
        - {name: full, weight: 100, min: 60m}
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.lints.lint import Lint


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report each step whose weight is below the weight of the step before it.
    """
    steps = checked.policy.plan.steps
    for index, (before, step) in enumerate(pairwise(steps), start=1):
        if step.weight < before.weight:
            yield WEIGHT_GOES_DOWN.finding(
                checked.places["plan", "steps", index, "weight"],
                f"step `{step.name}` sends {step.weight:g}% after `{before.name}` sent {before.weight:g}%",
                help=f"weights must not decrease; give this step at least {before.weight:g} or remove it",
            )


WEIGHT_GOES_DOWN = Lint(name="weight-goes-down", severity=Severity.ERROR, find=find)
