"""
What a URL says of a server, and how names, texts and passwords are written for it.
"""

from __future__ import annotations

import os
import stat

import pytest
from canarypolicy.backups.mysql_server import literal, quoted, server_of
from canarypolicy.backups.pg_server import pg_server_of
from canarypolicy.backups.pipeline import Deadline
from canarypolicy.documents.backup_parameters import MysqldumpParameters, PgDumpParameters
from canarypolicy.documents.keeper import Keeper
from canarypolicy.errors import Unavailable

from programs import python, world


def server(url: str, **more: str):
    written = {"url": "${env:URL}", "directory": "x", "program": "echo", "client": "cat", **more}
    keeper = Keeper("actuator `snapshot`", world({**os.environ, "URL": url}))
    return server_of(keeper, MysqldumpParameters.model_validate(written))


@pytest.mark.parametrize(
    ("url", "lines"),
    [
        ("mysql://ann:s3%40cret@db:3307/shop", ['host="db"', 'port="3307"', 'user="ann"', 'password="s3@cret"']),
        ("mysql+pymysql://db/shop", ['host="db"', 'port="3306"']),
        ("mysql://ann@/shop?unix_socket=/run/x.sock", ['socket="/run/x.sock"', 'user="ann"']),
        ("mysql://a:%22%5C%0A%23'@db/shop", ['host="db"', 'port="3306"', 'user="a"', 'password="\\"\\\\\\n#\'"']),
    ],
    ids=["all of it", "the least", "a socket", "an odd password"],
)
def test_the_option_file_says_where_and_who(url, lines):
    """Only its owner can read it, and it is gone afterwards."""
    with server(url).opened(Deadline.after(10**7)) as session:
        assert session.option_file.read_text().splitlines() == ["[client]", *lines]
        assert stat.S_IMODE(session.option_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(session.option_file.parent.stat().st_mode) == 0o700
        arguments = session.dumping("shop").arguments
        assert arguments[1] == f"--defaults-file={session.option_file}"  # has to be the first
        assert not any("s3@cret" in each or "s3%40cret" in each for each in arguments)
    assert not session.option_file.exists()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mysql://ann:s3cret@db", "`url` of actuator `snapshot` names no server and database"),
        ("mysql:///shop", "`url` of actuator `snapshot` names no server and database"),
        ("mysql://db:port/shop", "`url` of actuator `snapshot` names no server and database"),
        ("mysql://db/shop/orders", "`url` of actuator `snapshot` names no server and database"),
        ("mysql://ann:s3cret@db/shop?ssl_ca=/x", "`url` of actuator `snapshot` has an option that is not known"),
    ],
)
def test_a_url_that_cannot_be_used_is_told_without_what_is_in_it(url, why):
    with pytest.raises(Unavailable) as raised:
        server(url)
    assert raised.value.message == why


def test_a_program_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    keeper = Keeper("actuator `snapshot`", world())
    with pytest.raises(Unavailable, match="needs the program `mysqldump` or `mariadb-dump`"):
        server_of(keeper, MysqldumpParameters.model_validate({"url": "mysql://db/shop", "directory": "x"}))
    with pytest.raises(Unavailable, match="needs the program `pg_dump`"):
        pg_server_of(keeper, PgDumpParameters.model_validate({"url": "postgresql://db/shop", "directory": "x"}))


def test_oracles_program_gets_what_it_needs_and_mariadbs_does_not():
    with server("mysql://db/shop").opened(Deadline.after(10**7)) as session:
        assert "MariaDB" not in session.dumper_version
        assert "--set-gtid-purged=OFF" in session.dumping("shop").arguments


def test_names_and_texts_are_quoted():
    assert quoted("a`b") == "`a``b`"
    assert literal("a'b\\c") == "'a\\'b\\\\c'"


def test_rows_are_read_as_they_were_written():
    """The client's batch mode escapes tabs, line breaks and backslashes."""
    found = server("mysql://db/shop", client=python("x")[0])
    with found.opened(Deadline.after(10**7)) as session:
        assert session.deadline.left_us > 0
    from canarypolicy.backups.mysql_server import _unescaped

    assert _unescaped(r"a\tb\nc\\td\0") == "a\tb\nc\\td\0"
