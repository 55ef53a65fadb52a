"""
Every folder of tests/cases/documents is a test: its policy.yaml and what is found in it, as it looks on the screen.

A case whose expected.txt is empty is a valid policy without a warning.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from canarypolicy.documents.loading import load_policy
from canarypolicy.reports.finding_text import render_findings

CASES = Path(__file__).parents[1] / "cases" / "documents"


def _large(head: str, body: str, times: int) -> bytes:
    return (head + body * times).encode()


HEAD = "apiVersion: canarypolicy/v1\nkind: RolloutPolicy\nmetadata: {name: storefront}\n"
REST = """\
signals:
  canary.error_rate: {unit: ratio, range: [0, 1], healthy: 0.002, worse: higher}
slos:
  - {name: error-rate, require: canary.error_rate < 0.01}
rollback:
  - {name: errors, when: 'WHEN'}
plan:
  every: 30s
  steps:
    - {name: full, weight: 100, min: 5m, max: 10m}
"""
MADE = {
    "large_document": partial(_large, HEAD, "# a comment that goes on and on and on\n", 270_000),
    "long_expression": (HEAD + REST.replace("WHEN", "canary.error_rate > 0.02 || " * 180 + "false")).encode,
    "expression_nested_60_deep": (HEAD + REST.replace("WHEN", "(" * 60 + "canary.error_rate > 0.02" + ")" * 60)).encode,
    "binary_file": lambda: bytes(range(256)) * 8,
    "utf_16_file": lambda: (HEAD + REST).encode("utf-16"),
    "empty_file": bytes,
    "nul_character": lambda: HEAD.encode() + b"owner: \x00\n",
}


def _folders() -> list[Path]:
    return sorted(path for path in CASES.iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", _folders(), ids=lambda folder: folder.name)
def test_the_findings_of_a_case_look_as_expected(folder, golden):
    """Each case's findings, whole, with snippet and help."""
    made = MADE.get(folder.name)
    data = made() if made else (folder / "policy.yaml").read_bytes()
    loaded = load_policy(data, "policy.yaml")
    shown = render_findings(loaded.findings)
    golden(folder / "expected.txt", shown + "\n" if shown else "")
    assert (loaded.document is None) == any(finding.is_error for finding in loaded.findings)


def test_made_cases_have_a_folder():
    """A case that the test makes is not forgotten."""
    assert set(MADE) <= {folder.name for folder in _folders()}
