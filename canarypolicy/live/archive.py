"""
Backups that are kept and can be restored: what `canarypolicy backup` asks of them.

The loop itself only takes snapshots; a kind that does no more than that is a `Backup` and no `Archive`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from canarypolicy.live.protocols import Backup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """
    A snapshot that an archive keeps, or what is left of one.
    """

    snapshot: str
    database: str | None
    """None: that cannot be told."""
    started_us: int | None
    """What was changed from then on may not be in it."""
    finished_us: int | None
    size_bytes: int | None
    fault: str | None
    """Why it is not whole; None: as far as a look can tell, it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """
    What somebody accepts who has a database restored, and to whom is told how it goes on.
    """

    loss_us: int
    """The longest time before now whose changes may be lost."""
    tell: Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """
    A database that has the content of a snapshot again.
    """

    database: str
    snapshot: str
    loss_us: int | None
    """From the snapshot's start to the moment of restoring; None where an earlier restore was brought to its end."""
    replaced: str | None
    """The snapshot of what was overwritten; None: there was nothing."""
    detail: str
    """How it was verified."""


class Archive(Backup, Protocol):
    """
    A backup that also lists, verifies and restores its snapshots.
    """

    database: str
    """The name of the database that snapshots are taken of, and restored to."""

    def kept(self) -> Sequence[Kept]:
        """
        Give the snapshots that are kept, the youngest first, those without a time last.
        """

    def verify(self, snapshot: str) -> Kept:
        """
        Read a snapshot to its end; one that is not what was written is `NotDone`.
        """

    def rehearse(self, snapshot: str, tell: Callable[[str], None]) -> str:
        """
        Restore a snapshot beside the database, compare, remove it again, and say what was compared.
        """

    def restore(self, snapshot: str, consent: Consent) -> Restored:
        """
        Put a snapshot in the place of the database; what could not be done leaves the database as it was, and is `NotDone`.
        """

    def resume(self, tell: Callable[[str], None]) -> Restored | None:
        """
        Bring a restore that was interrupted to its end, or clean up behind it; None: nothing had been put in place.
        """
