"""
Lints: what a policy may say and should not, each with its page of `explain`.

One file a lint, one line in the table. `rules`, `judged` and `declared` are views of a checked policy that lints share,
`implication` and `healthy` what they find out about rules. Findings of severity error make a policy invalid.
"""

from __future__ import annotations

from collections.abc import Mapping

from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding
from canarypolicy.kinds import by_name
from canarypolicy.lints.constant_operand import CONSTANT_OPERAND
from canarypolicy.lints.constant_rule import CONSTANT_RULE
from canarypolicy.lints.division_by_zero import DIVISION_BY_ZERO
from canarypolicy.lints.evidence_free_slo import EVIDENCE_FREE_SLO
from canarypolicy.lints.float_equality import FLOAT_EQUALITY
from canarypolicy.lints.for_over_max import FOR_OVER_MAX
from canarypolicy.lints.held_when_healthy import HELD_WHEN_HEALTHY
from canarypolicy.lints.ignored_evidence import IGNORED_EVIDENCE
from canarypolicy.lints.lint import Lint
from canarypolicy.lints.partial_rollout import PARTIAL_ROLLOUT
from canarypolicy.lints.rollback_within_slo import ROLLBACK_WITHIN_SLO
from canarypolicy.lints.sampling_too_coarse import SAMPLING_TOO_COARSE
from canarypolicy.lints.shadowed_rule import SHADOWED_RULE
from canarypolicy.lints.slo_without_rollback import SLO_WITHOUT_ROLLBACK
from canarypolicy.lints.step_without_max import STEP_WITHOUT_MAX
from canarypolicy.lints.unguarded_step import UNGUARDED_STEP
from canarypolicy.lints.unhealthy_value import UNHEALTHY_VALUE
from canarypolicy.lints.unit_mismatch import UNIT_MISMATCH
from canarypolicy.lints.unreachable_rule import UNREACHABLE_RULE
from canarypolicy.lints.unused_signal import UNUSED_SIGNAL
from canarypolicy.lints.weight_goes_down import WEIGHT_GOES_DOWN

LINTS: Mapping[str, Lint] = by_name(
    CONSTANT_OPERAND,
    CONSTANT_RULE,
    DIVISION_BY_ZERO,
    EVIDENCE_FREE_SLO,
    FLOAT_EQUALITY,
    FOR_OVER_MAX,
    HELD_WHEN_HEALTHY,
    IGNORED_EVIDENCE,
    PARTIAL_ROLLOUT,
    ROLLBACK_WITHIN_SLO,
    SAMPLING_TOO_COARSE,
    SHADOWED_RULE,
    SLO_WITHOUT_ROLLBACK,
    STEP_WITHOUT_MAX,
    UNGUARDED_STEP,
    UNHEALTHY_VALUE,
    UNIT_MISMATCH,
    UNREACHABLE_RULE,
    UNUSED_SIGNAL,
    WEIGHT_GOES_DOWN,
)


def check(checked: CheckedPolicy) -> tuple[Finding, ...]:
    """
    Give what all lints find in a policy, in the order of the file.
    """
    findings = [finding for lint in LINTS.values() for finding in lint.find(checked)]
    return tuple(sorted(findings, key=lambda finding: (finding.span.start, finding.span.end, finding.name, finding.message)))
