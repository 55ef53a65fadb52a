"""
What a database's failure is called, and nothing of what its driver says.
"""

import sqlite3

import pytest
from canarypolicy.store.faults import is_passing, why
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree


class FakeError(Exception):
    """
    An error as a driver raises it.
    """

    def __init__(self, *arguments, sqlstate=None):
        super().__init__(*arguments)
        self.sqlstate = sqlstate


def failed(orig, cause=None):
    orig.__cause__ = cause
    return OperationalError("SELECT hid-den", {"x": "hid-den"}, orig)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (failed(sqlite3.OperationalError("database is locked")), "another process kept it locked"),
        (failed(sqlite3.OperationalError("database or disk is full")), "database or disk is full"),
        (failed(FakeError("hid-den", sqlstate="28P01")), "it does not know the user or the password"),
        (failed(FakeError("hid-den", sqlstate="57014")), "it did not answer in time"),
        (failed(FakeError("hid-den", sqlstate="XX000")), "it answered with the error XX000"),
        (failed(FakeError(1049, "hid-den")), "it has no database of that name"),
        (failed(FakeError(9999, "hid-den")), "it answered with the error 9999"),
        (failed(FakeError(2003, "hid-den"), ConnectionRefusedError(111, "Connection refused")), "connection refused"),
        (failed(FakeError("connection to hid-den failed: timeout expired")), "it did not answer in time"),
        (failed(FakeError("hid-den")), "it cannot be reached"),
        (NoConnectionFree("hid-den"), "no connection to it became free in time"),
        (ArgumentError("hid-den"), "it could not be asked (ArgumentError)"),
    ],
)
def test_a_failure_has_a_sentence_of_ours(error, told):
    assert why(error) == told


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (failed(FakeError(sqlstate="40P01")), True),
        (failed(FakeError(1213, "deadlock")), True),
        (failed(FakeError(sqlstate="23505")), True),
        (failed(FakeError(sqlstate="28P01")), False),
        (failed(sqlite3.OperationalError("database is locked")), False),
        (ArgumentError("x"), False),
    ],
)
def test_only_what_gave_way_to_another_is_tried_again(error, passes):
    assert is_passing(error) is passes
