"""
Real database servers on loopback, in temporary folders, ended with the tests that started them.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from live.servers import free_port, program
from stopping import stop

PASSWORD = "pl4nted-p4ssw0rd"
_NUMBERS = count(1)


class Server:
    """
    A running server, and new databases on it.
    """

    def __init__(self, scheme: str, address: str, process: subprocess.Popen) -> None:
        self.scheme = scheme
        self.address = address
        self.process = process
        """The server's first process."""

    def url(self, database: str) -> str:
        return f"{self.scheme}://canary:{PASSWORD}@{self.address}/{database}"

    def new_url(self) -> str:
        """
        Make a database and give its URL.
        """
        name = f"test_{os.getpid()}_{next(_NUMBERS)}"
        _execute(self.url("postgres" if self.scheme == "postgresql" else "mysql"), f"CREATE DATABASE {name}")
        return self.url(name)

    def stop(self) -> None:
        for pid in (self.process.pid, *_children(self.process.pid)):
            stop(pid)

    def go_on(self) -> None:
        for pid in (self.process.pid, *_children(self.process.pid)):
            with suppress(ProcessLookupError):  # one that had been told to end does so when it goes on
                os.kill(pid, signal.SIGCONT)


def _children(pid: int) -> list[int]:
    return [int(each) for task in Path(f"/proc/{pid}/task").iterdir() for each in (task / "children").read_text().split()]


def _execute(url: str, statement: str) -> None:
    driver = url.replace("postgresql:", "postgresql+psycopg:").replace("mysql:", "mysql+pymysql:")
    engine = create_engine(driver, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


@contextmanager
def running_postgresql() -> Iterator[Server]:
    """
    Start a PostgreSQL, which does not run as root.
    """
    import pytest

    pytest.importorskip("psycopg")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    programs = Path(shutil.which("postgres") or (found[-1] if found else "/")).parent
    if not (programs / "initdb").exists():
        pytest.skip("`postgres` is not installed")
    with _folder("nobody") as (folder, user):
        (folder / "password").write_text(PASSWORD)
        made = [programs / "initdb", "-D", folder / "data", "-U", "canary", "-A", "scram-sha-256", "--pwfile", folder / "password", "-N"]  # fmt: skip
        (folder / "password").chmod(0o644)
        _run_whole(made, folder, user)
        port = free_port()
        arguments = [
            programs / "postgres", "-D", folder / "data", "-p", str(port), "-c", "listen_addresses=127.0.0.1",
            "-c", "unix_socket_directories=", "-c", "shared_buffers=16MB",
        ]  # fmt: skip
        with _running(arguments, folder, user) as process:
            server = Server("postgresql", f"127.0.0.1:{port}", process)
            _wait(lambda: _execute(server.url("postgres"), "SELECT 1"), process, folder / "log")
            yield server


@contextmanager
def running_mariadb() -> Iterator[Server]:
    """
    Start a MariaDB.
    """
    for name in ("mariadbd", "mariadb-install-db"):
        program(name)
    with _folder(None) as (folder, user):
        who = f"--user={pwd.getpwuid(os.geteuid()).pw_name}"
        small = "--innodb-log-file-size=16M"
        made = ["mariadb-install-db", "--no-defaults", who, f"--datadir={folder}/data", "--auth-root-authentication-method=normal", "--skip-test-db", small]  # fmt: skip
        _run_whole(made, folder, user)
        (folder / "tmp").mkdir()  # a server that starts takes leftovers from where it keeps temporary tables, also another's
        me = "canary@localhost"
        (folder / "user.sql").write_text(f"CREATE USER {me} IDENTIFIED BY '{PASSWORD}';\nGRANT ALL ON *.* TO {me};\n")
        port = free_port()
        arguments = [
            "mariadbd", "--no-defaults", who, f"--datadir={folder}/data", f"--socket={folder}/s.sock", f"--pid-file={folder}/pid",
            f"--port={port}", "--bind-address=127.0.0.1", "--innodb-buffer-pool-size=64M", small,
            f"--init-file={folder}/user.sql", f"--tmpdir={folder}/tmp",
        ]  # fmt: skip
        with _running(arguments, folder, user) as process:
            server = Server("mysql", f"127.0.0.1:{port}", process)
            _wait(lambda: _execute(server.url("mysql"), "SELECT 1"), process, folder / "log")
            yield server


@contextmanager
def _folder(other: str | None) -> Iterator[tuple[Path, dict]]:
    """
    Make a short-lived folder; where this is root, it belongs to the other user, and so do the processes.
    """
    folder = Path(tempfile.mkdtemp(prefix="canary"))
    try:
        user = {}
        if other is not None and os.geteuid() == 0:
            found = pwd.getpwnam(other)
            os.chown(folder, found.pw_uid, found.pw_gid)
            user = {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
        yield folder, user
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run_whole(arguments: list, folder: Path, user: dict) -> None:
    """
    Run a program to its end; when the wait is broken off, what it has started ends with it, so that nothing writes on.
    """
    with (folder / "made").open("wb") as log:
        process = subprocess.Popen(arguments, cwd=folder, stdout=log, stderr=log, process_group=0, **user)
        try:
            status = process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    assert status == 0, (folder / "made").read_text(errors="replace")[-2000:]


@contextmanager
def _running(arguments: list, folder: Path, user: dict) -> Iterator[subprocess.Popen]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(arguments, cwd=folder, stdout=log, stderr=log, process_group=0, **user)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGINT if "postgres" in str(arguments[0]) else signal.SIGTERM)  # INT: at once
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def _wait(ready: Callable[[], None], process: subprocess.Popen, log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise AssertionError(f"the server has ended: {log.read_text(errors='replace')[-2000:]}")
        try:
            ready()
        except SQLAlchemyError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the server did not get ready: {log.read_text(errors='replace')[-2000:]}")
