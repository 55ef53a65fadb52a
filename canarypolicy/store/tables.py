"""
The store's tables. A change of them is a new `VERSION`, with the way there from the one before.

Names and hashes are compared byte by byte in every database: MySQL's usual collations would take `A` for `a`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, Text
from sqlalchemy.dialects.mysql import LONGTEXT

VERSION = 1

metadata = MetaData()

_NUMBER = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts up only what it calls an integer
_TEXT = Text().with_variant(LONGTEXT(), "mysql")  # MySQL's own text ends at 64 KiB
_NAME = String(255)
_HASH = String(64)
_SETTINGS: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}

versions = Table("canarypolicy_store", metadata, Column("version", Integer, primary_key=True, autoincrement=False), **_SETTINGS)

runs = Table(
    "canarypolicy_runs",
    metadata,
    Column("run", _NAME, primary_key=True),
    Column("policy", _TEXT, nullable=False),
    Column("environment", _TEXT, nullable=False),
    Column("service", _TEXT, nullable=False),
    Column("digest", _TEXT, nullable=False),
    Column("started_us", _NUMBER, nullable=False),
    Column("state", _NAME, nullable=False),
    Column("holder_host", _TEXT),
    Column("holder_pid", _NUMBER),
    Column("holder_started", _TEXT),
    Column("held_since_us", _NUMBER),
    Column("expires_us", _NUMBER, nullable=False),
    Column("fence", _NUMBER, nullable=False),
    Column("head_seq", _NUMBER, nullable=False),
    Column("head_hash", _HASH, nullable=False),
    **_SETTINGS,
)
"""Runs; `expires_us` and `held_since_us` are times of the clock that `Database.clock` reads."""

services = Table(
    "canarypolicy_services",
    metadata,
    Column("mark", _HASH, primary_key=True),
    Column("service", _TEXT, nullable=False),
    Column("run", _NAME),
    **_SETTINGS,
)
"""Service -> the one run that may move its traffic. `mark` is the SHA-256 of its name, which may be of any length."""

entries = Table(
    "canarypolicy_entries",
    metadata,
    Column("run", _NAME, primary_key=True),
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("at_us", _NUMBER, nullable=False),
    Column("kind", _NAME, nullable=False),
    Column("text", _TEXT, nullable=False),
    Column("previous", _HASH, nullable=False),
    Column("hash", _HASH, nullable=False),
    **_SETTINGS,
)

requests = Table(
    "canarypolicy_requests",
    metadata,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("run", _NAME, nullable=False, index=True),
    Column("at_us", _NUMBER, nullable=False),
    Column("event", _TEXT, nullable=False),
    Column("taken_seq", _NUMBER),
    sqlite_autoincrement=True,
    **_SETTINGS,
)
"""What operators asked; `taken_seq` is the number of the last entry that was written when it was taken in."""

freezes = Table(
    "canarypolicy_freezes",
    metadata,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("mark", _HASH, nullable=False, unique=True),
    Column("policy", _TEXT),
    Column("at_us", _NUMBER, nullable=False),
    Column("by", _TEXT),
    Column("reason", _TEXT),
    Column("until_us", _NUMBER),
    Column("lifted_us", _NUMBER),
    Column("lifted_by", _TEXT),
    sqlite_autoincrement=True,
    **_SETTINGS,
)
"""Freezes; `mark` is the SHA-256 of policy, reason and time, since no database takes two absent policies for equal."""
