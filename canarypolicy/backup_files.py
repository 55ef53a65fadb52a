"""
A folder of backups: what is in it, which of them are whole, and how a new one comes in.

A backup is a file and, beside it, a sidecar `NAME.json` that says what the file is. While it is written it has a partial
name; the last act of all is to give the file its own. So what has a name of its own was whole when it got it, and what
has lost its sidecar, or has another size now, is listed with that fault and never counted.
Backups, and the probe that looks at their age, share this.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from canarypolicy.documents.duration import format_instant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTIAL = ".partial"
SIDECAR = ".json"
_FORMAT = "canarypolicy/v1"
_CHUNK_BYTES = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRecord:
    """
    What a sidecar says of its backup.
    """

    name: str
    kind: str
    """The kind of actuator that took it: `mysqldump` or `pg_dump`."""
    database: str
    started_us: int
    """What was changed from then on may not be in it."""
    finished_us: int
    size_bytes: int
    sha256: str
    compress: str
    """`gzip`, `zstd` or `none`."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """What its kind wants to find again."""

    def text(self) -> str:
        """
        Give the sidecar's text.
        """
        record = {
            "backup": _FORMAT,
            "name": self.name,
            "kind": self.kind,
            "database": self.database,
            "started": format_instant(self.started_us),
            "finished": format_instant(self.finished_us),
            "bytes": self.size_bytes,
            "sha256": self.sha256,
            "compress": self.compress,
            "details": dict(self.details),
        }
        return json.dumps(record, indent=2) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFile:
    """
    A backup as it lies in the folder.
    """

    name: str
    path: Path
    record: BackupRecord | None
    """None: what it is cannot be told."""
    fault: str | None
    """Why it is not a whole backup; None: as far as name, sidecar and size tell, it is."""


def backups_in(folder: Path) -> tuple[BackupFile, ...]:
    """
    Give all backups of a folder, the youngest first, those without a time last; a folder that cannot be read is `OSError`.

    Only sizes are compared here; `why_changed` reads a file to its end.
    """
    names = {entry.name for entry in os.scandir(folder) if entry.is_file()}
    files = [_file(folder / name.removesuffix(SIDECAR)) for name in sorted(names) if _is_sidecar_of(name, names)]
    files += [
        BackupFile(name=name, path=folder / name, record=None, fault="it has no sidecar")
        for name in sorted(names)
        if _has_our_ending(name) and name + SIDECAR not in names
    ]
    return tuple(sorted(files, key=lambda file: -1 if file.record is None else file.record.finished_us, reverse=True))


def _is_sidecar_of(name: str, names: set[str]) -> bool:
    return name.endswith(SIDECAR) and _has_our_ending(name.removesuffix(SIDECAR)) and name.removesuffix(SIDECAR) in names


def _has_our_ending(name: str) -> bool:
    return name.endswith((".sql", ".sql.gz", ".sql.zst", ".pgdump")) and not name.startswith(".")


def _file(path: Path) -> BackupFile:
    try:
        record = _record(path.with_name(path.name + SIDECAR).read_bytes())
        size = path.stat().st_size
    except (OSError, ValueError, KeyError, TypeError):
        return BackupFile(name=path.name, path=path, record=None, fault="its sidecar cannot be read")
    fault = None
    if record.name != path.name:
        fault = f"its sidecar is that of `{record.name}`"
    elif size != record.size_bytes:
        fault = f"it has {size} bytes, {record.size_bytes} were written"
    return BackupFile(name=path.name, path=path, record=record, fault=fault)


def _record(data: bytes) -> BackupRecord:
    written = json.loads(data)
    if written["backup"] != _FORMAT:
        raise ValueError(written["backup"])
    return BackupRecord(
        name=str(written["name"]),
        kind=str(written["kind"]),
        database=str(written["database"]),
        started_us=parse_instant(written["started"]),
        finished_us=parse_instant(written["finished"]),
        size_bytes=int(written["bytes"]),
        sha256=str(written["sha256"]),
        compress=str(written["compress"]),
        details=dict(written["details"]),
    )


def why_changed(file: BackupFile) -> str | None:
    """
    Read a backup to its end and say how it differs from what was written; None: not at all. May raise `OSError`.
    """
    if file.fault is not None or file.record is None:
        return file.fault
    digest = sha256()
    with file.path.open("rb") as opened:
        while chunk := opened.read(_CHUNK_BYTES):
            digest.update(chunk)
    return None if digest.hexdigest() == file.record.sha256 else "its content is not what was written: the checksum differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """
    A backup that is being written, under a partial name.
    """

    name: str
    file: IO[bytes]
    partial: Path

    def keep(self, record: BackupRecord) -> None:
        """
        Make a backup of it: bytes on the disk, then the sidecar, and the name last. What fails is `OSError`.
        """
        self.file.flush()
        os.fsync(self.file.fileno())
        folder = self.partial.parent
        sidecar = folder / f"{self.name}{SIDECAR}"
        draft = folder / f"{self.name}{SIDECAR}{PARTIAL}"
        with draft.open("w", encoding="utf-8") as opened:
            opened.write(record.text())
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(sidecar)
        self.partial.replace(folder / self.name)
        sync_folder(folder)


@contextmanager
def drafted(folder: Path, database: str, at_us: int, ending: str) -> Iterator[Draft]:
    """
    Open a new backup of a database, readable by its owner only; whatever is still partial at the end is removed.
    """
    _sweep(folder)
    second, of_second = format_instant(at_us)[:19].replace("-", "").replace(":", ""), at_us // 1000 % 1000
    stem = f"{quote(database, safe='')}-{second}.{of_second:03}Z"
    file, name = _open_new(folder, stem, ending)
    partial = folder / f"{name}{PARTIAL}"
    try:
        with file:
            lock(file)
            yield Draft(name=name, file=file, partial=partial)
    finally:
        for left in (partial, folder / f"{name}{SIDECAR}{PARTIAL}"):
            with suppress(OSError):
                left.unlink(missing_ok=True)


def _open_new(folder: Path, stem: str, ending: str) -> tuple[IO[bytes], str]:
    number = 1
    while True:
        name = f"{stem}{f'-{number}' if number > 1 else ''}{ending}"
        number += 1
        if (folder / name).exists():
            continue
        with suppress(FileExistsError):
            made = os.open(folder / f"{name}{PARTIAL}", os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            return os.fdopen(made, "r+b", buffering=0), name


def prune(folder: Path, database: str, keep: int) -> tuple[str, ...]:
    """
    Remove the oldest whole backups of a database beyond `keep`, and name them; others are not touched.
    """
    whole = [file for file in backups_in(folder) if file.fault is None and file.record and file.record.database == database]
    for file in whole[keep:]:
        file.path.unlink(missing_ok=True)
        file.path.with_name(file.name + SIDECAR).unlink(missing_ok=True)
    return tuple(file.name for file in whole[keep:])


def _sweep(folder: Path) -> None:
    """
    Remove what a process that was killed left half written: partial files that nobody holds.
    """
    for path in folder.glob(f"*{PARTIAL}"):
        with suppress(OSError), path.open("r+b") as opened:
            if lock(opened):
                path.unlink(missing_ok=True)


def lock(file: IO[Any]) -> bool:
    """
    Take the lock of an open file for as long as it is open; False if another process has it. Windows: always True.
    """
    try:
        import fcntl  # noqa: PLC0415 - there is none on Windows, where an open file cannot be removed anyway
    except ImportError:  # pragma: no cover - Windows
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def sync_folder(folder: Path) -> None:
    """
    Bring the names in a folder to the disk, where the system has that.
    """
    if os.name == "nt":  # pragma: no cover - Windows opens no folders
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
