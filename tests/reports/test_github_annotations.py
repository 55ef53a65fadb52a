"""
GitHub annotations: one line each, whatever is in the message, and none without a place.
"""

import re

import pytest
from canarypolicy.documents.finding import Finding
from canarypolicy.documents.span import SourceText
from canarypolicy.engine.decision import Verdict
from canarypolicy.reports import REPORTS
from canarypolicy.reports.result import Validation

from results import decision, evaluation, full_decision, reason, validation

ANNOTATION = re.compile(r"::(error|warning|notice) ([a-zA-Z]+=[^,:]*(?:,[a-zA-Z]+=[^,:]*)*)::(.*)")


def parsed(line):
    level, properties, message = ANNOTATION.fullmatch(line).groups()
    return level, dict(each.split("=", 1) for each in properties.split(",")), message


def test_findings():
    lines = [parsed(line) for line in REPORTS["github"].render(validation()).splitlines()]
    assert [level for level, _, _ in lines] == ["error", "warning", "notice", "error"]
    _, properties, message = lines[0]
    assert properties == {
        "file": "policy.yaml",
        "line": "2",
        "endLine": "2",
        "col": "17",
        "endColumn": "24",
        "title": "wrong-type",
    }
    assert message == "it is wrong%0Ahelp: write it right"


def test_columns_are_told_only_of_a_span_within_one_line():
    """GitHub refuses columns for an annotation of several lines."""
    _, properties, _ = parsed(REPORTS["github"].render(validation()).splitlines()[2])
    assert (properties["line"], properties["endLine"]) == ("2", "3")
    assert not {"col", "endColumn"} & properties.keys()


@pytest.mark.parametrize(("text", "escaped"), [("100%\n", "100%25\\x0a"), ("::stop::", "::stop::"), ("%0A", "%250A")])
def test_messages_cannot_end_or_begin_a_command(text, escaped):
    span = SourceText(path="a,b:c%.yaml", text="x").span(0, 1)
    (line,) = REPORTS["github"].render(Validation(paths=(), findings=(Finding(name="n", message=text, span=span),))).splitlines()
    assert line == f"::error file=a%2Cb%3Ac%25.yaml,line=1,endLine=1,col=1,endColumn=2,title=n::{escaped}"


@pytest.mark.parametrize(
    ("verdict", "level"), [(Verdict.ADVANCE, "notice"), (Verdict.HOLD, "warning"), (Verdict.ROLLBACK, "error")]
)
def test_a_decision_is_a_line_and_an_annotation_for_each_reason(verdict, level):
    lines = (
        REPORTS["github"]
        .render(evaluation(decision(verdict, reasons=(reason(lacking_us=60_000_000, for_us=300_000_000),))))
        .splitlines()
    )
    assert lines[0].startswith(f"{verdict.value} ")
    found, properties, message = parsed(lines[1])
    assert (found, properties["title"]) == (level, f"{verdict.value}%3A low")
    assert message == "`a.b < 0.01` has been true for 2m30s, 5m asked; 1m of 5m still lacking"


def test_a_reason_without_a_place_is_a_plain_line():
    """An annotation without a line would mark line 1 of some file."""
    lines = REPORTS["github"].render(evaluation(full_decision())).splitlines()
    assert lines[3] == "gate: gate `smoke` has given no result yet"
    assert sum(line.startswith("::") for line in lines) == 3
