"""
The plan's `every` is too long for a rule's `for` or a derived signal's window.

A live rollout is judged once in `every`. A rule whose `for` is shorter than that sees no sample inside its time: two
samples in a row decide, as if `for` were as long as `every`. A derived signal whose window holds fewer samples than its
`min_samples` (2 unless it says otherwise) is always missing, and what is missing never lets a rollout advance.

Avoid:

    rollback:
      - {name: error-rate, when: canary.error_rate >= 0.02, for: 10s}

Prefer:

    rollback:
      - {name: error-rate, when: canary.error_rate >= 0.02, for: 5m}
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.duration import format_duration, microseconds
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.lints.lint import Lint
from canarypolicy.lints.rules import rules_of


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report rules that no sample falls into, and windows that never hold enough samples.
    """
    yield from _rules(checked)
    yield from _windows(checked)


def _rules(checked: CheckedPolicy) -> Iterator[Finding]:
    every = checked.policy.plan.every
    for rule in rules_of(checked):
        duration = rule.rule.for_
        if isinstance(duration, timedelta) and timedelta() < duration < every:
            yield SAMPLING_TOO_COARSE.finding(
                checked.places[(*rule.path, "for")],
                f"{rule.label} must last {_text(duration)}, but a rollout is judged only every {_text(every)}",
                help=f"give `for` at least {_text(every)}, or let the plan judge more often",
            )


def _windows(checked: CheckedPolicy) -> Iterator[Finding]:
    every = checked.policy.plan.every
    for name, choice in checked.policy.derived.items():
        over, least = choice.parameters.over, choice.parameters.min_samples
        most = -(-over // every)
        if most < least:
            yield SAMPLING_TOO_COARSE.finding(
                checked.places["derived", name, choice.name, "over"],
                f"derived signal `{name}` is always missing: {_text(over)} hold at most {most} of the {least} samples "
                f"that it needs, one every {_text(every)}",
                help=f"give `over` more than {_text((least - 1) * every)}, or let the plan judge more often",
            )


def _text(duration: timedelta) -> str:
    return format_duration(microseconds(duration))


SAMPLING_TOO_COARSE = Lint(name="sampling-too-coarse", severity=Severity.WARNING, find=find)
