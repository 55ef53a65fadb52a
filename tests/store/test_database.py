"""
What every database promises alike: runs, journals, requests.
"""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from canarypolicy.documents.secrets import Secret
from canarypolicy.errors import Unavailable
from canarypolicy.live.entry import ROOT, Draft, EntryKind, chained, first_fault
from canarypolicy.live.storing import StoreDown, UnknownRun
from canarypolicy.store.database import open_store
from canarypolicy.store.holder import holder_of_this_process
from canarypolicy.store.tables import versions
from sqlalchemy import select

from store.runs import append, begin, head_of, new_run, notes, now

WORDS = ["ü ✓ 𝄞 'quoted' \"twice\" \\ ;--", "a\x00b\n\t", "trailing  ", "%s %(x)s :name ?"]


def test_a_journal_is_given_as_it_was_written(store):
    lease = begin(store)
    entries = notes("shop-1", *WORDS)
    append(store, lease, entries)
    assert store.entries("shop-1") == entries
    assert [entry.body["note"] for entry in store.entries("shop-1")] == WORDS
    assert first_fault(store.entries("shop-1"), "shop-1") is None


def test_a_reader_may_ask_for_what_is_new(store):
    lease = begin(store)
    entries = notes("shop-1", "one", "two", "three")
    append(store, lease, entries)
    assert store.entries("shop-1", after=1) == entries[1:]
    assert store.entries("shop-1", after=3) == ()


def test_a_long_text_is_kept_whole(store):
    lease = begin(store)
    body = {"policy_text": "x✓" * 300_000}
    entries = chained("shop-1", (0, ROOT), [Draft(kind=EntryKind.BEGIN, at_us=now(), body=body)])
    append(store, lease, entries)
    assert store.entries("shop-1")[0].body == body


def test_a_run_is_given_as_it_was_made_with_its_head(store):
    new = new_run()
    lease = begin(store)
    entries = notes("shop-1", "one", "two")
    append(store, lease, entries)
    row = store.find("shop-1", now())
    assert (row.policy, row.environment, row.service, row.digest) == ("shop", "test", "shop", new.digest)
    assert (row.head_seq, row.head_hash) == head_of(entries)
    assert (row.state, row.is_held) == ("running", True)
    assert store.journal("shop-1", now())[1] == entries


def test_runs_are_given_youngest_first(store):
    for number in (1, 3, 2):
        store.begin(new_run(f"shop-{number}", f"service {number}", at_us=number), holder_of_this_process(), 1, now())
    assert [row.run for row in store.runs(now())] == ["shop-3", "shop-2", "shop-1"]


def test_the_beginning_of_one_name_finds_the_run(store):
    begin(store, "shop-a1", "one")
    begin(store, "shop-b1", "two")
    begin(store, "Shop-a", "three")
    begin(store, "shop_%", "four")
    assert store.find("shop-a", now()).run == "shop-a1"
    assert store.find("shop_", now()).run == "shop_%"
    with pytest.raises(UnknownRun, match="may be any of the runs `shop-a1`, `shop-b1`"):
        store.find("shop-", now())


def test_a_whole_name_wins_over_longer_ones(store):
    begin(store, "shop", "one")
    begin(store, "shop-1", "two")
    assert store.find("shop", now()).run == "shop"


@pytest.mark.parametrize("run", ["nobody", "", "%"])
def test_a_run_that_is_not_there_is_unknown(store, run):
    begin(store)
    for ask in (lambda: store.find(run, now()), lambda: store.ask(run, {}, now()), lambda: store.journal(run, now())):
        with pytest.raises(UnknownRun, match="has no run"):
            ask()


def test_requests_are_kept_in_order_until_they_are_taken_in(store):
    lease = begin(store)
    asked = [store.ask("shop-1", {"event": "pause", "by": f"user {number}"}, now()) for number in range(3)]
    assert [request.id for request in store.requests("shop-1")] == sorted(asked)
    assert store.requests("shop-1")[0].event == {"event": "pause", "by": "user 0"}
    append(store, lease, notes("shop-1", "one"), [asked[0], asked[2]])
    assert [request.id for request in store.requests("shop-1")] == [asked[1]]


def test_a_request_is_taken_in_with_the_entries_or_not_at_all(store):
    lease = begin(store)
    begin(store, "shop-2", "other")
    other = store.ask("shop-2", {"event": "pause"}, now())
    with pytest.raises(ValueError, match="left to the run"):
        append(store, lease, notes("shop-1", "one"), [other])
    assert store.entries("shop-1") == ()
    assert len(store.requests("shop-2")) == 1


def test_entries_whose_commit_was_not_answered_are_written_once(store):
    """The answer to a commit may be lost with the connection: the same entries come again, perhaps with more behind them."""
    lease = begin(store)
    asked = store.ask("shop-1", {"event": "pause"}, now())
    first = notes("shop-1", "one", "two")
    append(store, lease, first, [asked])
    append(store, lease, first, [asked])
    more = (*first, *notes("shop-1", "three", head=head_of(first)))
    append(store, lease, more, [asked])
    assert store.entries("shop-1") == more
    assert store.requests("shop-1") == ()


def test_a_message_has_no_secret(postgresql, mariadb):
    for server in (postgresql, mariadb):
        wrong = server.url("postgres").replace("canary:", "canary:wr0ng-")
        for url, shown in ((wrong, "canary:***@"), (Secret(wrong), "the store cannot be used")):
            with pytest.raises(StoreDown) as caught:
                open_store(url).runs(0)
            assert shown in caught.value.message
            assert "does not know the user or the password" in caught.value.message
            assert "wr0ng" not in f"{caught.value!r}{caught.value.help}{caught.value.__cause__!r}"
            assert caught.value.__suppress_context__


def test_names_that_differ_in_capitals_are_two(store):
    begin(store, "shop", "service")
    begin(store, "Shop", "Service")
    append(store, begin(store, "SHOP", "SERVICE"), notes("SHOP", "one"))
    assert store.entries("shop") == ()
    assert {row.run for row in store.runs(now())} == {"shop", "Shop", "SHOP"}


def test_bodies_are_canonical(store):
    lease = begin(store)
    entries = chained("shop-1", (0, ROOT), [Draft(kind=EntryKind.NOTE, at_us=now(), body={"b": 1.5, "a": [None, True]})])
    append(store, lease, entries)
    assert store.entries("shop-1")[0].text == '{"a":[null,true],"b":1.5}'
    assert json.loads(store.entries("shop-1")[0].text) == {"b": 1.5, "a": [None, True]}


def test_a_store_of_a_later_version_is_refused(url):
    with open_store(url) as store:
        begin(store)
        store._database.write(lambda connection: connection.execute(versions.update().values(version=99)))
    with open_store(url) as store, pytest.raises(Exception, match="has the version 99") as caught:
        store.runs(now())
    assert "later one" in caught.value.help


def test_tables_are_made_once_for_threads_that_come_together(url):
    stores = [open_store(url) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda each: each.runs(0), stores))
    assert len(stores[0]._database.read(lambda connection: connection.execute(select(versions)).all())) == 1
    for store in stores:
        store.close()


def test_nothing_is_opened_before_it_is_used(tmp_path):
    open_store(f"sqlite:///{tmp_path / 'runs.db'}")
    assert not (tmp_path / "runs.db").exists()
    with pytest.raises(Unavailable, match="does not exist"):
        open_store(f"sqlite:///{tmp_path / 'no' / 'runs.db'}")
