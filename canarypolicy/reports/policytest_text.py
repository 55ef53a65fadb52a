"""
PolicyTests as text for a terminal: each scenario that failed, with what was expected, what was decided and why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.reports.coverage_text import coverage_lines
from canarypolicy.reports.escape import visible
from canarypolicy.reports.finding_text import render_finding
from canarypolicy.reports.paint import Tone, paint
from canarypolicy.reports.policytest_failure import decision_lines, failure_finding, timeline_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.reports.policytest_result import PolicyTestFile, PolicyTestRun
    from canarypolicy.testing.result import ScenarioResult


def render_policy_tests(run: PolicyTestRun, *, color: bool = False) -> str:
    """
    Give the failures, one line a file, what was covered, and the counts.
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
    if run.coverage is not None:
        yield from coverage_lines(run, color=color)
    yield counted(run)


def counted(run: PolicyTestRun) -> str:
    """
    Count what passed and failed.
    """
    failed = len(run.failed)
    parts = [f"{run.count - failed} passed", f"{failed} failed"]
    if run.findings:
        files = len({finding.span.path for finding in run.findings})
        parts.append(f"{files} file{'s' if files != 1 else ''} with findings")
    if run.unselected:
        parts.append(f"{run.unselected} left out")
    return ", ".join(parts)


def _file(file: PolicyTestFile, *, color: bool) -> Iterator[str]:
    count, failed = len(file.scenarios), file.failed
    tone, word = (Tone.BAD, f"{len(failed)} of {count} failed") if failed else (Tone.GOOD, f"{count} passed")
    yield f"{visible(file.path)}: {paint(word, tone, color=color)}"
    for result in failed:
        yield ""
        yield from _scenario(result, color=color)
    if failed:
        yield ""


def _scenario(result: ScenarioResult, *, color: bool) -> Iterator[str]:
    yield f"FAILED {paint(visible(result.name), Tone.STRONG, color=color)}"
    told_us: int | None = None
    for failure in result.failures:
        yield from render_finding(failure_finding(failure), color).split("\n")
        # What was decided at one time is told once, below the last failure about it.
        decision = failure.decision
        is_last = not any(each.decision == decision for each in result.failures[result.failures.index(failure) + 1 :])
        if decision is not None and is_last and decision.at_us != told_us:
            yield from (f"   {line}" for line in decision_lines(result, decision))
            told_us = decision.at_us
    yield from (f"   {line}" for line in timeline_lines(result))
