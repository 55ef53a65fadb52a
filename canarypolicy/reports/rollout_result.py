"""
What the reports are given of a rollout carried out: how it ended, its checklist, and probes looked at by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from canarypolicy.live.checklist import Tick


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """
    The closing checklist of a run.
    """

    run: str
    state: str
    artefact: str | None
    """The version that is rolled out; None where nobody said."""
    started_us: int
    """When the run began, and its window with it."""
    ticks: tuple[Tick, ...]

    @property
    def is_go(self) -> bool:
        """
        Whether every item is ticked, and there are items.
        """
        return bool(self.ticks) and all(tick.is_ticked for tick in self.ticks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """
    What a probe found when it was looked at by hand.
    """

    name: str
    result: Mapping[str, Any]
    """`result` as gates read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded:
    """
    How a run ended, or that it was interrupted.
    """

    run: str
    outcome: str | None
    """`complete`, `rolled-back` or `refused`; None: it was interrupted and is to be continued."""
    why: str
    recovery: str | None = None
    """`recovered` or `not-recovered` after a rollback, where the policy asks."""
