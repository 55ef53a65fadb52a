"""
A SARIF 2.1.0 log: one rule per finding name, with its page as help, and one result per finding.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from canarypolicy import __version__
from canarypolicy.documents.finding import Severity
from canarypolicy.reports.json_text import json_text
from canarypolicy.reports.report import Report
from canarypolicy.reports.result import Review, Validation
from canarypolicy.reports.review_findings import review_findings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from canarypolicy.documents.finding import Finding
    from canarypolicy.documents.span import Span
    from canarypolicy.history.decision_record import Record

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def _validation(validation: Validation) -> str:
    return _log(validation.findings, validation.paths, validation.pages)


def _review(review: Review) -> str:
    paths = dict.fromkeys(policy.place.path for policy in review.policies)
    return _log(review_findings(review), paths, review.pages)


def _log(findings: Sequence[Finding], paths: Iterable[str], pages: Mapping[str, str]) -> str:
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.name, finding)
    order = {name: index for index, name in enumerate(first)}
    driver = {
        "name": "canarypolicy",
        "version": __version__,
        "rules": [_rule(finding, pages.get(name)) for name, finding in first.items()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": {"uri": _uri(path)}} for path in paths],
        "results": [_result(finding, order[finding.name]) for finding in findings],
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(finding: Finding, page: str | None) -> Record:
    """
    Describe a finding's name; without a page, help says where to ask.
    """
    told = page if page is not None else f"`canarypolicy explain {finding.name}` tells more."
    return {
        "id": finding.name,
        "shortDescription": {"text": finding.name.replace("-", " ")},
        "help": {"text": told, "markdown": told},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
    }


def _result(finding: Finding, index: int) -> Record:
    text = finding.message if finding.help is None else f"{finding.message}\nhelp: {finding.help}"
    place = {"artifactLocation": {"uri": _uri(finding.span.path)}, "region": _region(finding.span)}
    return {
        "ruleId": finding.name,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
    }


def _region(span: Span) -> Record:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": max(span.end_column, span.column if span.line == span.end_line else 1),
    }


def _uri(path: str) -> str:
    """
    Give a path as a relative or absolute reference; a path with a drive becomes `file:///C:/x`.
    """
    slashed = path.replace("\\", "/")
    if len(slashed) > 2 and slashed[1:3] == ":/":
        return "file:///" + quote(slashed, safe="/:")
    return ("file://" if slashed.startswith("/") else "") + quote(slashed)


SARIF = Report(name="sarif", summary="SARIF 2.1.0", renderers={Review: _review, Validation: _validation})
