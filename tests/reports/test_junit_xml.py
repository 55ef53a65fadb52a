"""
JUnit XML: a suite per file, a case per finding or rollout, failures where the exit status says 3.
"""

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

from canarypolicy.history.replay import Outcome
from canarypolicy.reports import REPORTS

from results import finding, replay, validation

GOLDEN = Path(__file__).parent / "golden"


def cases(text):
    """Give (suite, case, has failed) of every case, and check the counts on the way."""
    root = ET.fromstring(text.encode("utf-8"))
    found = []
    for suite in root:
        assert int(suite.get("tests")) == len(suite) > 0
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
        found += [(suite.get("name"), case.get("name"), case.find("failure") is not None) for case in suite]
    assert int(root.get("tests")) == len(found)
    assert int(root.get("failures")) == sum(has_failed for _, _, has_failed in found)
    return found


def test_findings(golden):
    """Errors fail, other findings are told; a document without a finding is a case that passes."""
    shown = REPORTS["junit"].render(validation())
    golden(GOLDEN / "validation.xml", shown)
    assert [(suite, has_failed) for suite, _, has_failed in cases(shown)] == [
        ("policy.yaml", True),
        ("policy.yaml", False),
        ("policy.yaml", False),
        ("policy.yaml", True),
        ("dir\\other file.yaml", False),
    ]


def test_with_strict_warnings_fail_and_notes_do_not():
    assert [has_failed for _, _, has_failed in cases(REPORTS["junit"].render(validation(is_strict=True)))] == [
        True,
        True,
        False,
        True,
        False,
    ]


def test_rollouts():
    """Without an expectation none fails; with one, each that ended otherwise does, and so does a recording with faults."""
    assert [has_failed for _, _, has_failed in cases(REPORTS["junit"].render(replay()))] == [False, False]
    unexpected = replay(expected=Outcome.COMPLETE, findings=(finding("falling-times"),))
    shown = REPORTS["junit"].render(unexpected)
    assert [(suite, has_failed) for suite, _, has_failed in cases(shown)] == [
        ("policy.yaml", True),
        ("runs/r-1.csv", True),
        ("runs/silent.jsonl", True),
    ]
    assert "ended rolled-back, complete was expected" in shown
    as_expected = replay(expected=Outcome.ROLLED_BACK)
    assert [has_failed for _, _, has_failed in cases(REPORTS["junit"].render(as_expected))] == [False, True]


def test_rollouts_of_one_file_share_a_suite():
    one = replay().rollouts[0]
    shown = REPORTS["junit"].render(replay(one, replace(one, timeline=replace(one.timeline, rollout="r-2"))))
    assert [(suite, case) for suite, case, _ in cases(shown)] == [("runs/r-1.csv", "r-1"), ("runs/r-1.csv", "r-2")]
