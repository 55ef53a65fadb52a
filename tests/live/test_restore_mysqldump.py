"""
Restores on a real MariaDB: all comes back, nothing is lost by a restore that fails, and one that is killed leaves one whole.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

import pytest
from canarypolicy.backups import mysql_placing, mysql_swap
from canarypolicy.live.archive import Consent
from canarypolicy.live.protocols import NotDone

from live.servers import program
from live.shop_database import LATER, ShopDatabase, in_memory
from store.database_servers import PASSWORD, running_mariadb

ROOT = Path(__file__).parents[2]


HOUR_US = 3_600_000_000


@pytest.fixture(scope="module")
def mariadb():
    program("mariadbd")
    program("mariadb-dump")
    with in_memory(), running_mariadb() as server:
        yield server


@pytest.fixture
def shop(mariadb, tmp_path):
    database = ShopDatabase(mariadb, "shop", tmp_path / "backups")
    for name in database.schemas():
        database.sql(f"DROP DATABASE `{name}`")
    database.make()
    return database


def consent(told: list[str] | None = None, loss_us: int = HOUR_US) -> Consent:
    return Consent(loss_us=loss_us, tell=(told if told is not None else []).append)


@pytest.mark.parametrize("is_one_statement", [True, False], ids=["one statement", "statement by statement"])
def test_everything_comes_back_and_what_was_overwritten_is_kept(shop, monkeypatch, is_one_statement):
    """Rows, checksums, definitions of tables, views, triggers, routines and events, and the schema's own defaults."""
    if not is_one_statement:  # as for a server that is no MariaDB
        monkeypatch.setattr(mysql_swap.Swap, "can_be_one_statement", lambda *_: False)
    before = shop.everything()
    assert len(before) > 18
    taken = shop.backup().create()
    shop.sql(LATER + f"ALTER DATABASE {shop.name} CHARACTER SET latin1;", shop.name)
    later = shop.everything()
    assert later != before
    told: list[str] = []
    restored = shop.backup().restore(taken.snapshot, consent(told))
    assert shop.everything() == before
    assert shop.sql(
        "INSERT INTO customers (name) VALUES ('new'); SELECT name FROM customers WHERE name = 'new'; CALL totals()", shop.name
    )
    assert restored.detail.startswith("dumped again and compared, equal in all ")
    assert shop.schemas() == [shop.name]
    assert len(told) == 5
    shop.backup().restore(restored.replaced, consent())
    assert shop.everything() == later


def test_a_database_that_is_gone_comes_back(shop):
    before = shop.everything()
    taken = shop.backup().create()
    shop.sql(f"DROP DATABASE {shop.name}")
    restored = shop.backup().restore(taken.snapshot, consent())
    assert restored.replaced is None
    assert shop.everything() == before


def test_a_rehearsal_touches_nothing(shop):
    taken = shop.backup(compress="zstd").create()
    shop.sql(LATER, shop.name)
    later = shop.everything()
    assert "equal in all" in shop.backup().rehearse(taken.snapshot, print)
    assert shop.everything() == later
    assert shop.schemas() == [shop.name]


def test_events_never_run_beside_the_database(shop):
    """One that is due each second runs in its own database and not in the schema beside it."""
    shop.sql("CREATE TABLE ticks (ran_in VARCHAR(99));"
             f"CREATE EVENT tick ON SCHEDULE EVERY 1 SECOND DO INSERT INTO {shop.name}.ticks VALUES (DATABASE());", shop.name)  # fmt: skip
    taken = shop.backup().create()
    shop.as_root("SET GLOBAL event_scheduler = ON")
    try:
        shop.backup().rehearse(taken.snapshot, print)
        time.sleep(1)
    finally:
        shop.as_root("SET GLOBAL event_scheduler = OFF")
    assert shop.sql("SELECT DISTINCT ran_in FROM ticks", shop.name) == [[shop.name]]


def test_a_broken_view_does_not_keep_a_database_from_being_restored(shop):
    """It is what a restore is wanted for; the backup of what is overwritten goes without it, and says so."""
    before = shop.everything()
    taken = shop.backup().create()
    shop.sql("DROP TABLE audit; ALTER TABLE orders DROP COLUMN total", shop.name)
    with pytest.raises(NotDone, match="references invalid table"):
        shop.backup().create()
    told: list[str] = []
    shop.backup().restore(taken.snapshot, consent(told))
    assert any("without the views `a_summary`, `large`, which read what is not there" in each for each in told)
    assert shop.everything() == before


