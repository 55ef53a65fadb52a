"""
An SLO reads no measured signal.

Its `require` reads only constants, built-in signals such as `rollout.elapsed_seconds`, or asks `has(...)`, which tells
that a value is there and not what it is. Such an SLO can be met while nobody knows how the canary does.
A derived signal counts as measured, since it is computed from measured ones.

Avoid:

    slos:
      - {name: error-rate, require: has(canary.error_rate), for: 5m}

Prefer:

    slos:
      - {name: error-rate, require: canary.error_rate < 0.01, for: 5m}
"""

from __future__ import annotations

from collections.abc import Iterator

from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.rule import RuleKind
from canarypolicy.lints.declared import measured_by
from canarypolicy.lints.lint import Lint
from canarypolicy.lints.rules import place_of, rules_of


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report each SLO that reads the value of no measured signal.
    """
    for slo in rules_of(checked, RuleKind.SLO):
        if not measured_by(checked, slo.condition):
            yield EVIDENCE_FREE_SLO.finding(
                place_of(slo.condition),
                f"{slo.label} reads no measured signal, so it is no evidence for an advance",
                help="compare a declared signal with its limit; `has` and `rollout.*` measure nothing",
            )


EVIDENCE_FREE_SLO = Lint(name="evidence-free-slo", severity=Severity.ERROR, find=find)
