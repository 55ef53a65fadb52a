"""
Healthy values fire a rollback rule, or do not meet an SLO.

`healthy` is a typical good value: tests, witnesses and proofs start from it. If a rollback rule fires or an SLO is not met
while every signal is at its healthy value, then no rollout can ever be completed, or the value is no healthy one.
Derived signals are computed over a history of healthy values, and `rollout.*` take the values of each step. A rule whose
outcome depends on the time in the step is reported only if it fails at every time.

Avoid:

    signals:
      canary.error_rate: {unit: ratio, range: [0, 1], healthy: 0.5}

Prefer:

    signals:
      canary.error_rate: {unit: ratio, range: [0, 1], healthy: 0.002}
"""

from __future__ import annotations

from collections.abc import Iterator

from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.rule import RuleKind
from canarypolicy.lints.healthy import Health, Outcome, health_of, outcomes_of, place_and_start, told
from canarypolicy.lints.lint import Lint


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report each SLO that is not met, and each rollback rule that fires, where all is well.
    """
    health = health_of(checked)
    reported = set()
    for outcome in outcomes_of(checked, health):
        verdict = _verdict(outcome)
        if verdict is not None and outcome.rule.path not in reported:
            reported.add(outcome.rule.path)
            yield _finding(checked, health, outcome, verdict)


def is_unhealthy(checked: CheckedPolicy, health: Health) -> bool:
    """
    Tell whether something would be reported, of a policy whose healthy values are known already.
    """
    return any(_verdict(outcome) is not None for outcome in outcomes_of(checked, health))


def _verdict(outcome: Outcome) -> str | None:
    match outcome.rule.kind:
        case RuleKind.SLO if True not in outcome.truths:
            return "is unknown" if outcome.truths == {UNKNOWN} else "is not met"
        case RuleKind.ROLLBACK if outcome.truths == {True}:
            return "fires"
        case _:
            return None


def _finding(checked: CheckedPolicy, health: Health, outcome: Outcome, verdict: str) -> Finding:
    span, start = place_and_start(checked, outcome.rule)
    return UNHEALTHY_VALUE.finding(
        span,
        f"{start} {outcome.rule.label} {verdict}{outcome.where}",
        help=told(checked, health, outcome.rule),
    )


UNHEALTHY_VALUE = Lint(name="unhealthy-value", severity=Severity.ERROR, find=find)
