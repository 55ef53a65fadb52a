"""
A signal is declared and nothing reads it.

Either a rule is missing that should read it, or the declaration is left over and its query costs for nothing. A signal
is read by an expression, also inside `has`, or by a derived signal; a derived signal that nothing reads is reported too.

Avoid:

    signals:
      canary.retries: {unit: count, range: [0, null], healthy: 0}

Prefer:

    signals:
      canary.retries: {unit: count, range: [0, null], healthy: 0}
    hold:
      - {name: retries, when: canary.retries > 20.0, for: 5m}
"""

from __future__ import annotations

from collections.abc import Iterator

from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.lints.declared import inputs_of
from canarypolicy.lints.lint import Lint


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report each signal and derived signal that no expression and no derived signal reads.
    """
    read = {name for expression in checked.expressions.values() for name in expression.signals}
    for derived in checked.policy.derived:
        read.update(inputs_of(checked, derived))
    for kind, key, names in (
        ("signal", "signals", checked.policy.signals),
        ("derived signal", "derived", checked.policy.derived),
    ):
        for name in names:
            if name not in read:
                yield UNUSED_SIGNAL.finding(
                    checked.keys[key, name],
                    f"{kind} `{name}` is read by nothing",
                    help="write the rule that needs it, or remove it",
                )


UNUSED_SIGNAL = Lint(name="unused-signal", severity=Severity.WARNING, find=find)
