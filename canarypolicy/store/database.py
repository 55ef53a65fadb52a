"""
The store in a database: every method is one transaction, and what a method does is in the module of its noun.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import func, select

from canarypolicy.live.entry import Entry, canonical_text
from canarypolicy.live.storing import Lease, Request
from canarypolicy.store import freezes, leases
from canarypolicy.store.address import address_of
from canarypolicy.store.engine import Database
from canarypolicy.store.rows import all_rows, found_row, unknown
from canarypolicy.store.tables import entries, requests, runs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from canarypolicy.documents.secrets import Secret
    from canarypolicy.live.storing import Freeze, Holder, NewFreeze, NewRun, RunRow


def open_store(url: Secret | str) -> DatabaseStore:
    """
    Give the store of a URL; nothing is read or written before its first use.

    A URL that cannot be used and a library that is missing are `Unavailable`.
    """
    return DatabaseStore(Database(address_of(url)))


class DatabaseStore:
    """
    The `Store` of SQLite, PostgreSQL and MySQL. May be used from several threads.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def shown(self) -> str:
        """
        What messages call the store, without a secret.
        """
        return self._database.shown

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """
        Close all connections; the next use opens new ones.
        """
        self._database.close()

    def begin(self, new: NewRun, holder: Holder, lease_us: int, now_us: int) -> Lease:
        def work(connection: Connection) -> int:
            return leases.begin(connection, new, holder, lease_us, self._database.clock(connection, now_us))

        return Lease(run=new.run, fence=self._database.write(work), expires_us=now_us + lease_us)

    def take_over(self, run: str, holder: Holder, lease_us: int, now_us: int) -> Lease:
        def work(connection: Connection) -> int | None:
            return leases.take_over(connection, run, holder, lease_us, self._database.clock(connection, now_us))

        fence = self._database.write(work)
        if fence is None:
            raise unknown(run, self.shown)
        return Lease(run=run, fence=fence, expires_us=now_us + lease_us)

    def append(self, lease: Lease, entries: Sequence[Entry], taken: Sequence[int] = (), *, lease_us: int, now_us: int) -> Lease:
        def work(connection: Connection) -> None:
            leases.append(connection, lease, entries, taken, self._database.clock(connection, now_us) + lease_us)

        self._database.write(work)
        return Lease(run=lease.run, fence=lease.fence, expires_us=now_us + lease_us)

    def renew(self, lease: Lease, lease_us: int, now_us: int) -> Lease:
        return self.append(lease, (), lease_us=lease_us, now_us=now_us)

    def release(self, lease: Lease, state: str) -> None:
        self._database.write(partial(leases.release, lease=lease, state=state))

    def entries(self, run: str, after: int = 0) -> Sequence[Entry]:
        return self._database.read(partial(_entries, run=run, after=after))

    def journal(self, run: str, now_us: int) -> tuple[RunRow, Sequence[Entry]]:
        """
        Give a run as `find` does and its journal, both of one instant.
        """

        def work(connection: Connection) -> tuple[RunRow, Sequence[Entry]]:
            row = found_row(connection, run, self._database.clock(connection, now_us), self.shown)
            return row, _entries(connection, row.run)

        return self._database.read(work)

    def runs(self, now_us: int) -> Sequence[RunRow]:
        return self._database.read(lambda connection: all_rows(connection, self._database.clock(connection, now_us)))

    def find(self, run: str, now_us: int) -> RunRow:
        def work(connection: Connection) -> RunRow:
            return found_row(connection, run, self._database.clock(connection, now_us), self.shown)

        return self._database.read(work)

    def ask(self, run: str, event: Mapping[str, Any], now_us: int) -> int:
        def work(connection: Connection) -> int:
            if connection.execute(select(func.count()).select_from(runs).where(runs.c.run == run)).scalar_one() == 0:
                raise unknown(run, self.shown)
            left = requests.insert().values(run=run, at_us=now_us, event=canonical_text(event))
            key = connection.execute(left).inserted_primary_key
            assert key is not None, "one row has one key"
            return int(key[0])

        return self._database.write(work)

    def requests(self, run: str) -> Sequence[Request]:
        query = select(requests).where(requests.c.run == run, requests.c.taken_seq.is_(None)).order_by(requests.c.id)

        def work(connection: Connection) -> Sequence[Request]:
            found = connection.execute(query).mappings()
            return tuple(Request(id=each["id"], at_us=each["at_us"], event=json.loads(each["event"])) for each in found)

        return self._database.read(work)

    def freeze(self, new: NewFreeze) -> Freeze:
        return self._database.write(partial(freezes.place, new=new))

    def unfreeze(self, policy: str | None, by: str | None, now_us: int) -> Sequence[Freeze]:
        return self._database.write(partial(freezes.lift, policy=policy, by=by, now_us=now_us))

    def freezes(self, policy: str | None, now_us: int) -> Sequence[Freeze]:
        return self._database.read(partial(freezes.in_force, policy=policy, now_us=now_us))


def _entries(connection: Connection, run: str, after: int = 0) -> Sequence[Entry]:
    query = select(entries).where(entries.c.run == run, entries.c.seq > after).order_by(entries.c.seq)
    return tuple(Entry(**found) for found in connection.execute(query).mappings())
