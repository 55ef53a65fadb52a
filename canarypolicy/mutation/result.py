"""
What a mutation run finds: how many mutants are noticed, which are not, and the tests that would notice them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from canarypolicy.mutation.mutant import Danger, Mutant


@dataclass(frozen=True, slots=True, kw_only=True)
class Killed:
    """
    A mutant that a scenario notices.
    """

    mutant: Mutant
    path: str
    """The file of the scenario."""
    scenario: str


class Knowledge(Enum):
    """
    What is known of a mutant that no test notices.
    """

    SHOWN = "shown"
    """A history shows it: the engine decides otherwise there."""
    EQUIVALENT = "equivalent"
    """It was proved to decide alike in every history."""
    UNKNOWN = "unknown"
    """Neither was found."""
    NOT_PROVED = "not-proved"
    """No proof was tried: the solver is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingTest:
    """
    A scenario that the policy passes and a mutant does not.
    """

    name: str
    lines: tuple[str, ...]
    """As they stand in the list `tests` of a PolicyTest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survivor:
    """
    A mutant that no scenario notices.
    """

    mutant: Mutant
    knowledge: Knowledge
    danger: Danger
    """The worst that was seen of it; without a proof, what it looks like."""
    why: str = ""
    """What is unknown, and why no test is offered."""
    test: MissingTest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyMutation:
    """
    The mutants of one policy and what its tests make of them.
    """

    path: str
    """The policy's."""
    tests: tuple[str, ...]
    """The files whose scenarios were run."""
    scenarios: int
    killed: tuple[Killed, ...]
    survivors: tuple[Survivor, ...]
    """Those that count, most dangerous first."""
    equivalent: tuple[Mutant, ...] = ()
    """Proved to decide alike: these are not counted."""
    not_proved: str | None = None
    """Why nothing was proved; None: it was tried."""

    @property
    def count(self) -> int:
        """
        How many mutants count.
        """
        return len(self.killed) + len(self.survivors)

    @property
    def missing_tests(self) -> tuple[MissingTest, ...]:
        """
        Each test that is offered, once: one may notice several mutants.
        """
        return tuple(dict.fromkeys(each.test for each in self.survivors if each.test is not None))


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationRun:
    """
    The mutants of all policies whose tests were run.
    """

    policies: tuple[PolicyMutation, ...]
    fail_under: float | None = None
    """The least score in percent that was asked for."""
    missing_file: str | None = None
    """Where the missing tests were written."""

    @property
    def score(self) -> float:
        """
        The share of mutants that are noticed, in percent; 100 where there is none that counts.
        """
        count = sum(each.count for each in self.policies)
        return 100.0 * sum(len(each.killed) for each in self.policies) / count if count else 100.0

    @property
    def is_too_low(self) -> bool:
        return self.fail_under is not None and self.score < self.fail_under
