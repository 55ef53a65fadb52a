"""
A database of MySQL or MariaDB, dumped as SQL.

```yaml
actuators:
  snapshot: {mysqldump: {url: '${env:DATABASE_URL}', directory: /var/backups/shop, keep: 10, compress: true}}
```

A backup is whole when the dump and the compressor ended in 0, the dump's last line says that it is complete, and all of it is
on the disk; then it gets its name, and the oldest beyond `keep` are removed. See `docs/backups.md`.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from canarypolicy.backup_files import BackupRecord
from canarypolicy.backups.dump_folder import DumpFolder, bytes_of, now_us, unzipped
from canarypolicy.backups.dump_text import DumpDigest
from canarypolicy.backups.mysql_restore import MysqlRestore
from canarypolicy.backups.mysql_server import literal, program_named, server_of
from canarypolicy.backups.mysql_swap import BROKEN_VIEW, inventory_of
from canarypolicy.backups.pipeline import Deadline, Pipeline, into_file
from canarypolicy.documents.backup_parameters import MysqldumpParameters
from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.live.archive import Kept, Restored
from canarypolicy.live.protocols import NotDone, Taken
from canarypolicy.processes import program_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from canarypolicy.backup_files import BackupFile, Draft
    from canarypolicy.backups.mysql_server import MysqlSession
    from canarypolicy.documents.secrets import World
    from canarypolicy.live.archive import Consent
    from canarypolicy.processes import Program

_ENDINGS = {"gzip": ".sql.gz", "zstd": ".sql.zst", "none": ".sql"}
_COMPRESS = {"gzip": ("-1", "-n", "-c"), "zstd": ("-q", "-3", "-c")}
_TRANSACTIONAL = "'InnoDB', 'ROCKSDB', 'SEQUENCE'"


class MysqldumpBackup:
    """
    One database, and the folder of its backups.
    """

    name: ClassVar[str] = "mysqldump"
    Parameters = MysqldumpParameters

    def __init__(self, label: str, parameters: MysqldumpParameters, world: World) -> None:
        self._keeper = Keeper(f"actuator `{label}`", world)
        self._server = server_of(self._keeper, parameters)
        self.database = self._server.database
        path = Path(self._keeper.text(parameters.directory, "directory"))
        self._folder = DumpFolder(keeper=self._keeper, path=path, kind=self.name, database=self.database, keep=parameters.keep)
        self._compression = parameters.compression
        self._compressors = {
            name: program_named(self._keeper, parameters.compressor if name == self._compression else None, "compressor", name)
            for name in ("gzip", "zstd")
            if name == self._compression
        }
        self._timeout_us = microseconds(parameters.timeout)

    def create(self) -> Taken:
        """
        Dump the database, and remove the oldest backups when that is whole.
        """
        record, remark = self._take()
        return Taken(snapshot=record.name, detail="; ".join(each for each in (remark, self._folder.prune()) if each))

    def kept(self) -> tuple[Kept, ...]:
        """
        Give this database's backups, the youngest first.
        """
        return self._folder.kept()

    def verify(self, snapshot: str) -> Kept:
        """
        Read a backup to its end, and hold its checksum, its sections and its last line against its sidecar.
        """
        file, kept = self._folder.verified(snapshot)
        _, record = self._folder.whole(snapshot)
        digest = DumpDigest()
        pipeline = Pipeline(self._keeper, Deadline.after(self._timeout_us))
        pipeline.flow(self.plain(pipeline, file, record), digest.see)
        pipeline.run()
        sections = digest.close()
        changed = sorted(set(sections.items()) ^ set(record.details.get("sections", {}).items()))
        if not digest.is_complete or changed:
            raise NotDone(f"the backup `{snapshot}` is not whole: {'its text differs' if changed else 'it has no last line'}")
        return kept

    def rehearse(self, snapshot: str, tell: Callable[[str], None]) -> str:
        """
        Restore a backup beside the database, compare, and remove it again.
        """
        return self._restore(tell).rehearse(*self._folder.whole(snapshot))

    def restore(self, snapshot: str, consent: Consent) -> Restored:
        """
        Put a backup in the place of the database.
        """
        file, record = self._folder.whole(snapshot)
        return self._restore(consent.tell).restore(file, record, consent.loss_us)

    def resume(self, tell: Callable[[str], None]) -> Restored | None:
        """
        Bring an interrupted restore to its end.
        """
        return self._restore(tell).resume()

    def _restore(self, tell: Callable[[str], None]) -> MysqlRestore:
        return MysqlRestore(
            server=self._server,
            folder=self._folder.path,
            timeout_us=self._timeout_us,
            tell=tell,
            take=self._take_present,
            plain=self.plain,
        )

    def plain(self, pipeline: Pipeline, file: BackupFile, record: BackupRecord) -> Iterator[bytes]:
        """
        Give a backup's text, read to its end and held against its checksum.
        """
        if record.compress != "zstd":
            chunks = bytes_of(file, record)
            return unzipped(chunks) if record.compress == "gzip" else chunks
        program = self._compressors.get("zstd") or program_named(self._keeper, None, "compressor", "zstd")
        arguments = (program, "-q", "-d", "-c")
        running = pipeline.program(program_of(self._keeper, arguments, self._timeout_us), is_fed=True)
        pipeline.flow(bytes_of(file, record), running.give, running.stdin)
        return running.chunks()

    def _take_present(self) -> tuple[str, str]:
        """
        Take a backup of what will be overwritten; views that are broken do not keep it from being taken.
        """
        with self._server.opened(Deadline.after(self._timeout_us)) as session:
            broken = inventory_of(session, self.database).names(BROKEN_VIEW)
        record, _ = self._take(*(f"--ignore-table={self.database}.{name}" for name in broken))
        names = ", ".join(f"`{name}`" for name in broken)
        return record.name, f"without the views {names}, which read what is not there" if broken else ""

    def _take(self, *more: str) -> tuple[BackupRecord, str]:
        deadline = Deadline.after(self._timeout_us)
        with self._server.opened(deadline) as session:
            facts, remark = self._facts(session)
            with self._folder.drafted(_ENDINGS[self._compression]) as draft:
                record = self._dump(session, draft, facts, session.dumping(self.database, *more))
                draft.keep(record)
        return record, remark

    def _dump(self, session: MysqlSession, draft: Draft, facts: Mapping[str, object], dumping: Program) -> BackupRecord:
        text, written, size = DumpDigest(), sha256(), 0

        def keep(chunk: bytes) -> None:
            nonlocal size
            into_file(draft.file, chunk)
            written.update(chunk)
            size += len(chunk)

        pipeline = Pipeline(self._keeper, session.deadline)
        started_us = now_us()
        dump = pipeline.program(dumping)
        if self._compression == "none":
            pipeline.flow(_seen(dump.chunks(), text), keep)
        else:
            arguments = (self._compressors[self._compression], *_COMPRESS[self._compression])
            compressor = pipeline.program(program_of(self._keeper, arguments, session.deadline.left_us), is_fed=True)
            pipeline.flow(_seen(dump.chunks(), text), compressor.give, compressor.stdin)
            pipeline.flow(compressor.chunks(), keep)
        pipeline.run()
        sections = text.close()
        if not text.is_complete:
            raise NotDone(f"`{dump.name}` ended in status 0, but its last line does not say that the dump is complete")
        return BackupRecord(
            name=draft.name,
            kind=self.name,
            database=self.database,
            started_us=started_us,
            finished_us=now_us(),
            size_bytes=size,
            sha256=written.hexdigest(),
            compress=self._compression,
            details={**facts, "plain_bytes": text.size_bytes, "sections": dict(sections)},
        )

    def _facts(self, session: MysqlSession) -> tuple[Mapping[str, object], str]:
        """
        Ask what a restore wants to know, and what the dump cannot promise.
        """
        name = literal(self.database)
        schema = f"FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {name}"
        tables = f"FROM information_schema.TABLES WHERE TABLE_SCHEMA = {name}"
        rows = session.ask(
            f"SELECT VERSION(), DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME {schema};"
            f"SELECT COUNT(*) {tables} AND ENGINE IS NOT NULL AND ENGINE NOT IN ({_TRANSACTIONAL});"
        )
        if len(rows) != 2:
            raise NotDone(f"the server has no database `{self.database}`, or the user may not see it")
        (version, charset, collation), (odd,) = rows
        facts = {
            "server": version,
            "program": session.dumper_version,
            "charset": charset,
            "collation": collation,
        }
        remark = f"{odd} tables are not transactional: what is written to them meanwhile may be half in it" if odd != "0" else ""
        return facts, remark


def _seen(chunks: Iterator[bytes], text: DumpDigest) -> Iterator[bytes]:
    for chunk in chunks:
        text.see(chunk)
        yield chunk
