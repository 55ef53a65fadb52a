"""
Remarks beside lints: what a lint has said of a rule already is not said again, and how much the rest weighs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from canarypolicy.documents.finding import Severity
from canarypolicy.documents.written_rules import written_rules

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.documents.finding import Finding
    from canarypolicy.documents.span import Span
    from canarypolicy.review.findings import Remark

_SAID_THERE: Final = {
    "dead-rule": {"unreachable-rule"},
    "unmeetable-slo": {"unreachable-rule"},
    "effortless-slo": {"constant-rule"},
    "ever-true-rule": {"constant-rule"},
    "needless-rule": {"shadowed-rule"},
    "rollback-over-advance": {"rollback-within-slo"},
    "looser-when-missing": {"ignored-evidence"},
    "unknown-when-present": {"division-by-zero"},
    "endless-hold": {"step-without-max"},
}
"""Remark -> the lints that say the same of the same rule or step."""
_SAID_ANYWHERE: Final = {
    "stuck-when-healthy": {"unhealthy-value", "held-when-healthy", "unguarded-step"},
    "late-when-healthy": {"for-over-max"},
}
"""Remark -> the lints that say so of the policy, wherever they stand."""
_NOTES: Final = frozenset({"invariant-holds", "rollback-over-advance", "endless-hold", "late-when-healthy", "not-monotone"})
"""What is good to know, and nothing to correct."""


def unsaid(checked: CheckedPolicy, remarks: Iterable[Remark], said: Iterable[Finding]) -> Iterator[Remark]:
    """
    Give the remarks that say more than the findings do.
    """
    findings = tuple(said)
    rules = [checked.places[rule.path] for rule in written_rules(checked.policy)]
    for remark in remarks:
        anywhere = _SAID_ANYWHERE.get(remark.name, set())
        there, around = _SAID_THERE.get(remark.name, set()), _around(remark.place, rules)
        if not any(each.name in anywhere or (each.name in there and _is_within(each.span, around)) for each in findings):
            yield remark


def severity_of(remark: Remark) -> Severity:
    """
    Give how bad a remark is as a finding: what is not known is a warning, as what is wrong without harm.
    """
    if remark.is_fault:
        return Severity.ERROR
    return Severity.NOTE if remark.name in _NOTES else Severity.WARNING


def _around(place: Span, rules: Iterable[Span]) -> Span:
    return next((rule for rule in rules if _is_within(place, rule)), place)


def _is_within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
