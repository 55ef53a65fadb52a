"""
What reports on PolicyTests are given: every scenario that was run, file by file, what was wrong with files, and coverage.

All but a failed scenario's own course is plain data, so that workers can send it home.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from canarypolicy.documents.finding import Finding
    from canarypolicy.history.decision_record import PolicyMark
    from canarypolicy.testing.coverage import Subject
    from canarypolicy.testing.result import ScenarioResult
    from canarypolicy.testing.tally import Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class RunScenario:
    """
    One scenario that was run.
    """

    name: str
    line: int
    """Where it is written."""
    failed: ScenarioResult | None = None
    """What came of it, unless it passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTestFile:
    """
    One file's scenarios and what came of them.
    """

    path: str
    policy: PolicyMark
    scenarios: tuple[RunScenario, ...]

    @property
    def failed(self) -> tuple[ScenarioResult, ...]:
        return tuple(each.failed for each in self.scenarios if each.failed is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyCoverage:
    """
    What all tests of one policy showed of it.
    """

    path: str
    """The policy's."""
    subjects: tuple[Subject, ...]
    seen: Tally

    @property
    def points(self) -> int:
        """
        Count all that can be seen.
        """
        return sum(len(part.sights) for subject in self.subjects for part in subject.parts)

    @property
    def covered(self) -> int:
        return sum(1 for count in self.seen.values() if count)

    @property
    def percent(self) -> float:
        return 100.0 * self.covered / self.points


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTestRun:
    """
    All PolicyTests that were run.
    """

    files: tuple[PolicyTestFile, ...]
    findings: tuple[Finding, ...] = ()
    """Faults in files that could not be run."""
    unselected: int = 0
    """How many scenarios the choice by name left out."""
    coverage: tuple[PolicyCoverage, ...] | None = None
    """None if it was not asked for."""
    fail_under: float | None = None
    """The least coverage in percent that was asked for."""

    @property
    def count(self) -> int:
        return sum(len(file.scenarios) for file in self.files)

    @property
    def failed(self) -> tuple[ScenarioResult, ...]:
        return tuple(result for file in self.files for result in file.failed)

    @property
    def percent(self) -> float:
        """
        Give the coverage of all policies together, in percent.
        """
        coverage = self.coverage or ()
        points = sum(each.points for each in coverage)
        return 100.0 * sum(each.covered for each in coverage) / points if points else 100.0

    @property
    def is_covered_too_little(self) -> bool:
        return self.coverage is not None and self.fail_under is not None and self.percent < self.fail_under
