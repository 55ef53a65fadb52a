"""
Backups as a table, and what a restore came to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.duration import SECOND_US, format_duration, format_instant
from canarypolicy.documents.wording import code
from canarypolicy.reports.paint import Tone, paint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.history.decision_record import Record
    from canarypolicy.live.archive import Kept
    from canarypolicy.reports.backup_result import BackupList, BackupRestored

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def render_backups(backups: BackupList, *, color: bool = False) -> str:
    """
    Give one line a backup: name, age, size, and whether it is whole.
    """
    return "".join(f"{line}\n" for line in _lines(backups, color=color))


def render_restored(done: BackupRestored, *, color: bool = False) -> str:
    """
    Say what was restored, what is lost, and where what was overwritten is.
    """
    restored = done.restored
    word = paint("restored", Tone.GOOD, color=color)
    lines = [f"{code(restored.database)}: {word} from {code(restored.snapshot)}", f"   {restored.detail}"]
    if restored.loss_us is not None:
        lines.append(f"   lost: what was changed in the {_whole_seconds(restored.loss_us)} before")
    if restored.replaced is not None:
        lines.append(f"   what was overwritten is in {code(restored.replaced)}")
    return "\n".join(lines) + "\n"


def backups_record(backups: BackupList) -> Record:
    """
    Give the same as a JSON value.
    """
    return {
        "actuator": backups.actuator,
        "change": backups.change,
        "detail": backups.detail,
        "backups": [_kept_record(kept, backups.now_us) for kept in backups.kept],
    }


def restored_record(done: BackupRestored) -> Record:
    """
    Give the same as a JSON value.
    """
    restored = done.restored
    return {
        "database": restored.database,
        "backup": restored.snapshot,
        "lost_seconds": None if restored.loss_us is None else restored.loss_us / SECOND_US,
        "replaced": restored.replaced,
        "detail": restored.detail,
    }


def _lines(backups: BackupList, *, color: bool) -> Iterator[str]:
    if not backups.kept:
        yield f"{code(backups.actuator)} keeps no backup"
        return
    width = max(len(kept.snapshot) for kept in backups.kept)
    for kept in backups.kept:
        if kept.fault is not None:
            yield f"{kept.snapshot:<{width}}  {paint('not whole', Tone.BAD, color=color)}: {kept.fault}"
            continue
        word = paint(backups.change or "whole", Tone.GOOD, color=color)
        parts = (f"{kept.snapshot:<{width}}", word, _size(kept.size_bytes), _age(kept.started_us, backups.now_us))
        yield "  ".join(part for part in parts if part)
    if backups.detail:
        yield f"   {backups.detail}"


def _age(started_us: int | None, now_us: int) -> str:
    return "" if started_us is None else f"of {format_instant(started_us)[:19]}Z, {_whole_seconds(now_us - started_us)} ago"


def _whole_seconds(duration_us: int) -> str:
    return format_duration(max(duration_us, SECOND_US) // SECOND_US * SECOND_US)


def _size(size_bytes: int | None) -> str:
    if size_bytes is None:
        return ""
    size, unit = float(size_bytes), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 else f"{size:.1f} {_UNITS[unit]}"


def _kept_record(kept: Kept, now_us: int) -> Record:
    return {
        "backup": kept.snapshot,
        "database": kept.database,
        "started": None if kept.started_us is None else format_instant(kept.started_us),
        "finished": None if kept.finished_us is None else format_instant(kept.finished_us),
        "age_seconds": None if kept.finished_us is None else (now_us - kept.finished_us) / SECOND_US,
        "bytes": kept.size_bytes,
        "whole": kept.fault is None,
        "fault": kept.fault,
    }
