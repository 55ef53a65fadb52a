"""
An SLO must be met for longer than a step that it acts in may last.

Evidence for an advance is gathered in the step itself, from its entry on. An SLO whose `for` is longer than the step's
`max` therefore cannot be met in time: the step is overdue, or rolled back with `on_timeout: rollback`, however good the
canary is. The same holds for `{samples: k, of: n}` if k samples take longer than `max` at the plan's `every`.

Avoid:

    slos:
      - {name: error-rate, require: canary.error_rate < 0.01, for: 40m}

Prefer:

    slos:
      - {name: error-rate, require: canary.error_rate < 0.01, for: 5m}
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.duration import format_duration, microseconds
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.rule import RuleKind, SampleCount
from canarypolicy.lints.lint import Lint
from canarypolicy.lints.rules import PlacedRule, rules_of


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report each SLO that cannot be met within the `max` of a step.
    """
    for slo in rules_of(checked, RuleKind.SLO):
        needed = _needed(slo, checked.policy.plan.every)
        short = [step for step in slo.acts_in if step.max is not None and needed > step.max]
        if not short:
            continue
        limits = ", ".join(
            f"`{step.name}` lasts at most {format_duration(microseconds(step.max))}" for step in short if step.max is not None
        )
        yield FOR_OVER_MAX.finding(
            checked.places[(*slo.path, "for")],
            f"{slo.label} takes at least {format_duration(microseconds(needed))} to be met, but {limits}",
            help="shorten `for`, or lengthen the step's `max`",
        )


def _needed(slo: PlacedRule, every: timedelta) -> timedelta:
    match slo.rule.for_:
        case None:
            return timedelta()
        case SampleCount(samples=samples):
            return (samples - 1) * every
        case duration:
            return duration


FOR_OVER_MAX = Lint(name="for-over-max", severity=Severity.WARNING, find=find)
