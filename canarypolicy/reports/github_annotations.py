"""
Annotations for GitHub Actions: workflow commands on stdout that mark a line of a file.

A finding or reason without a place becomes a plain line of the log: an annotation without a line would mark line 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.finding import Severity
from canarypolicy.engine.decision import Verdict
from canarypolicy.reports.decision_text import headline, lacking_text
from canarypolicy.reports.escape import visible
from canarypolicy.reports.evaluation_result import Evaluation
from canarypolicy.reports.policytest_failure import decision_lines, failure_finding
from canarypolicy.reports.policytest_result import PolicyTestRun
from canarypolicy.reports.report import Report
from canarypolicy.reports.result import Review, Validation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from canarypolicy.documents.finding import Finding
    from canarypolicy.documents.span import Span
    from canarypolicy.engine.decision import Reason

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_DECISION_LEVELS = {Verdict.ADVANCE: "notice", Verdict.HOLD: "warning", Verdict.ROLLBACK: "error"}


def annotation(level: str, title: str, message: str, span: Span) -> str:
    """
    Give one workflow command; columns are told only where the span stays in its line.
    """
    properties = {"file": visible(span.path.replace("\\", "/")), "line": str(span.line), "endLine": str(span.end_line)}
    if span.line == span.end_line:
        properties |= {"col": str(span.column), "endColumn": str(max(span.end_column, span.column))}
    properties["title"] = title
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{level} {told}::{_message(message)}"


def _validation(validation: Validation) -> str:
    return _marked(validation.findings)


def _review(review: Review) -> str:
    from canarypolicy.reports.review_findings import review_findings  # noqa: PLC0415 - a decision needs no review

    return _marked(review_findings(review))


def _policy_tests(run: PolicyTestRun) -> str:
    lines = []
    for result in run.failed:
        for failure in result.failures:
            finding = failure_finding(failure)
            told = [f"{visible(result.name)}: {visible(finding.message)}"]
            told += [] if failure.decision is None else decision_lines(result, failure.decision)
            lines.append(annotation("error", finding.name, "\n".join(told), finding.span))
    return _marked(run.findings) + "".join(f"{line}\n" for line in lines)


def _marked(findings: Iterable[Finding]) -> str:
    lines = []
    for finding in findings:
        message = visible(finding.message) + ("" if finding.help is None else f"\nhelp: {visible(finding.help)}")
        lines.append(annotation(_LEVELS[finding.severity], finding.name, message, finding.span))
    return "".join(f"{line}\n" for line in lines)


def _evaluation(evaluation: Evaluation) -> str:
    decision = evaluation.decision
    level = _DECISION_LEVELS[decision.verdict]
    lines = [headline(decision)]
    for reason in decision.reasons:
        if reason.location is None:
            lines.append(f"{visible(reason.rule)}: {_told(reason)}")
        else:
            lines.append(annotation(level, f"{decision.verdict.value}: {visible(reason.rule)}", _told(reason), reason.location))
    return "".join(f"{line}\n" for line in lines)


def _told(reason: Reason) -> str:
    lacking = lacking_text(reason)
    return visible(reason.message) + (f"; {lacking} still lacking" if lacking else "")


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


GITHUB = Report(
    name="github",
    summary="annotations of GitHub Actions",
    renderers={Evaluation: _evaluation, PolicyTestRun: _policy_tests, Review: _review, Validation: _validation},
)
