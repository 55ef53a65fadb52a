"""
SQLite: the store in a file, for one host.

What is written is on the disk when `commit` returns (WAL, synchronous FULL). Writers come one after the other, each from
its first statement on: a transaction that read first and wrote later could be refused in the middle.
"""

from __future__ import annotations

from contextlib import nullcontext
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event

if TYPE_CHECKING:
    import sqlite3
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine

_LIMIT_SECONDS = 10.0
"""How long a writer waits for those before it: they wait for the disk, each in its turn."""

CONNECT: Final[dict[str, Any]] = {"timeout": _LIMIT_SECONDS}
ENGINE: Final[dict[str, Any]] = {"pool_timeout": _LIMIT_SECONDS}
READING: Final[dict[str, object]] = {"canarypolicy_begin": "BEGIN"}
WRITING: Final[dict[str, object]] = {"canarypolicy_begin": "BEGIN IMMEDIATE"}
CLOCK: Final[str | None] = None


def prepare(engine: Engine) -> None:
    """
    Take transactions out of the driver's hands, as SQLAlchemy's page on SQLite says.
    """
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)


def bounded(_: Connection) -> AbstractContextManager[None]:
    """
    Bound the time of a transaction; a file's is bounded by the wait for its lock.
    """
    return nullcontext()


def alone(_: Connection) -> AbstractContextManager[None]:
    """
    Keep others from making the tables at the same time; a writer of SQLite is alone anyway.
    """
    return nullcontext()


def _set_up(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None
    _use_wal(connection)
    connection.execute("PRAGMA synchronous=FULL")


def _use_wal(connection: sqlite3.Connection) -> None:
    """
    Switch the file to WAL, once; two processes that do so together are refused at once, however long they would wait.
    """
    import sqlite3  # noqa: PLC0415 - only its exception

    until = monotonic() + _LIMIT_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode=WAL").fetchone()
        except sqlite3.OperationalError:
            if monotonic() > until:
                raise
            sleep(0.01)
        else:
            return  # where there can be no WAL, as on some file systems, the file stays as it is: slower, not less safe


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(str(connection.get_execution_options().get("canarypolicy_begin", "BEGIN IMMEDIATE")))
