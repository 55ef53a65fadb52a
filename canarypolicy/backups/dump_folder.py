"""
The folder that one actuator keeps its backups in: the present time, names of the user's, and faults as `NotDone`.
"""

from __future__ import annotations

import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Any

from canarypolicy.backup_files import BackupFile, backups_in, drafted, prune, why_changed
from canarypolicy.backups.pipeline import CHUNK_BYTES
from canarypolicy.documents.duration import format_duration
from canarypolicy.live.archive import Kept
from canarypolicy.live.protocols import NotDone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.backup_files import BackupRecord, Draft
    from canarypolicy.documents.keeper import Keeper


def now_us() -> int:
    """
    Give the present in microseconds since 1970.
    """
    return time_ns() // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpFolder:
    """
    The backups of one database in one folder.
    """

    keeper: Keeper
    path: Path
    kind: str
    database: str
    keep: int

    def kept(self) -> tuple[Kept, ...]:
        """
        Give this database's backups, and whatever cannot be told to be another's.
        """
        return tuple(_kept(file) for file in self._files())

    def whole(self, name: str) -> tuple[BackupFile, BackupRecord]:
        """
        Find a backup that seems whole; any other is `NotDone`.
        """
        for file in self._files():
            if file.name == name:
                if file.fault is not None or file.record is None:
                    raise NotDone(f"the backup `{name}` is not whole: {file.fault}")
                return file, file.record
        names = ", ".join(f"`{file.name}`" for file in self._files()[:5])
        raise NotDone(f"there is no backup `{self.keeper.shown(name)}` of `{self.database}`; there is {names or 'none'}")

    def verified(self, name: str) -> tuple[BackupFile, Kept]:
        """
        Read a backup's bytes to their end; those that are not what was written are `NotDone`.
        """
        file, _ = self.whole(name)
        try:
            why = why_changed(file)
        except OSError as error:
            raise self._unreadable(error) from None
        if why is not None:
            raise NotDone(f"the backup `{name}` is not whole: {why}")
        return file, _kept(file)

    @contextmanager
    def drafted(self, ending: str) -> Iterator[Draft]:
        """
        Open a new backup; what the file system refuses is `NotDone`.
        """
        try:
            with drafted(self.path, self.database, now_us(), ending) as draft:
                yield draft
        except OSError as error:
            raise NotDone(f"{self.keeper.place}: the backup cannot be kept: {(error.strerror or str(error)).lower()}") from None

    def prune(self) -> str:
        """
        Remove the oldest whole backups beyond those that stay, and say so; that one stays is no fault of the new one.
        """
        try:
            removed = prune(self.path, self.database, self.keep)
        except OSError as error:
            return f"an old backup could not be removed: {(error.strerror or str(error)).lower()}"
        return f"removed: {', '.join(removed)}" if removed else ""

    def _files(self) -> tuple[BackupFile, ...]:
        try:
            files = backups_in(self.path)
        except OSError as error:
            raise self._unreadable(error) from None
        return tuple(
            file
            for file in files
            if file.record is None or (file.record.kind, file.record.database) == (self.kind, self.database)
        )

    def _unreadable(self, error: OSError) -> NotDone:
        return NotDone(f"{self.keeper.place}: its `directory` cannot be read: {(error.strerror or str(error)).lower()}")


def _kept(file: BackupFile) -> Kept:
    record = file.record
    return Kept(
        snapshot=file.name,
        database=None if record is None else record.database,
        started_us=None if record is None else record.started_us,
        finished_us=None if record is None else record.finished_us,
        size_bytes=None if record is None else record.size_bytes,
        fault=file.fault,
    )


def bytes_of(file: BackupFile, record: BackupRecord) -> Iterator[bytes]:
    """
    Read a backup; at its end, bytes that are not what was written are `NotDone`.
    """
    digest = sha256()
    try:
        with file.path.open("rb", buffering=0) as opened:
            while chunk := opened.read(CHUNK_BYTES):
                digest.update(chunk)
                yield chunk
    except OSError as error:
        raise NotDone(f"the backup `{file.name}` cannot be read: {(error.strerror or str(error)).lower()}") from None
    if digest.hexdigest() != record.sha256:
        raise NotDone(f"the backup `{file.name}` is not what was written: the checksum differs")


def unzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """
    Take gzip off; data that end too early, or are none, are `NotDone`.
    """
    stream: Any = zlib.decompressobj(wbits=31)
    try:
        for chunk in chunks:
            data = chunk
            while data:
                plain = stream.decompress(data, 4 * CHUNK_BYTES)  # so that a small file cannot fill the memory
                data = stream.unconsumed_tail
                if plain:
                    yield plain
        yield stream.flush()
    except zlib.error:
        raise NotDone("the backup is no gzip file, or a damaged one") from None
    if not stream.eof or stream.unused_data:
        raise NotDone("the backup is a gzip file that ends too early, or too late")


def loss_of(record: BackupRecord, accepted_us: int) -> int:
    """
    Give the time whose changes a restore loses; more than was accepted is `NotDone`.
    """
    loss_us = now_us() - record.started_us
    if loss_us > accepted_us:
        raise NotDone(
            f"changes of {format_duration(loss_us)} would be lost by now, and {format_duration(accepted_us)} were accepted"
        )
    return loss_us
