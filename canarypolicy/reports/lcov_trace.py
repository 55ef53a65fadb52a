"""
LCOV over the lines of policies: what CI services and editors draw coverage from.

A line is that of a rule, step or gate; a branch is one way in which a part of it can be seen. Lines count what was judged.
Source: geninfo(1), "TRACEFILE FORMAT".
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from canarypolicy.reports.escape import visible
from canarypolicy.reports.policytest_result import PolicyTestRun
from canarypolicy.reports.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.reports.policytest_result import PolicyCoverage


def _run(run: PolicyTestRun) -> str:
    return "".join(f"{line}\n" for coverage in run.coverage or () for line in _policy(coverage))


def _policy(coverage: PolicyCoverage) -> Iterator[str]:
    lines: dict[int, int] = defaultdict(int)
    branches: list[tuple[int, int]] = []
    for index, subject in enumerate(coverage.subjects):
        lines[subject.span.line] += 0
        for place, part in enumerate(subject.parts):
            counts = [coverage.seen[index, place, sight] for sight in part.sights]
            lines[part.span.line] = max(lines[part.span.line], sum(counts))
            branches += [(part.span.line, count) for count in counts]
    yield "TN:"
    yield f"SF:{visible(coverage.path)}"
    for number, (line, count) in enumerate(branches):
        yield f"BRDA:{line},0,{number},{count if lines[line] else '-'}"
    yield f"BRF:{len(branches)}"
    yield f"BRH:{sum(1 for _, count in branches if count)}"
    yield from (f"DA:{line},{count}" for line, count in sorted(lines.items()))
    yield f"LF:{len(lines)}"
    yield f"LH:{sum(1 for count in lines.values() if count)}"
    yield "end_of_record"


LCOV = Report(name="lcov", summary="LCOV of a policy's lines, with what tests showed of them", renderers={PolicyTestRun: _run})
