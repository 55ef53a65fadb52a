"""
Findings as text for a terminal, and the one line that counts them.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from canarypolicy.documents.finding import Severity
from canarypolicy.reports.finding_text import render_findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canarypolicy.documents.finding import Finding
    from canarypolicy.reports.result import Validation


def render_validation(validation: Validation, *, color: bool = False) -> str:
    """
    Give every finding with its line and help; nothing if there is none.
    """
    return render_findings(validation.findings, color=color) + "\n" if validation.findings else ""


def summary(paths: Sequence[str], findings: Sequence[Finding]) -> str:
    """
    Count documents and findings in one line.
    """
    counts = Counter(finding.severity for finding in findings)
    named = [_count(counts[severity], severity.value) for severity in Severity if counts[severity] or severity is Severity.ERROR]
    return f"{_count(len(paths), 'document')}: {', '.join(named)}"


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'s' if number != 1 else ''}"
