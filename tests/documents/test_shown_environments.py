"""
Every piece of an Environment that the docs and the pages of parts show is one that is taken.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from canarypolicy.commands.explain import pages
from canarypolicy.documents.environment_loading import load_environment

ROOT = Path(__file__).parents[2]
HEAD = "apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {name: shown}\n"
PIECE = re.compile(r"```yaml\n((?:sources|probes|actuators|notify):.*?)```", re.DOTALL)


def shown():
    for path in sorted((ROOT / "docs").glob("*.md")):
        for number, piece in enumerate(PIECE.findall(path.read_text(encoding="utf-8"))):
            yield pytest.param(piece, id=f"{path.name}-{number}")
    for page in pages().values():
        for number, piece in enumerate(PIECE.findall(page.text)):
            yield pytest.param(piece, id=f"explain {page.name}-{number}")


@pytest.mark.parametrize("piece", list(shown()))
def test_what_is_shown_is_taken(piece):
    """Probes and sources that a piece only names are not there; everything else is in order."""
    findings = load_environment((HEAD + piece).encode(), "shown.yaml").findings
    assert [finding.message for finding in findings if finding.is_error and not finding.name.startswith("undeclared-")] == []


def test_there_are_some():
    assert len(list(shown())) > 10
