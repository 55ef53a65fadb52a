"""
What a restore has done so far, in a file beside the backups: whoever comes after one that was killed reads it.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from canarypolicy.backup_files import lock, sync_folder
from canarypolicy.live.protocols import NotDone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreJournal:
    """
    The file, which no other process has as long as this one does.
    """

    path: Path
    file: IO[bytes]

    def read(self) -> Mapping[str, Any] | None:
        """
        Give what an earlier restore left; None: nothing.
        """
        self.file.seek(0)
        lines = self.file.read().splitlines()
        return json.loads(lines[-1]) if lines else None

    def write(self, state: Mapping[str, Any]) -> None:
        """
        Add a state, on the disk before anything is done by it.
        """
        self.file.seek(0, os.SEEK_END)
        self.file.write(json.dumps(state).encode() + b"\n")
        self.file.flush()
        os.fsync(self.file.fileno())
        sync_folder(self.path.parent)

    def clear(self) -> None:
        """
        Keep nothing: all is done. The file stays, empty, for its lock.
        """
        self.file.seek(0)
        self.file.truncate()
        self.file.flush()


@contextmanager
def restore_journal(folder: Path, database: str) -> Iterator[RestoreJournal]:
    """
    Open the journal of a database's restores; another process that has it open is `NotDone`.
    """
    path = folder / f".restore-{quote(database, safe='')}.journal"
    try:
        opened = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    except OSError as error:
        raise NotDone(f"`{path.name}` cannot be opened beside the backups: {(error.strerror or str(error)).lower()}") from None
    with os.fdopen(opened, "r+b") as file:
        if not lock(file):
            raise NotDone(f"another restore of `{database}` goes on")
        whole = file.read()
        file.truncate(whole.rfind(b"\n") + 1)  # a last line that was cut short says nothing
        yield RestoreJournal(path=path, file=file)
