"""
What the reports are given about backups of a database.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from canarypolicy.live.archive import Kept, Restored


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupList:
    """
    The backups that an actuator keeps, or the one that was just taken or verified.
    """

    actuator: str
    change: str | None
    """`taken` or `verified`; None: nothing was done."""
    kept: tuple[Kept, ...]
    detail: str
    now_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRestored:
    """
    A restore that was done.
    """

    restored: Restored
