"""
What all tests share: golden files, rewritten by `pytest --accept` and never in CI.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

os.environ["CANARYPOLICY_CACHE"] = "off"  # what is tested is not what an earlier run has kept

LONG_ROOMS = ("live", "review", "laws")
"""Whose tests take longest."""


def pytest_configure():
    """
    Take Ctrl-C again where a shell started this in the background: what tests start would inherit that it is ignored.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    """
    Give tests with real servers a second try, since a busy machine can delay any of them; the summary names each that needed it.

    They come first, beside one another, since they wait more than they work; then what works longest.
    """
    for item in items:
        if item.get_closest_marker("live") is not None:
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda item: (item.get_closest_marker("live") is None, item.path.parent.name not in LONG_ROOMS))


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
