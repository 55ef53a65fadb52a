"""
Reports: results as text in the formats of `--format` and `--output`.

A report gives text; it never prints, and it never changes what it is given.
"""

from __future__ import annotations

from canarypolicy.kinds import by_name
from canarypolicy.reports.csv_table import CSV
from canarypolicy.reports.github_annotations import GITHUB
from canarypolicy.reports.html_page import HTML
from canarypolicy.reports.json_document import JSON
from canarypolicy.reports.jsonl import JSONL
from canarypolicy.reports.junit_xml import JUNIT
from canarypolicy.reports.lcov_trace import LCOV
from canarypolicy.reports.markdown_document import MARKDOWN
from canarypolicy.reports.sarif_log import SARIF
from canarypolicy.reports.text import TEXT

REPORTS = by_name(CSV, GITHUB, HTML, JSON, JSONL, JUNIT, LCOV, MARKDOWN, SARIF, TEXT)
