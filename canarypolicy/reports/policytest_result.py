"""
What reports on PolicyTests are given: every scenario that was run, file by file, and what was wrong with files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from canarypolicy.documents.finding import Finding
    from canarypolicy.engine.program import Program
    from canarypolicy.testing.result import ScenarioResult


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyTestFile:
    """
    One file's scenarios and what came of them.
    """

    path: str
    program: Program
    """Its policy."""
    results: tuple[ScenarioResult, ...]


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

    @property
    def results(self) -> tuple[ScenarioResult, ...]:
        return tuple(result for file in self.files for result in file.results)

    @property
    def failed(self) -> tuple[ScenarioResult, ...]:
        return tuple(result for result in self.results if not result.has_passed)
