"""
No rollback rule reads what an SLO measures.

When such an SLO breaks, the canary is held at its weight and goes on serving users until somebody looks. Often that is
meant: slow is no reason to roll back at once. Then nothing needs to be done, a note fails no check.
A step with `on_timeout: rollback` rolls back in the end, so an SLO that acts only in such steps is not reported.

Avoid:

    slos:
      - {name: error-rate, require: canary.error_rate < 0.01, for: 5m}
      - {name: latency, require: canary.latency < 0.5, for: 5m}
    rollback:
      - {name: error-rate, when: canary.error_rate >= 0.02, for: 5m}

Prefer:

    slos:
      - {name: error-rate, require: canary.error_rate < 0.01, for: 5m}
      - {name: latency, require: canary.latency < 0.5, for: 5m}
    rollback:
      - {name: error-rate, when: canary.error_rate >= 0.02, for: 5m}
      - {name: latency, when: canary.latency >= 2.0, for: 5m}
"""

from __future__ import annotations

from collections.abc import Iterator

from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.plan import OnTimeout
from canarypolicy.documents.rule import RuleKind
from canarypolicy.lints.declared import measured_by
from canarypolicy.lints.lint import Lint
from canarypolicy.lints.rules import place_of, rules_of


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report each SLO with no signal in common with any rollback rule.
    """
    watched = measured_by(checked, *(rule.condition for rule in rules_of(checked, RuleKind.ROLLBACK)))
    for slo in rules_of(checked, RuleKind.SLO):
        measured = measured_by(checked, slo.condition)
        times_out = all(step.on_timeout is OnTimeout.ROLLBACK for step in slo.acts_in)
        if measured and not measured & watched and not times_out:
            yield SLO_WITHOUT_ROLLBACK.finding(
                place_of(slo.condition),
                f"no rollback rule reads what {slo.label} measures, so the canary stays when it breaks",
                help="add a rollback rule with a looser limit, or `on_timeout: rollback` to the steps, unless a hold is meant",
            )


SLO_WITHOUT_ROLLBACK = Lint(name="slo-without-rollback", severity=Severity.NOTE, find=find)
