"""
MySQL and MariaDB: the store on a server, by way of PyMySQL.

With a time limit for connecting alone PyMySQL would wait for ever on a stopped server: reading and writing have theirs.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from sqlalchemy import Connection, Engine

_LIMIT_SECONDS = 5
_WAIT_SECONDS = _LIMIT_SECONDS - 1

CONNECT: Final[dict[str, Any]] = {
    "connect_timeout": _LIMIT_SECONDS,
    "read_timeout": _LIMIT_SECONDS,
    "write_timeout": _LIMIT_SECONDS,
    "init_command": f"SET time_zone='+00:00', sql_mode='STRICT_ALL_TABLES', innodb_lock_wait_timeout={_WAIT_SECONDS}",
}
ENGINE: Final[dict[str, Any]] = {"pool_timeout": _LIMIT_SECONDS, "isolation_level": "READ COMMITTED"}
READING: Final[dict[str, object]] = {"isolation_level": "REPEATABLE READ"}
WRITING: Final[dict[str, object]] = {}
CLOCK: Final[str | None] = "CAST(UNIX_TIMESTAMP(SYSDATE(6)) * 1000000 AS SIGNED)"

_ALONE = "canarypolicy_store"


def prepare(engine: Engine) -> None:
    """
    Set up what the driver has no argument for: nothing.
    """


def bounded(_: Connection) -> AbstractContextManager[None]:
    """
    Bound the time of a transaction; the driver does.
    """
    return nullcontext()


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """
    Keep others from making the tables at the same time; to make a table ends a transaction here, so a name is locked.
    """
    connection.execute(text("SELECT GET_LOCK(:name, :seconds)"), {"name": _ALONE, "seconds": _WAIT_SECONDS})
    try:
        yield
        connection.execute(text("COMMIT"))  # whoever comes next finds all of it
    finally:
        connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": _ALONE})
