"""
Findings as text, and the line that counts them.
"""

from pathlib import Path

import pytest
from canarypolicy.documents.finding import Severity
from canarypolicy.reports.validation_text import render_validation, summary

from results import finding, validation

GOLDEN = Path(__file__).parent / "golden"


def test_findings(golden):
    golden(GOLDEN / "validation.txt", render_validation(validation()))


def test_nothing_found_is_nothing_said():
    assert render_validation(validation(findings=())) == ""


@pytest.mark.parametrize(
    ("severities", "line"),
    [
        ([], "2 documents: no errors"),
        ([Severity.ERROR], "2 documents: 1 error"),
        ([Severity.ERROR, Severity.ERROR, Severity.NOTE], "2 documents: 2 errors, 1 note"),
        ([Severity.WARNING, Severity.WARNING], "2 documents: no errors, 2 warnings"),
    ],
)
def test_the_count(severities, line):
    assert summary(["a", "b"], [finding(severity=severity) for severity in severities]) == line
    assert summary(["a"], []) == "1 document: no errors"
