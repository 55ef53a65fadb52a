"""
A schema that was loaded beside a database is put in its place, or taken away again.

What is to be done is in the restore's journal before it is done. The tables' change of place decides: before it, everything
is taken back; after it, everything is brought to its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from canarypolicy.backups.dump_folder import now_us
from canarypolicy.backups.mysql_server import literal, quoted
from canarypolicy.backups.mysql_swap import MARKER, Inventory, Side, Swap, definitions_of, inventory_of, lock_name
from canarypolicy.backups.pipeline import Deadline, Pipeline
from canarypolicy.documents.duration import format_instant
from canarypolicy.live.protocols import NotDone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.backup_files import BackupRecord
    from canarypolicy.backups.mysql_server import MysqlServer, MysqlSession
    from canarypolicy.backups.restore_journal import RestoreJournal

_LONGEST_STEM: Final = 30
"""Of a database's name in those of the schemas beside it, which have 64 characters at most."""
_BUSY_SECONDS: Final = 60
_EVENT = re.compile(rb"DROP EVENT IF EXISTS `((?:[^`]|``)+)`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """
    The names of the schemas beside the database: what is loaded, and what was there before.
    """

    side: str
    before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """
    The server, and how long each step may take.
    """

    server: MysqlServer
    timeout_us: int

    @property
    def target(self) -> str:
        return self.server.database

    def begin(self, journal: RestoreJournal) -> Beside:
        """
        Choose names, and note them before there is anything of that name.
        """
        mark = f"{format_instant(now_us())[:19].translate({ord(each): None for each in '-:T'})}_{token_hex(2)}"
        stem = self.target[:_LONGEST_STEM]
        beside = Beside(side=f"{stem}_restore_{mark}", before=f"{stem}_before_{mark}")
        journal.write({"state": "loading", "side": beside.side, "before": beside.before})
        return beside

    def make_side(self, session: MysqlSession, beside: Beside, record: BackupRecord) -> None:
        """
        Make the schema that is loaded.
        """
        session.ask(f"CREATE DATABASE {quoted(beside.side)} {_charset(_charset_in(record))}")

    def swap_of(self, beside: Beside, events: bytes, record: BackupRecord) -> Swap:
        """
        Ask what is in both schemas, and how to make it anew.
        """
        with self.server.opened(Deadline.after(self.timeout_us)) as session:
            new, old = inventory_of(session, beside.side), inventory_of(session, self.target)
            session.ask(f"CREATE DATABASE IF NOT EXISTS {quoted(self.target)} {_charset(_charset_in(record))}")
            (charset,) = session.ask(
                "SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA"  # noqa: S608 - quoted
                f" WHERE SCHEMA_NAME = {literal(self.target)}"
            )
            named = [("EVENT", name.decode("utf-8").replace("``", "`")) for name in _EVENT.findall(events)]
            definitions = definitions_of(session, beside.side, new.names("VIEW"), has_events=False) + events
            return Swap(
                target=self.target,
                side=beside.side,
                before=beside.before,
                old=Side(
                    inventory=old,
                    definitions=definitions_of(session, self.target, old.names("VIEW"), has_events=True),
                    charset=(charset[0], charset[1]),
                ),
                new=Side(
                    inventory=Inventory(objects=tuple(sorted((*new.objects, *named)))),
                    definitions=definitions,
                    charset=_charset_in(record),
                ),
            )

    def change(self, journal: RestoreJournal, swap: Swap, *, snapshot: str, replaced: str | None) -> str:
        """
        Change the schemas' places, look at what is there then, and drop what was there before; gives a remark.

        A change that failed has been taken back, and is `NotDone`.
        """
        with self.server.opened(Deadline.after(self.timeout_us)) as session:
            ((version,),) = session.ask("SELECT VERSION()")
            session.ask(
                f"CREATE DATABASE {quoted(swap.before)};CREATE TABLE {quoted(swap.side)}.{quoted(MARKER)} (moved INT PRIMARY KEY)"
            )
            state = {**swap.as_record(), "state": "swapping", "snapshot": snapshot, "replaced": replaced}
            journal.write(state)
            try:
                self._run(session, swap.script(is_one_statement=swap.can_be_one_statement(version)))
            except NotDone as error:
                raise NotDone(self._after_failure(journal, state, error.why)) from None
        return self._finish(journal, swap)

    def resume(self, journal: RestoreJournal, left: Mapping[str, Any]) -> str | None:
        """
        Bring to its end what an interrupted restore left, or take it back: then None.
        """
        if left["state"] == "swapping":
            swap = Swap.of_record(left)
            with self.server.opened(Deadline.after(self.timeout_us)) as session:
                if self._has_moved(session, swap):
                    self._run(session, swap.rest())
                    return self._finish(journal, swap)
                if inventory_of(session, self.target) != swap.old.inventory:
                    self._run(session, swap.back())
            journal.write({**left, "state": "loading"})
        self.clean_up(journal)
        return "" if left["state"] == "placed" else None

    def clean_up(self, journal: RestoreJournal) -> None:
        """
        Drop what an earlier restore left beside the database; one that stopped in the middle of the swap is `NotDone`.
        """
        left = journal.read()
        if left is None:
            return
        if left["state"] == "swapping":
            raise NotDone(f"a restore of `{self.target}` was interrupted: `restore --resume` brings it to its end")
        self._drop(left["side"], left["before"])
        journal.clear()

    def _after_failure(self, journal: RestoreJournal, state: Mapping[str, Any], why: str) -> str:
        try:
            self.resume(journal, {**state})
        except NotDone as error:
            return f"{why}; and it could not be brought to an end: {error.why}; `restore --resume` tries again"
        return why

    def _run(self, session: MysqlSession, script: bytes) -> None:
        pipeline = Pipeline(self.server.keeper, session.deadline)
        client = pipeline.program(session.feeding(self.target), is_fed=True, is_read=False)
        pipeline.flow(iter((script,)), client.give, client.stdin)
        pipeline.run()

    def _has_moved(self, session: MysqlSession, swap: Swap) -> bool:
        """
        Tell where the tables are, once nobody is moving them: a killed client's statement may still go on in the server.
        """
        lock = f"SELECT GET_LOCK({literal(lock_name(self.target))}, {_BUSY_SECONDS})"
        is_there = f"TABLE_SCHEMA = {literal(swap.before)} AND TABLE_NAME = {literal(MARKER)}"
        count = f"SELECT COUNT(*) FROM information_schema.TABLES WHERE {is_there}"  # noqa: S608 - the names are quoted
        (got,), (found,) = session.ask(f"{lock}; {count}")
        if got != "1":
            raise NotDone(f"the server is still putting a backup in the place of `{self.target}`")
        return found != "0"

    def _finish(self, journal: RestoreJournal, swap: Swap) -> str:
        with self.server.opened(Deadline.after(self.timeout_us)) as session:
            missing = set(swap.new.inventory.objects) - set(inventory_of(session, self.target).objects)
        gone = sorted(name for kind, name in missing if kind == "EVENT")
        lost = sorted(f"{kind.lower()} `{name}`" for kind, name in missing if kind != "EVENT")
        if lost:
            raise NotDone(f"the tables are in place, but {', '.join(lost[:3])} is missing; `restore --resume` tries again")
        # From here on the marker may be gone: what is in place is not to be judged by it any more.
        journal.write({**(journal.read() or {}), "state": "placed"})
        self.clean_up(journal)
        names = ", ".join(f"`{name}`" for name in gone)
        return f"the server dropped the events {names}, whose time has passed" if gone else ""

    def _drop(self, *schemas: str) -> None:
        with self.server.opened(Deadline.after(self.timeout_us)) as session:
            drops = "".join(f"DROP DATABASE IF EXISTS {quoted(schema)};" for schema in schemas)
            session.ask(f"SET SESSION foreign_key_checks = 0; {drops}")


def _charset_in(record: BackupRecord) -> tuple[str, str]:
    return str(record.details["charset"]), str(record.details["collation"])


def _charset(names: tuple[str, str]) -> str:
    return f"CHARACTER SET {names[0]} COLLATE {names[1]}"
