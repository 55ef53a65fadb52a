"""
SARIF 2.1.0: what its consumers rely on, checked on the log itself.

The log was also read once by models made from the published schema; the schema is too large to keep here.
"""

import json
from pathlib import Path

import pytest
from canarypolicy.reports import REPORTS
from canarypolicy.reports.sarif_log import _uri

from results import validation

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def run():
    log = json.loads(REPORTS["sarif"].render(validation(pages={"wrong-type": "# wrong-type\n"})))
    assert log["version"] == "2.1.0"
    (only,) = log["runs"]
    return only


def test_the_log(golden):
    golden(GOLDEN / "validation.sarif", REPORTS["sarif"].render(validation(pages={"wrong-type": "# wrong-type\n"})))


def test_a_rule_per_name_and_a_result_per_finding(run):
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["wrong-type", "unused-signal", "reference-reading"]
    assert [result["ruleId"] for result in run["results"]] == ["wrong-type", "unused-signal", "reference-reading", "wrong-type"]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in run["results"])
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note", "error"]


def test_a_rules_help_is_its_page_or_says_where_to_ask(run):
    wrong, unused, _ = run["tool"]["driver"]["rules"]
    assert wrong["help"]["markdown"] == "# wrong-type\n"
    assert unused["help"]["text"] == "`canarypolicy explain unused-signal` tells more."


def test_regions_count_from_one_and_end_behind_the_last_character(run):
    """In code points, as `columnKind` says; a region of several lines ends in its last line."""
    regions = [result["locations"][0]["physicalLocation"]["region"] for result in run["results"]]
    assert run["columnKind"] == "unicodeCodePoints"
    assert regions[0] == {"startLine": 2, "startColumn": 17, "endLine": 2, "endColumn": 24}
    assert regions[2] == {"startLine": 2, "startColumn": 12, "endLine": 3, "endColumn": 9}


def test_nothing_found_is_a_log_without_results():
    log = json.loads(REPORTS["sarif"].render(validation(findings=())))
    assert log["runs"][0]["results"] == []
    assert log["runs"][0]["tool"]["driver"]["rules"] == []


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("policies/shop/policy.yaml", "policies/shop/policy.yaml"),
        ("policies\\a b%.yaml", "policies/a%20b%25.yaml"),
        ("C:\\a b\\x.yaml", "file:///C:/a%20b/x.yaml"),
        ("/etc/x.yaml", "file:///etc/x.yaml"),
        ("-", "-"),
    ],
)
def test_a_path_as_a_reference(path, uri):
    assert _uri(path) == uri
