"""
What a journal says of its run: which acts are intended and not confirmed, what was done, where the fold is.

The loop asks it what comes next. It is built by the same entries while a run goes on and after a crash, so that going on
is the same as never having stopped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from canarypolicy.live.entry import EntryKind

if TYPE_CHECKING:
    from canarypolicy.live.folding import Fold

ENDINGS = ("complete", "rolled-back", "refused")
"""The notes that end a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """
    A weight that is to be set, and for what.
    """

    weight: float
    purpose: str
    """`enter`, `rollback`, `repair`, or `keep` where an advance was given up."""
    step: str | None
    at_us: int


@dataclass(slots=True)
class Record:
    """
    Where a run is. Samples and events are in the fold; this is the rest.
    """

    fold: Fold
    weight: float | None = None
    """The weight that was confirmed last; None before the first."""
    pending: Act | None = None
    """A weight that is intended and not confirmed."""
    snapshot: str | None = None
    is_snapshot_intended: bool = False
    is_rolled_back: bool = False
    """Whether the rollback's weight was confirmed."""
    rolled_back_us: int | None = None
    recovery: str | None = None
    told: set[str] = field(default_factory=set)
    """The keys of notices that were delivered or given up."""
    untold: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """Key -> notice that was to be sent, and is neither delivered nor given up."""
    is_freeze_intended: bool = False
    is_frozen: bool = False
    """Whether the freeze that follows the rollback was placed."""
    ending: str | None = None
    last_us: int = 0

    def add(self, kind: EntryKind, at_us: int, body: Mapping[str, Any]) -> None:
        """
        Take in an entry that is no sample, event or decision.
        """
        self.last_us = max(self.last_us, at_us)
        if kind is EntryKind.NOTE:
            self._note(body["note"])
        elif kind in (EntryKind.INTEND, EntryKind.CONFIRM, EntryKind.ABANDON):
            match body["act"]:
                case "weight":
                    self._weight(kind, at_us, body)
                case "snapshot":
                    self.is_snapshot_intended = True
                    self.snapshot = body.get("snapshot")
                case "notify":
                    self._notice(kind, body)
                case "freeze":
                    self.is_freeze_intended = True
                    self.is_frozen = kind is EntryKind.CONFIRM

    def _notice(self, kind: EntryKind, body: Mapping[str, Any]) -> None:
        if kind is EntryKind.INTEND:
            self.untold[body["key"]] = body
            return
        self.untold.pop(body["key"], None)
        self.told.add(body["key"])

    def _note(self, note: str) -> None:
        if note in ENDINGS:
            self.ending = note
        elif note in ("recovered", "not-recovered"):
            self.recovery = note

    def _weight(self, kind: EntryKind, at_us: int, body: Mapping[str, Any]) -> None:
        if kind is EntryKind.INTEND:
            self.pending = Act(weight=body["weight"], purpose=body["for"], step=body.get("step"), at_us=at_us)
            return
        self.pending = None
        if kind is EntryKind.CONFIRM:
            self.weight = body["weight"]
            if body["for"] == "rollback":
                self.is_rolled_back = True
                self.rolled_back_us = at_us
