"""
Reports: results as text in the formats of `--format` and `--output`.

A report gives text; it never prints, and it never changes what it is given.
"""

from __future__ import annotations

from canarypolicy.kinds import by_name
from canarypolicy.reports.report import ReportEntry

REPORTS = by_name(
    ReportEntry(name="csv", home="csv_table:CSV"),
    ReportEntry(name="github", home="github_annotations:GITHUB"),
    ReportEntry(name="html", home="html_page:HTML"),
    ReportEntry(name="json", home="json_document:JSON", alone={"Evaluation": "decision_json:render_evaluation"}),
    ReportEntry(name="jsonl", home="jsonl:JSONL"),
    ReportEntry(name="junit", home="junit_xml:JUNIT"),
    ReportEntry(name="lcov", home="lcov_trace:LCOV"),
    ReportEntry(name="markdown", home="markdown_document:MARKDOWN"),
    ReportEntry(name="sarif", home="sarif_log:SARIF"),
    ReportEntry(name="text", home="text:TEXT", alone={"Evaluation": "decision_text:render_evaluation"}),
)
