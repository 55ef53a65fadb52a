"""
A PostgreSQL database restored: into a database beside it, compared, and only then put in its place.

PostgreSQL renames databases within a transaction: one transaction gives the old database another name and the new one its
name, so there is no moment at which only half of it is done. Nobody may be connected then; whoever is, is disconnected.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from canarypolicy.backups.dump_folder import bytes_of, loss_of, now_us
from canarypolicy.backups.pg_server import identifier, text
from canarypolicy.backups.pipeline import Deadline, Pipeline
from canarypolicy.backups.restore_journal import restore_journal
from canarypolicy.documents.duration import format_instant
from canarypolicy.live.archive import Restored
from canarypolicy.live.protocols import NotDone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from canarypolicy.backup_files import BackupFile, BackupRecord
    from canarypolicy.backups.pg_server import PgServer, PgSession
    from canarypolicy.backups.restore_journal import RestoreJournal

_LONGEST_STEM = 30
"""Of a database's name in those beside it, which have 63 bytes at most."""
_ATTEMPTS = 5
"""To be the only one connected, where others connect again at once."""


_PROPERTIES = """
SELECT format('ALTER DATABASE %I OWNER TO %I', {side}, pg_get_userbyid(datdba)) FROM pg_database WHERE datname = {target} \\gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', {side}) FROM pg_database
WHERE datname = {target} AND datacl IS NOT NULL \\gexec
SELECT format(
  'GRANT %s ON DATABASE %I TO %s', privilege_type, {side},
  CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END
) FROM pg_database, aclexplode(datacl) WHERE datname = {target} \\gexec
SELECT format(
  CASE WHEN each ~ '^(search_path|temp_tablespaces|[a-z]+_preload_libraries)='
    THEN 'ALTER DATABASE %I SET %I TO %s' ELSE 'ALTER DATABASE %I SET %I TO %L' END,
  {side}, split_part(each, '=', 1), substr(each, strpos(each, '=') + 1)
) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase, unnest(setconfig) each
WHERE datname = {target} AND setrole = 0 \\gexec
"""
"""What belongs to a database and is in no dump: its owner, who may connect, its settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PgRestore:
    """
    What restores of one database need.
    """

    server: PgServer
    folder: Path
    timeout_us: int
    tell: Callable[[str], None]
    take: Callable[[], str]
    """Takes a backup, removes no other, and names it."""

    def rehearse(self, file: BackupFile, record: BackupRecord) -> str:
        """
        Do all that comes before the change of places, drop it again, and say how it was verified.
        """
        with restore_journal(self.folder, self.server.database) as journal:
            self._clean_up(journal)
            left = self._begin(journal, record.name, None)
            try:
                return self._load(file, record, left["side"])
            finally:
                self._give_up(journal)

    def restore(self, file: BackupFile, record: BackupRecord, accepted_us: int) -> Restored:
        """
        Put a backup in the database's place.
        """
        loss_of(record, accepted_us)
        with restore_journal(self.folder, self.server.database) as journal:
            self._clean_up(journal)
            replaced = self._keep_present()
            left = self._begin(journal, record.name, replaced)
            try:
                detail = self._load(file, record, left["side"])
                loss_us = loss_of(record, accepted_us)
                self.tell("putting it in the place of the database")
                self._change(left)
            except BaseException:
                self._give_up(journal)
                raise
            self._clean_up(journal)
        return Restored(database=self.server.database, snapshot=file.name, loss_us=loss_us, replaced=replaced, detail=detail)

    def resume(self) -> Restored | None:
        """
        Drop what an interrupted restore left; whether it was put in place was decided by one transaction.
        """
        with restore_journal(self.folder, self.server.database) as journal:
            left = journal.read()
            if left is None:
                raise NotDone(f"no restore of `{self.server.database}` was interrupted")
            with self._session() as session:
                is_in_place = _is_there(session, left["before"])
            self._clean_up(journal)
        if not is_in_place:
            return None
        return Restored(
            database=self.server.database,
            snapshot=left["snapshot"],
            loss_us=None,
            replaced=left["replaced"],
            detail="verified before it was interrupted",
        )

    def _session(self) -> Any:
        return self.server.opened(Deadline.after(self.timeout_us))

    def _keep_present(self) -> str | None:
        with self._session() as session:
            if not _is_there(session, self.server.database):
                self.tell(f"there is no database `{self.server.database}` that would be overwritten")
                return None
        self.tell("taking a backup of what will be overwritten")
        try:
            replaced = self.take()
        except NotDone as error:
            raise NotDone(f"what would be overwritten cannot be backed up first: {error.why}") from None
        self.tell(f"`{replaced}` is the backup of what will be overwritten")
        return replaced

    def _begin(self, journal: RestoreJournal, snapshot: str, replaced: str | None) -> Mapping[str, Any]:
        mark = f"{format_instant(now_us())[:19].translate({ord(each): None for each in '-:T'})}_{token_hex(2)}"
        stem = self.server.database.encode()[:_LONGEST_STEM].decode(errors="ignore")
        left = {
            "side": f"{stem}_restore_{mark}",
            "before": f"{stem}_before_{mark}",
            "snapshot": snapshot,
            "replaced": replaced,
        }
        journal.write(left)
        return left

    def _load(self, file: BackupFile, record: BackupRecord, side: str) -> str:
        self.tell(f"loading `{file.name}` into `{side}`")
        facts = record.details
        with self._session() as session:
            session.ask(
                f"CREATE DATABASE {identifier(side)} TEMPLATE template0 ENCODING {text(facts['encoding'])}"
                f" LC_COLLATE {text(facts['collate'])} LC_CTYPE {text(facts['ctype'])}"
            )
            pipeline = Pipeline(self.server.keeper, session.deadline)
            restorer = pipeline.program(session.restoring(side), is_fed=True, is_read=False)
            pipeline.flow(bytes_of(file, record), restorer.give, restorer.stdin)
            pipeline.run()
        self.tell("comparing it with the backup")
        with self._session() as session:
            dumped = _text_digest(session, session.dumping(side), None)
            if dumped != _text_digest(session, session.reading(), (file, record)):
                raise NotDone("what was loaded is not what was dumped: dumped again, it reads differently")
        return "dumped again and compared, equal in every line"

    def _change(self, left: Mapping[str, Any]) -> None:
        target, side, before = self.server.database, left["side"], left["before"]
        names = f"{text(target)}, {text(side)}"
        with self._session() as session:
            leave = f"ALTER DATABASE {identifier(target)} RENAME TO {identifier(before)};" if _is_there(session, target) else ""
            session.ask(_PROPERTIES.format(side=text(side), target=text(target)))
            swap = (
                f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname IN ({names});"  # noqa: S608 - quoted
                f"BEGIN; {leave} ALTER DATABASE {identifier(side)} RENAME TO {identifier(target)}; COMMIT;"
            )
            for attempt in range(_ATTEMPTS):
                try:
                    session.ask(swap)
                except NotDone as error:
                    is_busy = "being accessed by other users" in error.why
                    if _is_there(session, side) and (attempt == _ATTEMPTS - 1 or not is_busy):
                        raise
                if not _is_there(session, side):
                    return

    def _clean_up(self, journal: RestoreJournal) -> None:
        left = journal.read()
        if left is None:
            return
        with self._session() as session:
            for name in (left["side"], left["before"]):
                session.ask(f"DROP DATABASE IF EXISTS {identifier(name)}")
        journal.clear()

    def _give_up(self, journal: RestoreJournal) -> None:
        with suppress(NotDone):  # the journal keeps what is left, and the next restore removes it
            self._clean_up(journal)


def _is_there(session: PgSession, database: str) -> bool:
    return bool(session.ask(f"SELECT 1 FROM pg_database WHERE datname = {text(database)}"))  # noqa: S608 - the name is quoted


def _text_digest(session: PgSession, program: Any, fed: tuple[BackupFile, BackupRecord] | None) -> str:
    """
    Give the digest of a dump's SQL, without the lines that tell of versions and moments.
    """
    pipeline = Pipeline(session.server.keeper, session.deadline)
    running = pipeline.program(program, is_fed=fed is not None)
    if fed is not None:
        pipeline.flow(bytes_of(*fed), running.give, running.stdin)
    digest, carry = sha256(), b""

    def see(chunk: bytes) -> None:
        nonlocal carry
        *lines, carry = (carry + chunk).split(b"\n")
        for line in lines:
            if not line.startswith((b"-- Dumped ", b"\\restrict ", b"\\unrestrict ")):
                digest.update(line + b"\n")

    pipeline.flow(running.chunks(), see)
    pipeline.run()
    digest.update(carry)
    return digest.hexdigest()
