"""
Every YAML file of tests/cases/policytests but its policy is a test: what is found in it, as it looks on the screen.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from canarypolicy.commands.policy_tests import findings_in_test
from canarypolicy.documents.pages import PAGES
from canarypolicy.reports.finding_text import render_findings

CASES = Path(__file__).parents[1] / "cases" / "policytests"
NAMES = sorted(path.stem for path in CASES.glob("*.yaml") if path.stem != "policy")


@pytest.mark.parametrize("name", NAMES)
def test_the_findings_of_a_case_look_as_expected(name, golden, monkeypatch):
    """Each case's findings, whole, with snippet and help; each has a page."""
    monkeypatch.chdir(CASES)
    found = findings_in_test((CASES / f"{name}.yaml").read_bytes(), f"{name}.yaml")
    golden(CASES / f"{name}.expected", render_findings(found) + "\n")
    assert found
    assert all(finding.name in PAGES for finding in found), {f.name for f in found if f.name not in PAGES}
    assert os.sep not in found[0].span.path


def test_a_right_one_has_no_findings():
    path = Path(__file__).parents[2] / "policies" / "storefront" / "tests.yaml"
    assert findings_in_test(path.read_bytes(), str(path)) == ()
