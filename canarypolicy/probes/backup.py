"""
Whether the newest backup of a database is whole, and young enough.

```yaml
probes:
  backup: {backup: {directory: /var/backups/shop, max_age: 24h, database: shop}}
```

Looked at are backups that `canarypolicy backup create` or a run's snapshot has made: a file and its sidecar. The newest must be
whole, as far as its sidecar and size tell; with `checksum: true` it is read to its end as well. Its age is counted from when it
was finished. Without `database`, all backups in the folder count as one's. A file beside them that ends like a backup and has
no sidecar, and is newer than all that have, is taken for a newest one that is not whole. Of other backups, a `command` can tell.
"""

from __future__ import annotations

from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, ClassVar

from canarypolicy.backup_files import backups_in, why_changed
from canarypolicy.documents.backup_probe_parameters import BackupProbeParameters
from canarypolicy.documents.duration import SECOND_US, format_duration, format_instant, microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.probes.bounded import Failed, look_within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.backup_files import BackupFile
    from canarypolicy.documents.secrets import World
    from canarypolicy.live.protocols import ProbeResult


class BackupProbe:
    """
    The newest backup in a folder.
    """

    name: ClassVar[str] = "backup"
    Parameters = BackupProbeParameters

    def __init__(self, label: str, parameters: BackupProbeParameters, world: World) -> None:
        self._keeper = Keeper(f"probe `{label}`", world)
        self._folder = Path(self._keeper.text(parameters.directory, "directory"))
        self._database = parameters.database
        self._max_age_us = microseconds(parameters.max_age)
        self._reads_all = parameters.checksum
        self._timeout_us = microseconds(parameters.timeout)

    def look(self) -> ProbeResult:
        """
        Find the newest backup, and see that it is whole and young enough.
        """
        return look_within(self._timeout_us, self._checks)

    def _checks(self) -> Iterator[str]:
        try:
            yield "found"
            newest = self._newest()
            yield "whole"
            self._see_that_it_is_whole(newest)
            yield "age"
            self._see_its_age(newest)
        except OSError as error:
            raise Failed(f"the folder cannot be read: {(error.strerror or str(error)).lower()}") from None

    def _newest(self) -> BackupFile:
        files = [file for file in backups_in(self._folder) if self._is_meant(file)]
        if not files:
            raise Failed("there is no backup" if self._database is None else f"there is no backup of `{self._database}`")
        return max(files, key=_finished_us)

    def _is_meant(self, file: BackupFile) -> bool:
        return self._database is None or file.record is None or file.record.database == self._database

    def _see_that_it_is_whole(self, file: BackupFile) -> None:
        why = why_changed(file) if self._reads_all else file.fault
        if why is not None:
            raise Failed(f"the newest backup `{self._keeper.shown(file.name)}` is not whole: {why}")

    def _see_its_age(self, file: BackupFile) -> None:
        age_us = time_ns() // 1000 - _finished_us(file)
        if age_us > self._max_age_us:
            age = format_duration(age_us // SECOND_US * SECOND_US)
            finished = format_instant(_finished_us(file) // SECOND_US * SECOND_US)
            raise Failed(
                f"the newest backup is {age} old, over {format_duration(self._max_age_us)}: it was finished at {finished}"
            )


def _finished_us(file: BackupFile) -> int:
    """
    Give when a backup was finished; of what has no sidecar, when it was last written.
    """
    return file.record.finished_us if file.record is not None else file.path.stat().st_mtime_ns // 1000
