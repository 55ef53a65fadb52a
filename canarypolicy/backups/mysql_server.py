"""
A MySQL or MariaDB and the programs that speak to it; the password reaches them in a file that only its owner can read.

Everything goes through the programs of the database's own vendor, so that no library is needed.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from canarypolicy.documents.secrets import Secret
from canarypolicy.errors import Unavailable
from canarypolicy.live.protocols import NotDone
from canarypolicy.processes import NotEnded, program_of, run_well

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.backups.pipeline import Deadline
    from canarypolicy.documents.backup_parameters import MysqldumpParameters
    from canarypolicy.documents.keeper import Keeper
    from canarypolicy.documents.secrets import Template
    from canarypolicy.processes import Program

_PORT = "3306"
_OPTIONS: Final = {"unix_socket": "socket"}
"""What may stand behind the `?` of a URL -> its name in an option file."""
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_BOTH: Final = ("--default-character-set=utf8mb4", "--max-allowed-packet=1G")
_CLIENT: Final = ("--batch", "--skip-column-names", "--no-auto-rehash", "--comments", "--binary-mode")
"""`binary-mode`: a dump's text is data, and no command of the client is obeyed in it but `DELIMITER`."""
_DUMP: Final = (
    "--single-transaction",
    "--quick",
    "--routines",
    "--triggers",
    "--events",
    "--hex-blob",
    "--comments",
    "--no-tablespaces",
)
_NOT_MARIADB: Final = ("--set-gtid-purged=OFF", "--loose-column-statistics=0")
"""What Oracle's program needs, and MariaDB's does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MysqlServer:
    """
    Where a database is, and which programs speak to it.
    """

    keeper: Keeper
    database: str
    options: tuple[tuple[str, Secret], ...]
    """Lines of the option file."""
    dumper: str
    client: str

    @contextmanager
    def opened(self, deadline: Deadline) -> Iterator[MysqlSession]:
        """
        Write the option file, and remove it at the end.
        """
        with tempfile.TemporaryDirectory(prefix="canarypolicy-") as folder:  # mode 700, and so is what is in it
            path = Path(folder, "client.cnf")
            path.touch(mode=0o600)
            lines = [f'{name}="{_escaped(value.reveal())}"' for name, value in self.options]
            path.write_text("\n".join(("[client]", *lines, "")), encoding="utf-8")
            yield MysqlSession(server=self, option_file=path, deadline=deadline, dumper_version=self._version(deadline))

    def _version(self, deadline: Deadline) -> str:
        """
        Give the line in which the dumping program says what it is.
        """
        ended = run_well(program_of(self.keeper, (self.dumper, "--version"), max(1, deadline.left_us)), self.keeper)
        if isinstance(ended, NotEnded):
            raise NotDone(ended.why)
        return " ".join(ended.stdout.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class MysqlSession:
    """
    The time in which the programs can be called.
    """

    server: MysqlServer
    option_file: Path
    deadline: Deadline
    dumper_version: str
    """The line in which the dumping program says what it is."""

    def dumping(self, database: str, *more: str, tables: tuple[str, ...] = ()) -> Program:
        """
        Give the program that dumps a database, or some tables or views of it, with further options.
        """
        vendors = () if "MariaDB" in self.dumper_version else _NOT_MARIADB
        return self._program(self.server.dumper, *_DUMP, *vendors, *more, "--", database, *tables)

    def feeding(self, database: str | None) -> Program:
        """
        Give the client that runs the SQL it is fed, and stops at the first statement that fails.
        """
        named = () if database is None else (f"--database={database}",)
        return self._program(self.server.client, *_CLIENT, *named)

    def ask(self, sql: str, database: str | None = None) -> list[list[str]]:
        """
        Run statements and give the rows of their results.
        """
        ended = run_well(
            program_of(
                self.server.keeper,
                self.feeding(database).arguments,
                max(1, self.deadline.left_us),
                stdin=sql.encode("utf-8", "surrogateescape"),
            ),
            self.server.keeper,
        )
        if isinstance(ended, NotEnded):
            raise NotDone(ended.why)
        return [[_unescaped(cell) for cell in line.split("\t")] for line in ended.stdout.splitlines()]

    def text_of(self, program: Program) -> bytes:
        """
        Give what a program prints, as long as that is not large: definitions, and no data.
        """
        from canarypolicy.backups.pipeline import Pipeline  # noqa: PLC0415 - it is the pipeline that reads a session's programs

        pipeline = Pipeline(self.server.keeper, self.deadline)
        text = bytearray()
        pipeline.flow(pipeline.program(program).chunks(), text.extend)
        pipeline.run()
        return bytes(text)

    def _program(self, name: str, *arguments: str) -> Program:
        whole = (name, f"--defaults-file={self.option_file}", *_BOTH, *arguments)
        return program_of(self.server.keeper, whole, max(1, self.deadline.left_us))


def server_of(keeper: Keeper, parameters: MysqldumpParameters) -> MysqlServer:
    """
    Read the parameters; a URL that names no database, and a program that is not there, are `Unavailable`.
    """
    database, options = _address(keeper, keeper.hidden(parameters.url, "url"))
    return MysqlServer(
        keeper=keeper,
        database=database,
        options=options,
        dumper=program_named(keeper, parameters.program, "program", "mysqldump", "mariadb-dump"),
        client=program_named(keeper, parameters.client, "client", "mysql", "mariadb"),
    )


def _address(keeper: Keeper, url: Secret) -> tuple[str, tuple[tuple[str, Secret], ...]]:
    try:
        parts = urlsplit(url.reveal())
        host, port = parts.hostname, parts.port
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:
        parts, host, port, options = urlsplit(""), None, None, {}
    database = unquote(parts.path.removeprefix("/"))
    if not (host or "unix_socket" in options) or not database or "/" in database:
        raise Unavailable(
            f"`url` of {keeper.place} names no server and database",
            help="expected `mysql://USER:PASSWORD@HOST:PORT/DATABASE`, or `mysql://USER:PASSWORD@/DATABASE?unix_socket=PATH`",
        )
    for name in options:
        if name not in _OPTIONS:
            raise Unavailable(f"`url` of {keeper.place} has an option that is not known", help="known: `unix_socket`")
    lines = {"host": host, "port": None if "unix_socket" in options else str(port or _PORT)}
    lines |= {_OPTIONS[name]: value for name, value in options.items()}
    lines["user"] = None if parts.username is None else unquote(parts.username)
    found = [(name, Secret(value)) for name, value in lines.items() if value is not None]
    if parts.password is not None:
        password = Secret(unquote(parts.password))
        keeper.secrets.append(password)
        found.append(("password", password))
    return database, tuple(found)


def program_named(keeper: Keeper, written: Template | None, key: str, *names: str) -> str:
    """
    Give the program that is written or, without one, the first of the usual names that is there.
    """
    if written is not None:
        return keeper.text(written, key)
    found = next((name for name in names if shutil.which(name)), None)
    if found is None:
        known = " or ".join(f"`{name}`" for name in names)
        raise Unavailable(f"{keeper.place} needs the program {known}", help=f"install it, or give its path as `{key}`")
    return found


def quoted(name: str) -> str:
    """
    Give a name as it stands in SQL.
    """
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """
    Give a text as it stands in SQL.
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _escaped(value: str) -> str:
    return "".join(_ESCAPES.get(each, each) for each in value)


def _unescaped(cell: str) -> str:
    """
    Take back what the client's batch mode does to a value.
    """
    parts = cell.split("\\\\")
    return "\\".join(part.replace("\\t", "\t").replace("\\n", "\n").replace("\\0", "\0") for part in parts)
