"""
A database of MySQL or MariaDB restored: into a schema beside it, compared, and only then put in its place.

1. A fresh backup is taken of what will be overwritten.
2. The dump goes into a new schema; its events are kept aside, since they would run there.
3. That schema is dumped again and held against what the first dump said, section by section.
4. The schemas change places (`canarypolicy.backups.mysql_placing`), and the old one is dropped.

Whenever it is killed, the database is the old one or the new one; what lies about then stands in the restore's journal.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from canarypolicy.backups.dump_folder import loss_of
from canarypolicy.backups.dump_text import EVENTS, DumpDigest, WithoutEvents, differences
from canarypolicy.backups.mysql_placing import Beside, Placing
from canarypolicy.backups.mysql_server import literal
from canarypolicy.backups.pipeline import Deadline, Pipeline
from canarypolicy.backups.restore_journal import restore_journal
from canarypolicy.live.archive import Restored
from canarypolicy.live.protocols import NotDone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from canarypolicy.backup_files import BackupFile, BackupRecord
    from canarypolicy.backups.mysql_server import MysqlServer
    from canarypolicy.backups.restore_journal import RestoreJournal


@dataclass(frozen=True, slots=True, kw_only=True)
class MysqlRestore:
    """
    What restores of one database need.
    """

    server: MysqlServer
    folder: Path
    timeout_us: int
    tell: Callable[[str], None]
    take: Callable[[], tuple[str, str]]
    """Takes a backup, removes no other, names it, and says what it lacks."""
    plain: Callable[[Pipeline, BackupFile, BackupRecord], Iterator[bytes]]

    @property
    def placing(self) -> Placing:
        return Placing(server=self.server, timeout_us=self.timeout_us)

    def rehearse(self, file: BackupFile, record: BackupRecord) -> str:
        """
        Do all that comes before the change of places, drop it again, and say how it was verified.
        """
        with restore_journal(self.folder, self.server.database) as journal:
            self.placing.clean_up(journal)
            beside = self.placing.begin(journal)
            try:
                return self._load(file, record, beside)[1]
            finally:
                self._give_up(journal)

    def restore(self, file: BackupFile, record: BackupRecord, accepted_us: int) -> Restored:
        """
        Put a backup in the database's place.
        """
        loss_of(record, accepted_us)
        with restore_journal(self.folder, self.server.database) as journal:
            self.placing.clean_up(journal)
            replaced = self._keep_present()
            beside = self.placing.begin(journal)
            try:
                events, detail = self._load(file, record, beside)
                swap = self.placing.swap_of(beside, events, record)
                loss_us = loss_of(record, accepted_us)
            except BaseException:
                self._give_up(journal)
                raise
            self.tell("putting it in the place of the database")
            remark = self.placing.change(journal, swap, snapshot=record.name, replaced=replaced)
        whole = "; ".join(each for each in (detail, remark) if each)
        return Restored(database=self.server.database, snapshot=record.name, loss_us=loss_us, replaced=replaced, detail=whole)

    def resume(self) -> Restored | None:
        """
        Bring a change of places to its end that had begun; undo and clean up what had not come so far.
        """
        with restore_journal(self.folder, self.server.database) as journal:
            left = journal.read()
            if left is None:
                raise NotDone(f"no restore of `{self.server.database}` was interrupted")
            remark = self.placing.resume(journal, left)
        if remark is None:
            return None
        return Restored(
            database=self.server.database,
            snapshot=left["snapshot"],
            loss_us=None,
            replaced=left["replaced"],
            detail="; ".join(each for each in ("verified before it was interrupted", remark) if each),
        )

    def _keep_present(self) -> str | None:
        with self.server.opened(Deadline.after(self.timeout_us)) as session:
            name = literal(self.server.database)
            found = session.ask(f"SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = {name}")  # noqa: S608 - it is quoted
        if not found:
            self.tell(f"there is no database `{self.server.database}` that would be overwritten")
            return None
        self.tell("taking a backup of what will be overwritten")
        try:
            replaced, remark = self.take()
        except NotDone as error:
            raise NotDone(f"what would be overwritten cannot be backed up first: {error.why}") from None
        self.tell(f"`{replaced}` is the backup of what will be overwritten{f', {remark}' if remark else ''}")
        return replaced

    def _load(self, file: BackupFile, record: BackupRecord, beside: Beside) -> tuple[bytes, str]:
        """
        Fill the schema beside the database and compare it; gives the events, and how it was compared.
        """
        self.tell(f"loading `{file.name}` into `{beside.side}`")
        text = WithoutEvents()
        with self.server.opened(Deadline.after(self.timeout_us)) as session:
            self.placing.make_side(session, beside, record)
            pipeline = Pipeline(self.server.keeper, session.deadline)
            chunks = self.plain(pipeline, file, record)
            client = pipeline.program(session.feeding(beside.side), is_fed=True, is_read=False)
            pipeline.flow(text.chunks(chunks), client.give, client.stdin)
            pipeline.run()
        self.tell("comparing it with the backup")
        return bytes(text.events), self._compared(record, beside)

    def _compared(self, record: BackupRecord, beside: Beside) -> str:
        with self.server.opened(Deadline.after(self.timeout_us)) as session:
            pipeline = Pipeline(self.server.keeper, session.deadline)
            digest = DumpDigest()
            pipeline.flow(pipeline.program(session.dumping(beside.side, "--skip-events")).chunks(), digest.see)
            pipeline.run()
            found, ((server,),) = digest.close(), session.ask("SELECT VERSION()")
            program = session.dumper_version
        recorded: Mapping[str, str] = record.details["sections"]
        changed = differences(recorded, found)
        if not changed:
            return f"dumped again and compared, equal in all {len(found)} sections"
        is_same = (server, program) == (record.details["server"], record.details["program"])
        if is_same or found.keys() != recorded.keys() - {EVENTS}:
            more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
            raise NotDone(f"what was loaded is not what was dumped: {', '.join(f'`{each}`' for each in changed[:3])}{more}")
        return f"compared by the names of its {len(found)} sections only, since the backup was taken by another version"

    def _give_up(self, journal: RestoreJournal) -> None:
        with suppress(NotDone):  # the journal keeps what is left, and the next restore removes it
            self.placing.clean_up(journal)
