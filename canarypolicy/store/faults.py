"""
What a database's failure is called: a sentence part of ours, since a driver's own words may hold the address or a secret.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.exc import SQLAlchemyError

_TOO_LATE = "it did not answer in time"
_REFUSED = "connection refused"
_USER = "it does not know the user or the password"
_NO_DATABASE = "it has no database of that name"
_NOT_ALLOWED = "the user may not do that"
_TOO_MANY = "it takes no more connections"
_LOCKED = "another process kept it locked"

_BY_SQLSTATE = {
    "28000": _USER,
    "28P01": _USER,
    "3D000": _NO_DATABASE,
    "42501": _NOT_ALLOWED,
    "53100": "its disk is full",
    "53300": _TOO_MANY,
    "55P03": _LOCKED,
    "57014": _TOO_LATE,
    "57P01": "it is shutting down",
    "57P03": "it is starting or shutting down",
    "25006": "it can only be read",
    "23505": "another process wrote the same",
    "40001": _LOCKED,
    "40P01": _LOCKED,
}
_BY_NUMBER = {
    1040: _TOO_MANY,
    1044: _NOT_ALLOWED,
    1045: _USER,
    1049: _NO_DATABASE,
    1062: "another process wrote the same",
    1142: _NOT_ALLOWED,
    1205: _LOCKED,
    1213: _LOCKED,
    1290: "it can only be read",
    1698: _USER,
    1836: "it can only be read",
    2006: "the connection broke off",
    2013: "the connection broke off, or it did not answer in time",
}
_BY_WORDS = {
    "connection refused": _REFUSED,
    "timed out": _TOO_LATE,
    "timeout expired": _TOO_LATE,
    "name or service not known": "its host's name cannot be resolved",
    "could not translate host name": "its host's name cannot be resolved",
    "failed to resolve host": "its host's name cannot be resolved",
    "no such file or directory": "it cannot be reached",
    "password authentication failed": _USER,
    "no password supplied": _USER,
    "does not exist": _NO_DATABASE,
    "server closed the connection": "the connection broke off",
    "certificate": "its certificate is not trusted",
}
"""Words of drivers for failures that have no number, in lower case -> ours."""


def why(error: SQLAlchemyError) -> str:
    """
    Say why the database did not do what was asked.
    """
    if isinstance(error, NoConnectionFree):
        return "no connection to it became free in time"
    if not isinstance(error, DBAPIError):
        return f"it could not be asked ({type(error).__name__})"
    for cause in _causes(error.orig):
        told = _told_by(cause)
        if told is not None:
            return told
    state = _sqlstate(error.orig)
    return "it cannot be reached" if state is None else f"it answered with the error {state}"


def is_passing(error: SQLAlchemyError) -> bool:
    """
    Tell whether trying the same transaction again at once may help: it had to give way to another, or wrote what that wrote.
    """
    if not isinstance(error, DBAPIError) or error.orig is None:
        return False
    return _sqlstate(error.orig) in ("23505", "40001", "40P01", "1062", "1213")


def _told_by(cause: BaseException) -> str | None:
    if isinstance(cause, sqlite3.Error):
        text = str(cause).lower()  # SQLite's own words: neither values nor the address are in them
        return f"{_LOCKED}" if "locked" in text else text
    state = getattr(cause, "sqlstate", None)
    if state in _BY_SQLSTATE:
        return _BY_SQLSTATE[state]
    number = cause.args[0] if cause.args else None
    if isinstance(number, int) and number in _BY_NUMBER:
        return _BY_NUMBER[number]
    text = str(cause).lower()
    return next((ours for theirs, ours in _BY_WORDS.items() if theirs in text), None)


def _sqlstate(cause: BaseException | None) -> str | None:
    """
    Give the number of an error, as its database counts errors.
    """
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        return state
    number = cause.args[0] if cause is not None and cause.args else None
    return str(number) if isinstance(number, int) else None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
