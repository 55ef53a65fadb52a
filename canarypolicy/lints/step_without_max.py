"""
A step before the last one has no `max`.

Without `max` a step is never overdue: a canary that does not meet its SLOs stays at this weight for as long as it takes,
and no decision says that it takes too long. With `max` it is reported as `overdue`, or rolled back with
`on_timeout: rollback`.
The last step is not reported: there is nowhere left to advance to, and to watch it longer costs nothing.

Avoid:

    plan:
      steps:
        - {name: canary-10, weight: 10, min: 20m}
        - {name: full, weight: 100, min: 60m}

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
    Report each step without `max`, but not the last.
    """
    for index, step in enumerate(checked.policy.plan.steps[:-1]):
        if step.max is None:
            yield STEP_WITHOUT_MAX.finding(
                checked.places["plan", "steps", index, "name"],
                f"step `{step.name}` has no `max`, so it may wait for ever without being overdue",
                help="add a `max`, and `on_timeout: rollback` if waiting longer is no use",
            )


STEP_WITHOUT_MAX = Lint(name="step-without-max", severity=Severity.WARNING, find=find)
