"""
A PostgreSQL and the programs that speak to it; the password reaches them in a file that only its owner can read.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from canarypolicy.backups.mysql_server import program_named
from canarypolicy.documents.secrets import Secret
from canarypolicy.errors import Unavailable
from canarypolicy.live.protocols import NotDone
from canarypolicy.processes import NotEnded, failure_of, program_of, run_program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.backups.pipeline import Deadline
    from canarypolicy.documents.backup_parameters import PgDumpParameters
    from canarypolicy.documents.keeper import Keeper
    from canarypolicy.processes import Program

_PORT = 5432
_CLIENT = (
    "--no-psqlrc",
    "--quiet",
    "--tuples-only",
    "--no-align",
    "--field-separator=\t",
    "--set=ON_ERROR_STOP=1",
    "--set=VERBOSITY=terse",
)
_OTHER = "postgres"
"""The database that every server has: from there the others are made and renamed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PgServer:
    """
    Where a database is, and which programs speak to it.
    """

    keeper: Keeper
    database: str
    where: tuple[str, ...]
    """The options that say which server, and who asks."""
    password: Secret | None
    dumper: str
    restorer: str
    client: str

    @contextmanager
    def opened(self, deadline: Deadline) -> Iterator[PgSession]:
        """
        Write the password's file, and remove it at the end.
        """
        with tempfile.TemporaryDirectory(prefix="canarypolicy-") as folder:  # mode 700, and so is what is in it
            path = Path(folder, "pgpass")
            path.touch(mode=0o600)
            if self.password is not None:
                escaped = self.password.reveal().replace("\\", "\\\\").replace(":", "\\:")
                path.write_text(f"*:*:*:*:{escaped}\n", encoding="utf-8")
            yield PgSession(server=self, password_file=path, deadline=deadline)


@dataclass(frozen=True, slots=True, kw_only=True)
class PgSession:
    """
    The time in which the programs can be called.
    """

    server: PgServer
    password_file: Path
    deadline: Deadline

    def dumping(self, database: str, *more: str) -> Program:
        """
        Give the program that dumps a database to stdout.
        """
        return self._program(self.server.dumper, *more, f"--dbname={database}")

    def restoring(self, database: str) -> Program:
        """
        Give the program that fills a database with the dump that it is fed, as one transaction.
        """
        return self._program(self.server.restorer, "--exit-on-error", "--single-transaction", f"--dbname={database}")

    def reading(self) -> Program:
        """
        Give the program that turns the dump that it is fed into SQL; it asks no server.
        """
        return program_of(self.server.keeper, (self.server.restorer, "--file=-"), max(1, self.deadline.left_us))

    def ask(self, sql: str) -> list[list[str]]:
        """
        Run statements, from the database that is always there, and give the rows of their results.
        """
        program = replace(self._program(self.server.client, *_CLIENT, f"--dbname={_OTHER}"), stdin=sql.encode())
        ended = run_program(program, self.server.keeper)
        if isinstance(ended, NotEnded):
            raise NotDone(ended.why)
        if ended.status != 0:
            told = [line for line in ended.stderr.splitlines() if "ERROR:" in line or "error:" in line]  # hints follow it
            ended = replace(ended, stderr=told[0] if told else ended.stderr)
            raise NotDone(failure_of(ended, program, self.server.keeper) or "")
        return [line.split("\t") for line in ended.stdout.splitlines()]

    def _program(self, name: str, *arguments: str) -> Program:
        # `dbname` is read as a connection string where it holds `=`: such a name is refused with the URL.
        variables = {"PGPASSFILE": str(self.password_file), "PGCONNECT_TIMEOUT": "10", "PGCLIENTENCODING": "UTF8"}
        whole = (name, "--no-password", *self.server.where, *arguments)
        return program_of(self.server.keeper, whole, max(1, self.deadline.left_us), variables)


def pg_server_of(keeper: Keeper, parameters: PgDumpParameters) -> PgServer:
    """
    Read the parameters; a URL that names no database, and a program that is not there, are `Unavailable`.
    """
    url = keeper.hidden(parameters.url, "url")
    try:
        parts = urlsplit(url.reveal())
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    database = unquote(parts.path.removeprefix("/"))
    if not host or not database or any(each in database for each in "/=\n\t") or parts.query:
        raise Unavailable(
            f"`url` of {keeper.place} names no server and database",
            help="expected `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`",
        )
    password = None if parts.password is None else Secret(unquote(parts.password))
    if password is not None:
        keeper.secrets.append(password)
    user = () if parts.username is None else (f"--username={unquote(parts.username)}",)
    return PgServer(
        keeper=keeper,
        database=database,
        where=(f"--host={host}", f"--port={port or _PORT}", *user),
        password=password,
        dumper=program_named(keeper, parameters.program, "program", "pg_dump"),
        restorer=program_named(keeper, parameters.restorer, "restorer", "pg_restore"),
        client=program_named(keeper, parameters.client, "client", "psql"),
    )


def identifier(name: str) -> str:
    """
    Give a name as it stands in SQL.
    """
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """
    Give a text as it stands in SQL.
    """
    return "'" + value.replace("'", "''") + "'"
