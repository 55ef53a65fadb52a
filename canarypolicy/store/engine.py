"""
The database behind the store: connections with time limits, transactions, the tables made at first use.

Every failure leaves as `StoreDown`, with a sentence of ours and nothing of the address that is a secret.
"""

from __future__ import annotations

from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import create_engine, func, inspect, literal_column, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from canarypolicy.errors import Unavailable, Unsupported
from canarypolicy.live.storing import StoreDown
from canarypolicy.store import mysql, postgresql, sqlite
from canarypolicy.store.faults import is_passing, why
from canarypolicy.store.tables import VERSION, metadata, versions

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Engine

    from canarypolicy.store.address import Address

_Found = TypeVar("_Found")

_RETRY_SECONDS = 2.0
_DATABASES = {"sqlite": sqlite, "postgresql": postgresql, "mysql": mysql}
_EXTRAS = {"postgresql": "postgresql", "mysql": "mysql"}


class Database:
    """
    Transactions on one database. May be used from several threads.
    """

    def __init__(self, address: Address) -> None:
        self.shown = address.shown
        self._kind = _DATABASES[address.database]
        self._engine = _engine(address)
        self._lock = Lock()
        self._is_ready = False

    def read(self, work: Callable[[Connection], _Found]) -> _Found:
        """
        Do what only reads, at one instant of the database.
        """
        self._make_ready()
        return self._transact(work, self._kind.READING)

    def write(self, work: Callable[[Connection], _Found]) -> _Found:
        """
        Do what writes: all of it or, with any exception, nothing.

        A transaction that had to give way to another one, or whose connection had gone before it, is done anew.
        """
        self._make_ready()
        return self._transact(work, self._kind.WRITING)

    def clock(self, connection: Connection, now_us: int) -> int:
        """
        Give the time by which leases expire: the server's own, so that hosts need not agree; `now_us` with a file.
        """
        query = self._kind.CLOCK
        return now_us if query is None else int(connection.execute(select(literal_column(query))).scalar_one())

    def close(self) -> None:
        """
        Close all connections.
        """
        self._engine.dispose()

    def _transact(self, work: Callable[[Connection], _Found], options: dict[str, object]) -> _Found:
        until = monotonic() + _RETRY_SECONDS
        while True:
            is_decided = False
            try:
                with self._engine.connect().execution_options(**options) as connection, self._kind.bounded(connection):
                    with connection.begin():
                        found = work(connection)
                        is_decided = True
                    return found
            except SQLAlchemyError as error:
                # Whether a commit that failed took place is not known: only what came before it may be done again.
                if is_decided or monotonic() > until or not (is_passing(error) or _is_gone(error)):
                    raise self._down(error) from None

    def _make_ready(self) -> None:
        """
        Make the tables unless they are there; a store of a later version is refused.
        """
        if self._is_ready:
            return
        with self._lock:
            version = self._transact(_version, self._kind.WRITING)
            if version is None:
                version = self._transact(self._make_tables, self._kind.WRITING)
            if version != VERSION:
                raise Unsupported(
                    f"{self.shown} has the version {version}, and this canarypolicy knows {VERSION}",
                    help="use the canarypolicy that wrote it, or a later one",
                )
            self._is_ready = True

    def _make_tables(self, connection: Connection) -> int:
        with self._kind.alone(connection):
            metadata.create_all(connection)
            version = connection.execute(select(func.max(versions.c.version))).scalar_one()
            if version is None:
                connection.execute(versions.insert().values(version=VERSION))
                return VERSION
        return int(version)

    def _down(self, error: SQLAlchemyError) -> StoreDown:
        return StoreDown(f"{self.shown} cannot be used: {why(error)}")


def _version(connection: Connection) -> int | None:
    """
    Give the version of a store; None if it is not made, or not wholly.
    """
    if not inspect(connection).has_table(versions.name):
        return None
    version: int | None = connection.execute(select(func.max(versions.c.version))).scalar_one()
    return version


def _is_gone(error: SQLAlchemyError) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _engine(address: Address) -> Engine:
    kind = _DATABASES[address.database]
    try:
        engine = create_engine(address.url, hide_parameters=True, connect_args=kind.CONNECT, **kind.ENGINE)
    except ImportError:
        extra = address.database
        raise Unavailable(
            f"{address.shown} needs a library that is not installed",
            help=f"`pip install 'canarypolicy[{extra}]'`",
        ) from None
    except SQLAlchemyError:
        raise Unavailable(f"{address.shown} has a URL that cannot be read") from None
    kind.prepare(engine)
    return engine
