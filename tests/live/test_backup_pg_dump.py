"""
Backups and restores of a real PostgreSQL, where one is installed.
"""

from __future__ import annotations

import os
import subprocess

import pytest
from canarypolicy.backups import pg_restore
from canarypolicy.backups.pg_dump import PgDumpBackup
from canarypolicy.documents.backup_parameters import PgDumpParameters
from canarypolicy.documents.secrets import World
from canarypolicy.live.archive import Consent
from canarypolicy.live.protocols import NotDone

from store.database_servers import PASSWORD, running_postgresql

SHOP = """
CREATE TABLE orders (id serial PRIMARY KEY, note text, picture bytea);
CREATE TABLE audit (what text);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audit VALUES ('order ' || NEW.id); RETURN NEW; END $$;
CREATE TRIGGER orders_ai AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION noted();
CREATE VIEW large AS SELECT * FROM orders WHERE id > 10;
INSERT INTO orders (note, picture) SELECT repeat('ü\t\n-- Dumped ', n % 30), '\\x00ff' FROM generate_series(1, 500) n;
"""
HOUR_US = 3_600_000_000


@pytest.fixture(scope="module")
def server():
    with running_postgresql() as running:
        yield running


class Shop:
    def __init__(self, server, folder) -> None:
        self.server = server
        self.folder = folder
        self.name = "shop"
        folder.mkdir()
        for name in self.databases():
            self.sql(f'DROP DATABASE "{name}"', "postgres")
        self.sql("CREATE DATABASE shop", "postgres")
        self.sql(SHOP)

    def sql(self, text: str, database: str = "shop") -> str:
        host, port = self.server.address.split(":")
        arguments = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", host, "-p", port, "-U", "canary", "-d", database]
        done = subprocess.run(
            arguments, input=text.encode(), capture_output=True, env={**os.environ, "PGPASSWORD": PASSWORD}, check=False
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def databases(self) -> list[str]:
        return [name for name in self.sql("SELECT datname FROM pg_database", "postgres").split() if name.startswith("shop")]

    def everything(self) -> str:
        host, port = self.server.address.split(":")
        arguments = ["pg_dump", "-h", host, "-p", port, "-U", "canary", "-d", "shop"]
        text = subprocess.run(
            arguments, check=True, capture_output=True, env={**os.environ, "PGPASSWORD": PASSWORD}
        ).stdout.decode()
        of = "SELECT (SELECT array_agg(each::text ORDER BY each::text) FROM unnest(datacl) each), pg_get_userbyid(datdba), setconfig FROM pg_database LEFT JOIN pg_db_role_setting ON setdatabase = oid WHERE datname = 'shop'"
        return "\n".join(line for line in text.split("\n") if "restrict" not in line) + self.sql(of)

    def backup(self, **more: object) -> PgDumpBackup:
        written = {"url": self.server.url("shop"), "directory": str(self.folder), "timeout": "30s", **more}
        return PgDumpBackup(
            "snapshot", PgDumpParameters.model_validate(written), World(variables=dict(os.environ), read_file=lambda _: "")
        )


@pytest.fixture
def shop(server, tmp_path):
    return Shop(server, tmp_path / "backups")


def consent() -> Consent:
    return Consent(loss_us=HOUR_US, tell=print)


def test_a_backup_is_kept_verified_and_restored(shop):
    """All comes back, and with it who may connect; what was overwritten can be restored in its turn."""
    shop.sql("REVOKE CONNECT ON DATABASE shop FROM PUBLIC; ALTER DATABASE shop SET work_mem TO '5MB'")
    before = shop.everything()
    backup = shop.backup(keep=5)
    taken = backup.create()
    assert backup.verify(taken.snapshot) == backup.kept()[0]
    shop.sql("DROP VIEW large; DELETE FROM orders WHERE id > 3; DROP TRIGGER orders_ai ON orders; CREATE TABLE later (a int)")
    later = shop.everything()
    assert backup.rehearse(taken.snapshot, print) == "dumped again and compared, equal in every line"
    assert shop.everything() == later
    restored = backup.restore(taken.snapshot, consent())
    assert shop.everything() == before
    assert shop.databases() == ["shop"]
    backup.restore(restored.replaced, consent())
    assert shop.everything() == later


def test_a_database_that_is_gone_comes_back(shop):
    before = shop.everything()
    taken = shop.backup().create()
    shop.sql("DROP DATABASE shop", "postgres")
    assert shop.backup().restore(taken.snapshot, consent()).replaced is None
    assert shop.everything() == before


@pytest.mark.parametrize("happens", ["before", "after"])
def test_a_restore_that_dies_at_its_change_of_places_leaves_one_of_the_two(shop, monkeypatch, happens):
    """One transaction decides; `resume` tells which, and removes what is left."""

    class Killed(BaseException):
        pass

    real = pg_restore.PgRestore._change

    def change(self, left):
        if happens == "after":
            real(self, left)
        raise Killed

    before = shop.everything()
    taken = shop.backup().create()
    shop.sql("DELETE FROM orders")
    later = shop.everything()
    with monkeypatch.context() as patch:
        patch.setattr(pg_restore.PgRestore, "_change", change)
        patch.setattr(pg_restore.PgRestore, "_give_up", lambda *_: None)
        with pytest.raises(Killed):
            shop.backup().restore(taken.snapshot, consent())
    assert len(shop.databases()) == 2
    assert (shop.backup().resume(print) is not None) == (happens == "after")
    assert shop.everything() == (before if happens == "after" else later)
    assert shop.databases() == ["shop"]


def test_what_is_not_whole_is_told_and_changes_nothing(shop):
    backup = shop.backup()
    taken = backup.create()
    path = shop.folder / taken.snapshot
    path.write_bytes(path.read_bytes()[:-9] + b"123456789")
    later = shop.everything()
    with pytest.raises(NotDone):
        backup.verify(taken.snapshot)
    with pytest.raises(NotDone):
        backup.restore(taken.snapshot, consent())
    assert (shop.everything(), shop.databases()) == (later, ["shop"])
    with pytest.raises(NotDone, match="the server has no database `shopping`"):
        shop.backup(url=shop.server.url("shopping")).create()
    with pytest.raises(NotDone, match="password authentication failed"):
        shop.backup(url=shop.server.url("shop").replace(PASSWORD, "wrong")).create()
    with pytest.raises(NotDone, match="what it wrote is no dump"):
        shop.backup(program="true").create()


def test_a_stopped_server_is_given_up_at_the_time_limit(shop):
    backup = shop.backup(timeout="2s")
    shop.server.stop()
    try:
        with pytest.raises(NotDone, match=r"did not end within|timeout expired"):
            backup.create()
    finally:
        shop.server.go_on()
    assert list(shop.folder.iterdir()) == []
