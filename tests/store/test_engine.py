"""
A database that fails: bounded in time, told in our words, nothing half written.
"""

import sqlite3
import time

import pytest
from canarypolicy.live.storing import NewFreeze, StoreDown
from canarypolicy.store import sqlite
from canarypolicy.store.database import open_store
from sqlalchemy import text

from live.servers import free_port
from store.database_servers import running_mariadb, running_postgresql
from store.runs import append, begin, head_of, notes, now


def test_a_server_that_is_not_there_is_told_at_once(postgresql, mariadb):
    for server in (postgresql, mariadb):
        url = server.url("nothing").replace(server.address, f"127.0.0.1:{free_port()}")
        with open_store(url) as store, pytest.raises(StoreDown, match="cannot be used: connection refused"):
            store.runs(now())


def test_a_database_that_is_not_there_is_told(postgresql, mariadb):
    for server in (postgresql, mariadb):
        with open_store(server.url("nothing")) as store, pytest.raises(StoreDown, match="no database of that name"):
            store.runs(now())


@pytest.mark.parametrize("running", [running_postgresql, running_mariadb], ids=["postgresql", "mariadb"])
def test_a_stopped_server_is_given_up_in_time_and_used_again(running):
    """The driver alone would wait for ever."""
    with running() as server, open_store(server.new_url()) as store:
        lease = begin(store)
        first = notes("shop-1", "one")
        append(store, lease, first)
        server.stop()
        try:
            since = time.monotonic()
            with pytest.raises(StoreDown, match=r"did not answer in time|broke off|cannot be reached"):
                append(store, lease, notes("shop-1", "two", head=head_of(first)))
            assert time.monotonic() - since < 30  # the driver alone would wait for ever
            with open_store(server.url("other")) as other, pytest.raises(StoreDown):
                other.runs(now())
        finally:
            server.go_on()
        append(store, lease, notes("shop-1", "two", head=head_of(first)))
        assert [entry.body["note"] for entry in store.entries("shop-1")] == ["one", "two"]


def test_a_connection_that_was_closed_meanwhile_is_replaced(postgresql, mariadb):
    for server, others in (
        (postgresql, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"),
        (mariadb, None),
    ):
        url = server.new_url()
        with open_store(url) as store, open_store(url) as killer:
            lease = begin(store)
            name = url.rpartition("/")[2]

            def kill(connection, name=name, others=others):
                if others is not None:
                    connection.execute(text(others), {"name": name})
                    return
                mine = connection.execute(text("SELECT connection_id()")).scalar_one()
                query = text("SELECT id FROM information_schema.processlist WHERE db = :name AND id <> :mine")
                for (number,) in connection.execute(query, {"name": name, "mine": mine}).all():
                    connection.execute(text(f"KILL {number}"))

            killer._database.write(kill)
            append(store, lease, notes("shop-1", "one"))
            assert len(store.entries("shop-1")) == 1


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "runs.db").write_bytes(b"no database" * 100)
    with open_store(f"sqlite:///{tmp_path / 'runs.db'}") as store, pytest.raises(StoreDown, match="file is not a database"):
        store.runs(now())


def test_a_file_that_stays_locked_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setitem(sqlite.CONNECT, "timeout", 0.1)
    path = tmp_path / "runs.db"
    with open_store(f"sqlite:///{path}") as store:
        lease = begin(store)
        with sqlite3.connect(path, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreDown, match="another process kept it locked"):
                append(store, lease, notes("shop-1", "one"))
            assert store.entries("shop-1") == ()
        other.close()
        append(store, lease, notes("shop-1", "one"))


def test_a_file_is_durable(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'runs.db'}") as store:
        begin(store)

        def settings(connection):
            return [connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "synchronous")]

        assert store._database.read(settings) == ["wal", 2]


def test_the_user_needs_no_right_to_change_an_entry(postgresql):
    """The page on the store says which rights are enough once the tables are there."""
    url = postgresql.new_url()
    with open_store(url) as owner:
        begin(owner, "other", "other")

        def grant(connection):
            names = ["runs", "services", "requests", "freezes"]
            for statement in (
                "DROP ROLE IF EXISTS writer",
                "CREATE ROLE writer LOGIN PASSWORD 'wr1ter'",
                "GRANT SELECT ON canarypolicy_store TO writer",
                "GRANT SELECT, INSERT ON canarypolicy_entries TO writer",
                *(f"GRANT SELECT, INSERT, UPDATE ON canarypolicy_{name} TO writer" for name in names),
                "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO writer",
            ):
                connection.execute(text(statement))

        owner._database.write(grant)
    host = url.rpartition("@")[2]
    with open_store(f"postgresql://writer:wr1ter@{host}") as store:
        lease = begin(store)
        asked = store.ask("shop-1", {"event": "pause"}, now())
        append(store, lease, notes("shop-1", "one"), [asked])
        store.unfreeze(None, None, store.freeze(NewFreeze(policy=None, at_us=now())).at_us)
        store.release(lease, "complete")
        with pytest.raises(StoreDown, match="the user may not do that"):
            store._database.write(lambda connection: connection.execute(text("DELETE FROM canarypolicy_entries")))
