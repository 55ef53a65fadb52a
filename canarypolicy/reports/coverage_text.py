"""
Coverage as text: a line for each rule, step and gate, and what no test has shown of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.reports.escape import visible
from canarypolicy.reports.paint import Tone, paint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.reports.policytest_result import PolicyCoverage, PolicyTestRun
    from canarypolicy.testing.coverage import Subject


def coverage_lines(run: PolicyTestRun, *, color: bool) -> Iterator[str]:
    """
    Give what the tests show of each policy, and what they do not.
    """
    for coverage in run.coverage or ():
        yield ""
        yield f"{visible(coverage.path)}: {_share(coverage.covered, coverage.points, color=color)}"
        yield from _subjects(coverage, color=color)
    yield ""
    asked = ""
    if run.fail_under is not None:
        word = "less than" if run.is_covered_too_little else "at least"
        asked = f", {word} the {percent_text(run.fail_under)} asked for"
    yield f"coverage is {percent_text(run.percent)}{asked}"


def percent_text(percent: float) -> str:
    """
    Write a share in percent; only what is whole is 100 %.
    """
    rounded = min(round(percent, 1), 99.9) if percent < 100 else 100.0
    return f"{rounded:g} %"


def unseen(coverage: PolicyCoverage, index: int, subject: Subject) -> Iterator[str]:
    """
    Say what was not seen of a subject, part by part.
    """
    for place, part in enumerate(subject.parts):
        absent = [sight.value for sight in part.sights if not coverage.seen[index, place, sight]]
        if absent:
            yield f"`{visible(part.text)}` never {' or '.join(absent)}" if part.text else f"never {' or '.join(absent)}"


def _subjects(coverage: PolicyCoverage, *, color: bool) -> Iterator[str]:
    names = [f"{subject.kind} {visible(subject.name)}" for subject in coverage.subjects]
    width = max(map(len, names))
    for index, subject in enumerate(coverage.subjects):
        points = sum(len(part.sights) for part in subject.parts)
        seen = sum(1 for place, part in enumerate(subject.parts) for sight in part.sights if coverage.seen[index, place, sight])
        head = f"  {names[index]:<{width}}  line {subject.span.line:<4} {seen:>2} of {points}"
        absent = list(unseen(coverage, index, subject))
        yield f"{head}  {paint('; '.join(absent), Tone.WAIT, color=color)}".rstrip() if absent else head


def _share(covered: int, points: int, *, color: bool) -> str:
    percent = percent_text(100.0 * covered / points)
    tone = Tone.GOOD if covered == points else Tone.WAIT
    return f"{paint(f'{percent} covered', tone, color=color)}, {covered} of {points}"
