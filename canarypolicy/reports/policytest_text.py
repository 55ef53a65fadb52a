"""
PolicyTests as text for a terminal: each scenario that failed, with what was expected, what was decided and why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.reports.escape import visible
from canarypolicy.reports.finding_text import render_finding
from canarypolicy.reports.paint import Tone, paint
from canarypolicy.reports.policytest_failure import failure_finding, failure_lines, timeline_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.reports.policytest_result import PolicyTestFile, PolicyTestRun
    from canarypolicy.testing.result import ScenarioResult


def render_policy_tests(run: PolicyTestRun, *, color: bool = False) -> str:
    """
    Give the failures, and one line a file.
    """
    return "".join(f"{line}\n" for line in _run(run, color=color))


def scenario_text(result: ScenarioResult) -> str:
    """
    Give all that is said of a scenario that failed.
    """
    return "".join(f"{line}\n" for line in _scenario(result, color=False))


def _run(run: PolicyTestRun, *, color: bool) -> Iterator[str]:
    for file in run.files:
        yield from _file(file, color=color)
    yield counted(run)


def counted(run: PolicyTestRun) -> str:
    """
    Count what passed and failed.
    """
    failed = len(run.failed)
    parts = [f"{len(run.results) - failed} passed", f"{failed} failed"]
    if run.findings:
        parts.append(f"{len({finding.span.path for finding in run.findings})} with findings")
    if run.unselected:
        parts.append(f"{run.unselected} left out")
    return ", ".join(parts)


def _file(file: PolicyTestFile, *, color: bool) -> Iterator[str]:
    failed = [result for result in file.results if not result.has_passed]
    tone, word = (Tone.BAD, f"{len(failed)} of {len(file.results)} failed") if failed else (Tone.GOOD, f"{len(file.results)} passed")
    yield f"{visible(file.path)}: {paint(word, tone, color=color)}"
    for result in failed:
        yield ""
        yield from _scenario(result, color=color)
    if failed:
        yield ""


def _scenario(result: ScenarioResult, *, color: bool) -> Iterator[str]:
    yield f"FAILED {paint(visible(result.name), Tone.STRONG, color=color)}"
    for failure in result.failures:
        yield from render_finding(failure_finding(failure), color).split("\n")
        yield from (f"   {line}" for line in failure_lines(result, failure))
    yield from (f"   {line}" for line in timeline_lines(result))
