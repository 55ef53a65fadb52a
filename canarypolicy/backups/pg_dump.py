"""
A database of PostgreSQL, dumped in the custom format of `pg_dump`.

```yaml
actuators:
  snapshot: {pg_dump: {url: '${env:DATABASE_URL}', directory: /var/backups/shop, keep: 10}}
```

A backup is whole when the dump ended in 0, `pg_restore` can read all of it, and it is on the disk. See `docs/backups.md`.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from canarypolicy.backup_files import BackupRecord
from canarypolicy.backups.dump_folder import DumpFolder, bytes_of, now_us
from canarypolicy.backups.pg_restore import PgRestore
from canarypolicy.backups.pg_server import pg_server_of, text
from canarypolicy.backups.pipeline import Deadline, Pipeline, into_file
from canarypolicy.documents.backup_parameters import PgDumpParameters
from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.live.archive import Kept, Restored
from canarypolicy.live.protocols import NotDone, Taken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from canarypolicy.backup_files import Draft
    from canarypolicy.backups.pg_server import PgSession
    from canarypolicy.documents.secrets import World
    from canarypolicy.live.archive import Consent

_MAGIC = b"PGDMP"


class PgDumpBackup:
    """
    One database, and the folder of its backups.
    """

    name: ClassVar[str] = "pg_dump"
    Parameters = PgDumpParameters

    def __init__(self, label: str, parameters: PgDumpParameters, world: World) -> None:
        self._keeper = Keeper(f"actuator `{label}`", world)
        self._server = pg_server_of(self._keeper, parameters)
        self.database = self._server.database
        path = Path(self._keeper.text(parameters.directory, "directory"))
        self._folder = DumpFolder(keeper=self._keeper, path=path, kind=self.name, database=self.database, keep=parameters.keep)
        self._timeout_us = microseconds(parameters.timeout)

    def create(self) -> Taken:
        """
        Dump the database, and remove the oldest backups when that is whole.
        """
        record = self._take()
        return Taken(snapshot=record.name, detail=self._folder.prune())

    def kept(self) -> tuple[Kept, ...]:
        """
        Give this database's backups, the youngest first.
        """
        return self._folder.kept()

    def verify(self, snapshot: str) -> Kept:
        """
        Read a backup to its end by `pg_restore`, and hold its checksum against its sidecar.
        """
        file, record = self._folder.whole(snapshot)
        pipeline = Pipeline(self._keeper, Deadline.after(self._timeout_us))
        with self._server.opened(Deadline.after(self._timeout_us)) as session:
            restorer = pipeline.program(session.reading(), is_fed=True, is_read=False)
            pipeline.flow(bytes_of(file, record), restorer.give, restorer.stdin)
            pipeline.run()
        return self._folder.verified(snapshot)[1]

    def rehearse(self, snapshot: str, tell: Callable[[str], None]) -> str:
        """
        Restore a backup beside the database, compare, and remove it again.
        """
        return self._restore(tell).rehearse(*self._folder.whole(snapshot))

    def restore(self, snapshot: str, consent: Consent) -> Restored:
        """
        Put a backup in the place of the database.
        """
        return self._restore(consent.tell).restore(*self._folder.whole(snapshot), consent.loss_us)

    def resume(self, tell: Callable[[str], None]) -> Restored | None:
        """
        Clean up behind an interrupted restore.
        """
        return self._restore(tell).resume()

    def _restore(self, tell: Callable[[str], None]) -> PgRestore:
        return PgRestore(
            server=self._server,
            folder=self._folder.path,
            timeout_us=self._timeout_us,
            tell=tell,
            take=lambda: self._take().name,
        )

    def _take(self) -> BackupRecord:
        deadline = Deadline.after(self._timeout_us)
        with self._server.opened(deadline) as session:
            facts = self._facts(session)
            with self._folder.drafted(".pgdump") as draft:
                record = self._dump(session, draft, facts)
                draft.keep(record)
        return record

    def _dump(self, session: PgSession, draft: Draft, facts: Mapping[str, str]) -> BackupRecord:
        written, size, begin = sha256(), 0, b""

        def keep(chunk: bytes) -> None:
            nonlocal size, begin
            into_file(draft.file, chunk)
            written.update(chunk)
            size += len(chunk)
            begin = begin or chunk[: len(_MAGIC)]

        pipeline = Pipeline(self._keeper, session.deadline)
        started_us = now_us()
        dump = pipeline.program(session.dumping(self.database, "--format=custom"))
        pipeline.flow(dump.chunks(), keep)
        pipeline.run()
        if begin != _MAGIC:
            raise NotDone(f"`{dump.name}` ended in status 0, but what it wrote is no dump")
        return BackupRecord(
            name=draft.name,
            kind=self.name,
            database=self.database,
            started_us=started_us,
            finished_us=now_us(),
            size_bytes=size,
            sha256=written.hexdigest(),
            compress="none",
            details=facts,
        )

    def _facts(self, session: PgSession) -> Mapping[str, str]:
        """
        Ask what a database has to be made with that is to hold the same.
        """
        rows = session.ask(
            "SELECT current_setting('server_version'), pg_encoding_to_char(encoding), datcollate, datctype"  # noqa: S608 - quoted
            f" FROM pg_database WHERE datname = {text(self.database)}"
        )
        if len(rows) != 1:
            raise NotDone(f"the server has no database `{self.database}`")
        return dict(zip(("server", "encoding", "collate", "ctype"), rows[0], strict=True))
