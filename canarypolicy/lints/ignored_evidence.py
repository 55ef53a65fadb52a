"""
A rollback rule ignores that it does not know.

With `missing: ignore`, a rollback rule whose signals are missing lets the rollout advance as if all were well. That is
right where another rule covers the loss, or where the signal exists only now and then; everywhere else the default,
`missing: hold`, keeps the promise: no evidence, no advance.

Avoid:

    rollback:
      - {name: error-rate, when: canary.error_rate >= 0.02, for: 5m, missing: ignore}

Prefer:

    rollback:
      - {name: error-rate, when: canary.error_rate >= 0.02, for: 5m}
"""

from __future__ import annotations

from collections.abc import Iterator

from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.rule import Missing, RuleKind, WatchRule
from canarypolicy.lints.lint import Lint
from canarypolicy.lints.rules import rules_of


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report each rollback rule with `missing: ignore`.
    """
    for rule in rules_of(checked, RuleKind.ROLLBACK):
        if isinstance(rule.rule, WatchRule) and rule.rule.missing is Missing.IGNORE:
            yield IGNORED_EVIDENCE.finding(
                checked.places[(*rule.path, "missing")],
                f"{rule.label} lets the rollout advance while its signals are missing",
                help="leave `missing` out to hold, or write `missing: rollback` with `after`",
            )


IGNORED_EVIDENCE = Lint(name="ignored-evidence", severity=Severity.NOTE, find=find)
