"""
Policies with much to say about: each message pinned, whole.
"""

from pathlib import Path

import pytest
from canarypolicy.documents.loading import load_policy
from canarypolicy.lints import check
from canarypolicy.reports.finding_text import render_findings

CASES = Path(__file__).parents[1] / "cases" / "lints"


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.glob("*.yaml")))
def test_what_is_found(name, golden):
    loaded = load_policy((CASES / name).read_bytes(), name)
    assert loaded.document is not None, render_findings(loaded.findings)
    golden(CASES / f"{name}.expected", render_findings(check(loaded.document)) + "\n")
