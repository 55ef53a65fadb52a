"""
What all tests share: golden files, rewritten by `pytest --accept` and never in CI.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ["CANARYPOLICY_CACHE"] = "off"  # what is tested is not what an earlier run has kept


def pytest_addoption(parser):
    parser.addoption("--accept", action="store_true", help="rewrite golden files with what is found now")


@pytest.fixture
def golden(request):
    """
    Compare a text with a golden file, byte for byte but for the kind of line breaks.
    """

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--accept") and not os.environ.get("CI"):
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.exists(), f"there is no golden file {path.name}: run `pytest --accept` and read what it writes"
        assert text == path.read_text(encoding="utf-8")

    return compare


def pytest_terminal_summary(terminalreporter):
    """
    Show what tests measured, also those that passed.
    """
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.stats.get(kind, ()) if each.user_properties]
    if reports:
        terminalreporter.section("measured")
    for report in reports:
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{report.nodeid.rpartition('/')[2]}: {name}: {value}")