def harmed(shop, harm) -> str:
    """
    Take a backup, change the shop, restore with harm done to it, and give why that failed; nothing may have changed.
    """
    taken = shop.backup().create()
    shop.sql(LATER, shop.name)
    later = shop.everything()
    harm(taken.snapshot)
    with pytest.raises(NotDone) as raised:
        shop.backup().restore(taken.snapshot, consent())
    assert shop.everything() == later
    assert shop.schemas() == [shop.name]
    return raised.value.why


def test_a_loss_beyond_what_was_accepted_is_refused(shop):
    taken = shop.backup().create()
    shop.sql(LATER, shop.name)
    later = shop.everything()
    with pytest.raises(NotDone, match=r"changes of .* would be lost by now, and 1ms were accepted"):
        shop.backup().restore(taken.snapshot, consent(loss_us=1000))
    assert shop.everything() == later


def test_a_loss_that_grows_beyond_it_during_the_restore_is_refused(shop, monkeypatch):
    """The time that loading takes is part of the loss."""
    real = mysql_placing.Placing.swap_of

    def slow(self, *given):
        time.sleep(2.5)
        return real(self, *given)

    taken = shop.backup().create()
    began = time.monotonic()
    monkeypatch.setattr(mysql_placing.Placing, "swap_of", slow)
    later = shop.everything()
    with pytest.raises(NotDone, match="would be lost by now"):
        shop.backup().restore(taken.snapshot, consent(loss_us=int((time.monotonic() - began + 2.2) * 1e6)))
    assert shop.everything() == later
    assert shop.schemas() == [shop.name]


def test_a_damaged_backup_changes_nothing(shop):
    def damage(name: str) -> None:
        path = shop.folder / name
        data = bytearray(path.read_bytes())
        data[-200] ^= 0xFF
        path.write_bytes(data)

    assert re.search("no gzip file|checksum differs|ends too early|ERROR", harmed(shop, damage))


def test_what_does_not_come_back_as_it_was_changes_nothing(shop):
    """Here the sidecar says that a table held something else."""

    def damage(name: str) -> None:
        path = shop.folder / f"{name}.json"
        text = path.read_text()
        path.write_text(re.sub(r"(Dumping data for table `orders`\": \")....", r"\1beef", text))

    assert harmed(shop, damage) == "what was loaded is not what was dumped: `Dumping data for table `orders``"


def test_a_swap_that_fails_half_way_is_undone_by_the_server(shop, monkeypatch):
    """Whatever fails behind the tables' change of place: here a definition that the server does not take."""
    real = mysql_placing.definitions_of

    def broken(session, schema, views, *, has_events):
        return real(session, schema, views, has_events=has_events) + (
            b"" if has_events else b"CREATE VIEW nonsense AS SELECT nothing;\n"
        )

    monkeypatch.setattr(mysql_placing, "definitions_of", broken)
    assert "Unknown column 'nothing'" in harmed(shop, lambda _: None)


def test_a_table_in_use_is_waited_for_and_then_left_alone(shop, monkeypatch):
    """A transaction that is open keeps the tables from changing places; the restore gives up, and nothing has changed."""
    monkeypatch.setattr(mysql_swap, "_LOCK_SECONDS", 1)
    host, port = shop.server.address.split(":")
    taken = shop.backup().create()
    shop.sql(LATER, shop.name)
    later = shop.everything()
    holder = subprocess.Popen(
        ["mariadb", "--no-defaults", "-ucanary", f"-h{host}", f"-P{port}", shop.name],
        stdin=subprocess.PIPE, env={**os.environ, "MYSQL_PWD": PASSWORD},
    )  # fmt: skip
    holder.stdin.write(b"BEGIN; SELECT COUNT(*) FROM orders; DO SLEEP(4);\n")
    holder.stdin.flush()
    time.sleep(0.5)
    try:
        with pytest.raises(NotDone, match="Lock wait timeout exceeded"):
            shop.backup().restore(taken.snapshot, consent())
    finally:
        holder.stdin.close()
        holder.wait()
    assert shop.everything() == later
    assert shop.schemas() == [shop.name]


def test_only_one_restore_of_a_database_at_a_time(shop):
    taken = shop.backup().create()
    backup = shop.backup()
    told = []

    def meanwhile(text: str) -> None:
        with pytest.raises(NotDone, match="another restore of `shop` goes on"):
            backup.rehearse(taken.snapshot, print)
        told.append(text)

    backup.restore(taken.snapshot, Consent(loss_us=HOUR_US, tell=meanwhile))
    assert told
