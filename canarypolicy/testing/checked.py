"""
A PolicyTest whose structure has been checked: what is run.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.finding import Finding
    from canarypolicy.documents.policytest import PolicyTest, Scenario
    from canarypolicy.documents.span import Span
    from canarypolicy.documents.yaml_tree import Tree
    from canarypolicy.history.recording import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedScenario:
    """
    A scenario, a row of its table put in, and where it is written.
    """

    scenario: Scenario
    path: Path
    """In the expanded tree."""
    recording: Recording | None = None
    """What its `recording` names, once it has been read."""

    @property
    def name(self) -> str:
        return self.scenario.name


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPolicyTest:
    """
    A PolicyTest without errors, with the place of everything in it.
    """

    document: PolicyTest
    tree: Tree
    """The document with its tables written out."""
    scenarios: tuple[CheckedScenario, ...]
    warnings: tuple[Finding, ...] = ()

    @property
    def path(self) -> str:
        return self.tree.source.path

    def at(self, path: Path) -> Span:
        """
        Give the place to underline.
        """
        return self.tree.at(path)

    def beside(self, name: str) -> str:
        """
        Give the path of a file that the test names.
        """
        return os.path.normpath(os.path.join(os.path.dirname(self.path), name))  # noqa: PTH118, PTH120 - as users wrote it

    def within(self, path: Path, start: int, end: int) -> Span:
        """
        Give the place of characters of a text; of one that a table's values were put into, the place of the whole.
        """
        embedded = self.tree.embedded(path)
        if start == end or len(set(embedded.offsets[:-1])) < len(embedded.text):
            return self.at(path)
        return embedded.place(start, end)
