"""
Healthy values hold the rollout for ever.

While every signal is at its healthy value, a hold rule is true, or a rollback or hold rule is unknown (such as a quotient
whose divisor is healthy at 0): no rollout with such values can ever advance. See `unhealthy-value` for how it is tried.

Avoid:

    hold:
      - {name: too-many-errors, when: canary.error_rate < 0.5}

Prefer:

    hold:
      - {name: too-many-errors, when: canary.error_rate > 0.5}
"""

from __future__ import annotations

from collections.abc import Iterator

from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.rule import Missing, RuleKind, WatchRule
from canarypolicy.lints.healthy import Outcome, health_of, outcomes_of, place_and_start, told
from canarypolicy.lints.lint import Lint


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report each rollback or hold rule that keeps a rollout from advancing where all is well.
    """
    health = health_of(checked)
    reported = set()
    for outcome in outcomes_of(checked, health):
        verdict = _verdict(outcome)
        if verdict is not None and outcome.rule.path not in reported:
            reported.add(outcome.rule.path)
            span, start = place_and_start(checked, outcome.rule)
            yield HELD_WHEN_HEALTHY.finding(
                span,
                f"{start} {outcome.rule.label} {verdict}{outcome.where}",
                help=told(checked, health, outcome.rule),
            )


def _verdict(outcome: Outcome) -> str | None:
    rule = outcome.rule.rule
    if outcome.rule.kind is RuleKind.HOLD and outcome.truths == {True}:
        return "holds"
    if isinstance(rule, WatchRule) and outcome.truths == {UNKNOWN} and rule.missing is not Missing.IGNORE:
        return "is unknown"
    return None


HELD_WHEN_HEALTHY = Lint(name="held-when-healthy", severity=Severity.WARNING, find=find)
