"""
What users write about backups of databases: `mysqldump` and `pg_dump`.

How they are taken and restored is in `canarypolicy/backups/`, one file a kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool

from canarypolicy.documents.fields import Duration, fault
from canarypolicy.documents.part_parameters import PartParameters
from canarypolicy.documents.probe_parameters import MysqlUrl, PostgresqlUrl
from canarypolicy.documents.secrets import Template

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path

_LONGEST = timedelta(days=1)


def _bounded(timeout: timedelta) -> timedelta:
    if not timedelta() < timeout <= _LONGEST:
        raise fault("invalid-timeout", "a timeout is longer than nothing and at most 1d")
    return timeout


Keep = Annotated[int, Field(ge=1, le=10_000, strict=True)]
LongTimeout = Annotated[Duration, AfterValidator(_bounded)]


class _DumpParameters(PartParameters):
    url: Template
    directory: Template
    """The folder of the backups; it has to be there."""
    keep: Keep = 10
    """How many whole backups of this database stay; the oldest are removed after a new one is whole."""
    timeout: LongTimeout = Field(default=timedelta(minutes=10), json_schema_extra={"default": "10m"})
    """How long a backup may take as a whole, and each of the steps of a restore."""

    @property
    def secrets(self) -> Mapping[Path, Template]:
        """
        What should not stand in the document itself, by its path; of a url, the password in it.
        """
        return {("url",): self.url}


class MysqldumpParameters(_DumpParameters):
    """
    A database of MySQL or MariaDB, dumped as SQL.
    """

    url: MysqlUrl
    compress: StrictBool | Literal["gzip", "zstd"] = True
    """`true` is gzip."""
    program: Template | None = None
    """The program that dumps; default `mysqldump` or, where there is none, `mariadb-dump`."""
    client: Template | None = None
    """The program that runs SQL; default `mysql` or, where there is none, `mariadb`."""
    compressor: Template | None = None
    """The program that compresses; default `gzip` or `zstd`."""

    @property
    def compression(self) -> Literal["gzip", "zstd", "none"]:
        """
        How a dump is compressed.
        """
        if isinstance(self.compress, bool):
            return "gzip" if self.compress else "none"
        return self.compress


class PgDumpParameters(_DumpParameters):
    """
    A database of PostgreSQL, dumped in the custom format of `pg_dump`, which compresses by itself.
    """

    url: PostgresqlUrl
    program: Template | None = None
    """The program that dumps; default `pg_dump`."""
    restorer: Template | None = None
    """The program that restores; default `pg_restore`."""
    client: Template | None = None
    """The program that runs SQL; default `psql`."""
