"""
Every folder of tests/cases/lints is a test: its policy.yaml and all that lints find in it, as it looks on the screen.

Each lint has the folder of its name; an empty expected.txt means that no lint has anything to say.
The files beside the folders are policies with much to say about.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from canarypolicy.documents.loading import load_policy
from canarypolicy.lints import LINTS, check
from canarypolicy.reports.finding_text import render_findings

CASES = Path(__file__).parents[1] / "cases" / "lints"
FOLDERS = sorted(path for path in CASES.iterdir() if path.is_dir())
SILENT = {"valid_without_a_word"}


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.glob("*.yaml")))
def test_what_is_found(name, golden):
    loaded = load_policy((CASES / name).read_bytes(), name)
    assert loaded.document is not None, render_findings(loaded.findings)
    golden(CASES / f"{name}.expected", render_findings(check(loaded.document)) + "\n")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_findings_of_a_case_look_as_expected(folder, golden):
    """Each case's findings, whole, with snippet and help, and the lint of its name among them."""
    loaded = load_policy((folder / "policy.yaml").read_bytes(), "policy.yaml")
    assert loaded.document is not None, loaded.findings
    found = check(loaded.document)
    shown = render_findings(found)
    golden(folder / "expected.txt", shown + "\n" if shown else "")
    assert [finding.span.start for finding in found] == sorted(finding.span.start for finding in found)
    assert (folder.name.replace("_", "-") in {finding.name for finding in found}) == (folder.name not in SILENT)


def test_every_lint_has_a_case():
    assert {name.replace("-", "_") for name in LINTS} | SILENT == {folder.name for folder in FOLDERS}


def test_every_lint_has_a_test():
    here = {path.stem for path in Path(__file__).parent.glob("test_*.py")}
    assert {f"test_{name.replace('-', '_')}" for name in LINTS} <= here


@pytest.mark.parametrize(
    "policy", sorted(Path(__file__).parents[2].glob("policies/*/policy.yaml")), ids=lambda path: path.parent.name
)
def test_shipped_policies_pass_a_strict_validation(policy):
    """Notes are for people; a warning in a policy that we ship would be a fault of the policy or of the lint."""
    loaded = load_policy(policy.read_bytes(), policy.name)
    assert loaded.document is not None
    assert {finding.severity.value for finding in (*loaded.findings, *check(loaded.document))} <= {"note"}
