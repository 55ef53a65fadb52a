"""
PostgreSQL: the store on a server, by way of psycopg.

The server's own time limit does not run while the server is stopped, and libpq has none for an answer. So a transaction that
takes too long has its socket shut, which the driver then sees as a broken connection.
"""

from __future__ import annotations

import socket
from contextlib import contextmanager, suppress
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

_LIMIT_SECONDS = 5

CONNECT: Final[dict[str, Any]] = {
    "connect_timeout": _LIMIT_SECONDS,
    "tcp_user_timeout": _LIMIT_SECONDS * 1000,
    "prepare_threshold": None,  # a pooler in between may give each transaction another session
}
ENGINE: Final[dict[str, Any]] = {"pool_timeout": _LIMIT_SECONDS, "isolation_level": "READ COMMITTED"}
READING: Final[dict[str, object]] = {"isolation_level": "REPEATABLE READ"}
WRITING: Final[dict[str, object]] = {}
CLOCK: Final[str | None] = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"

_ALONE = 0x63616E617279
"""The number of our lock: `canary` in ASCII."""


def prepare(engine: Engine) -> None:
    """
    Have the server give up a statement in time.
    """
    event.listen(engine, "connect", _set_up)


def _set_up(connection: Any, _: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = {(_LIMIT_SECONDS - 1) * 1000}")
    connection.commit()


@contextmanager
def bounded(connection: Connection) -> Iterator[None]:
    """
    Bound the time of a transaction, also while the server is stopped.
    """
    shut = _Shut(connection.connection.driver_connection.fileno())  # type: ignore[union-attr]  # psycopg's connection
    timer = Timer(_LIMIT_SECONDS, shut.now)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        shut.never()


class _Shut:
    """
    A socket that may be shut by another thread, and is not once its user is done with it.
    """

    def __init__(self, number: int) -> None:
        self._lock = Lock()
        self._socket: socket.socket | None = socket.fromfd(number, socket.AF_INET, socket.SOCK_STREAM)

    def now(self) -> None:
        with self._lock, suppress(OSError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)

    def never(self) -> None:
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """
    Keep others from making the tables at the same time.
    """
    connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _ALONE})
    yield
