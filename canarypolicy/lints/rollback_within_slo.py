"""
A rollback rule fires at values that an SLO on the same signal accepts.

The rollout is rolled back although the SLO is met: one of the two limits is wrong, or they have been swapped. A rollback
limit belongs beyond the SLO's, so that there is room to hold between them.
Only an upper and a lower limit on the same value are compared, of rules that act in the same step and have no `unless`.

Avoid:

    slos:
      - {name: error-rate, require: canary.error_rate < 0.02, for: 5m}
    rollback:
      - {name: error-rate, when: canary.error_rate >= 0.01, for: 5m}

Prefer:

    slos:
      - {name: error-rate, require: canary.error_rate < 0.01, for: 5m}
    rollback:
      - {name: error-rate, when: canary.error_rate >= 0.02, for: 5m}
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from canarypolicy.cel.ranges import Known, assume, can_be
from canarypolicy.cel.tree import Compare
from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.rule import RuleKind
from canarypolicy.lints.declared import known_of
from canarypolicy.lints.implication import limit_of
from canarypolicy.lints.judged import quote
from canarypolicy.lints.lint import Lint
from canarypolicy.lints.rules import place_of, rules_of

_MOST_RULES = 300  # of each list: every pair is looked at


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report each rollback rule that can be true while an SLO on the same value is met.
    """
    known = known_of(checked)
    slos = [(slo, limit) for slo in rules_of(checked, RuleKind.SLO) if (limit := limit_of(slo.condition.tree)) is not None]
    for rule in islice(rules_of(checked, RuleKind.ROLLBACK), _MOST_RULES):
        limit = limit_of(rule.condition.tree)
        if limit is None or rule.unless is not None:
            continue
        for slo, accepted in slos[:_MOST_RULES]:
            if _overlap(limit, accepted, known) and not rule.steps.isdisjoint(slo.steps):
                yield ROLLBACK_WITHIN_SLO.finding(
                    place_of(rule.condition),
                    f"{rule.label} fires at values that {slo.label} accepts: {quote(slo.condition, slo.condition.tree.span)}",
                    help="a rollback limit lies beyond the SLO's, with room to hold between them",
                )


def _overlap(limit: Compare, accepted: Compare, known: Known) -> bool:
    if limit.left != accepted.left or {limit.operator[0], accepted.operator[0]} != {"<", ">"}:
        return False
    return can_be(accepted, True, assume(limit, True, known))


ROLLBACK_WITHIN_SLO = Lint(name="rollback-within-slo", severity=Severity.WARNING, find=find)
