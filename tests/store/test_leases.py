"""
Who may act: one run a service, one holder a run, and nobody with an old fence. Processes here are real ones.
"""

import random
import time

import pytest
from canarypolicy.live.entry import first_fault
from canarypolicy.live.storing import Held, LeaseLost, UnknownRun
from canarypolicy.store.database import open_store
from canarypolicy.store.holder import holder_of_this_process
from canarypolicy.store.tables import services
from sqlalchemy import select

from store.runs import ELSEWHERE, LEASE_US, SECOND_US, append, begin, head_of, new_run, notes, now, with_fence
from store.workers import working

ME = holder_of_this_process()


def take_over(store, run="shop-1", holder=ME, lease_us=LEASE_US, at_us=None):
    return store.take_over(run, holder, lease_us, now() if at_us is None else at_us)


def test_a_second_run_of_a_service_is_refused_and_told_who_holds_it(store):
    begin(store)
    with pytest.raises(Held) as caught:
        begin(store, "shop-2")
    assert caught.value.message.startswith(
        f"the run `shop-1` of the service `shop` is held by process {ME.pid} on `{ME.host}` since 20"
    )
    assert "`canarypolicy run --continue shop-1`" in caught.value.help
    assert [row.run for row in store.runs(now())] == ["shop-1"]


def test_runs_of_other_services_go_beside(store):
    begin(store)
    begin(store, "till-1", "till")


def test_a_run_that_was_given_up_leaves_its_service(store):
    store.release(begin(store), "complete")
    row = store.find("shop-1", now())
    assert (row.state, row.holder, row.is_held) == ("complete", None, False)
    begin(store, "shop-2")


def test_a_name_is_used_once(store):
    lease = begin(store)
    append(store, lease, notes("shop-1", "one"))
    store.release(lease, "complete")
    with pytest.raises(Held, match="there is a run `shop-1` already"):
        begin(store)


def test_a_run_without_an_entry_never_began(store):
    """Its process died in between: whoever begins it again, perhaps for another service, takes its place."""
    former = begin(store, holder=ELSEWHERE, lease_us=1)
    time.sleep(0.01)
    lease = begin(store, "shop-1", "till")
    assert lease.fence > former.fence
    with pytest.raises(LeaseLost):
        append(store, former, notes("shop-1", "one"))
    append(store, lease, notes("shop-1", "one"))
    with pytest.raises(Held):
        begin(store, "till-1", "till")
    begin(store, "shop-2", "shop")


def test_a_living_holder_on_another_host_keeps_its_run_until_it_expires(store):
    lease = begin(store, holder=ELSEWHERE, lease_us=SECOND_US)
    with pytest.raises(Held, match="on `elsewhere"):
        take_over(store)
    time.sleep(1.1)
    assert take_over(store).fence == lease.fence + 1
    with pytest.raises(LeaseLost):
        store.renew(lease, LEASE_US, now())


def test_renewing_keeps_the_lease(store):
    lease = begin(store, holder=ELSEWHERE, lease_us=SECOND_US)
    renewed = store.renew(lease, LEASE_US, now())
    assert renewed.fence == lease.fence
    assert renewed.expires_us > lease.expires_us
    time.sleep(1.1)
    with pytest.raises(Held):
        take_over(store)


def test_hosts_need_not_agree_on_the_time_where_there_is_a_server(postgresql, mariadb):
    """The holder's clock is an hour behind, the taker's an hour ahead: the lease counts all the same."""
    hour_us = 3600 * SECOND_US
    for server in (postgresql, mariadb):
        with open_store(server.new_url()) as store:
            store.begin(new_run(), ELSEWHERE, LEASE_US, now() - hour_us)
            with pytest.raises(Held):
                take_over(store, at_us=now() + hour_us)


def test_an_old_fence_can_do_nothing(store):
    lease = begin(store, holder=ELSEWHERE, lease_us=1)
    entries = notes("shop-1", "one")
    append(store, lease, entries)
    store.renew(lease, 1, now() - SECOND_US)
    time.sleep(0.01)
    taken = take_over(store)
    more = notes("shop-1", "two", head=head_of(entries))
    for attempt in (
        lambda: append(store, lease, more),
        lambda: store.renew(lease, LEASE_US, now()),
        lambda: store.release(lease, "complete"),
        lambda: append(store, with_fence(lease, 99), more),
    ):
        with pytest.raises(LeaseLost, match="another process holds the run `shop-1`"):
            attempt()
    assert store.entries("shop-1") == entries
    assert store.find("shop-1", now()).is_held
    append(store, taken, more)


def test_a_head_that_is_not_the_journals_is_refused(store):
    lease = begin(store)
    entries = notes("shop-1", "one", "two")
    append(store, lease, entries)
    for wrong in (
        notes("shop-1", "other"),
        notes("shop-1", "gap", head=(5, entries[-1].hash)),
        notes("shop-1", "fork", head=(2, entries[0].hash)),
    ):
        with pytest.raises(LeaseLost):
            append(store, lease, wrong)
    assert store.entries("shop-1") == entries


def test_taking_the_service_fences_the_run_that_had_it(store):
    """The former run's holder is not asked: it may be stopped, and wake up later."""
    former = begin(store, holder=ELSEWHERE, lease_us=1)
    time.sleep(0.01)
    begin(store, "shop-2")
    row = store.find("shop-1", now())
    assert (row.state, row.holder) == ("interrupted", None)
    with pytest.raises(LeaseLost):
        append(store, former, notes("shop-1", "one"))
    with pytest.raises(Held, match="the run `shop-2`"):
        take_over(store)


def test_a_run_takes_its_service_back_once_that_is_free(store):
    begin(store, holder=ELSEWHERE, lease_us=1)
    time.sleep(0.01)
    second = begin(store, "shop-2")
    store.release(second, "complete")
    take_over(store)
    with pytest.raises(Held, match="the run `shop-1`"):
        begin(store, "shop-3")
    assert store.find("shop-2", now()).state == "complete"


def test_a_run_that_nobody_made_cannot_be_taken(store):
    with pytest.raises(UnknownRun):
        take_over(store)


def test_a_dead_holder_on_this_host_is_not_waited_for(url, store):
    with working(url) as [worker]:
        assert worker.ask("begin", "shop-1", "shop", LEASE_US) == 1
        with pytest.raises(Held):
            take_over(store)
        worker.kill()
        assert not store.find("shop-1", now()).is_held
        assert take_over(store).fence == 2


def test_a_stopped_holder_is_fenced_when_it_wakes_up(url, store):
    with working(url) as [worker]:
        worker.ask("begin", "shop-1", "shop", SECOND_US)
        worker.stop()
        with pytest.raises(Held):
            take_over(store)
        time.sleep(1.1)
        taken = take_over(store)
        worker.go_on()
        assert worker.ask("append", "late") == "LeaseLost"
        append(store, taken, notes("shop-1", "mine"))
        assert [entry.body["note"] for entry in store.entries("shop-1")] == ["mine"]


def test_of_processes_that_race_for_a_service_one_wins(url, store):
    services = [f"service {number}" for number in range(8)]
    with working(url, 3) as workers:
        for number, service in enumerate(services):
            for place, worker in enumerate(workers):
                worker.tell("begin", f"run-{number}-{place}", service, LEASE_US)
            answers = [worker.answer() for worker in workers]
            assert sorted(map(str, answers)) == ["1", "Held", "Held"]
    assert len(store.runs(now())) == len(services)


def test_who_waited_for_a_service_looks_at_it_anew(url, store):
    """Both have asked before either could have it."""
    store.release(begin(store, "shop-0"), "complete")
    with working(url, 2) as workers:

        def keep_it_locked(connection):
            connection.execute(select(services).with_for_update()).all()
            for place, worker in enumerate(workers):
                worker.tell("begin", f"shop-{place + 1}", "shop", LEASE_US)
            time.sleep(0.5)

        store._database.write(keep_it_locked)
        assert sorted(str(worker.answer()) for worker in workers) == ["1", "Held"]


def test_of_processes_that_race_for_a_run_one_wins(url, store):
    with working(url, 3) as workers:
        for number in range(8):
            run = f"shop-{number}"
            store.release(begin(store, run, f"service {number}"), "interrupted")
            for worker in workers:
                worker.tell("take_over", run, LEASE_US)
            assert sorted(str(worker.answer()) for worker in workers) == ["2", "Held", "Held"]


@pytest.mark.parametrize("attempt", range(10))
def test_a_process_killed_while_it_writes_leaves_all_of_an_append_or_nothing(url, store, attempt):
    """Three times an attempt and a database: 30 kills in each."""
    batch = 3
    for number in range(3):
        run = f"shop-{number}"
        with working(url) as [worker]:
            worker.ask("begin", run, f"service {number}", LEASE_US)
            worker.tell("append_for_ever", batch)
            told = int(worker.process.stdout.readline())
            time.sleep(random.uniform(0, 0.05))
            worker.kill()
            told = max([told, *(int(line) for line in worker.process.stdout if line.endswith("\n"))])
        lease = take_over(store, run)  # waits for a server that is still busy with what the dead process sent last
        row, entries = store.journal(run, now())
        assert first_fault(entries, run) is None
        assert len(entries) % batch == 0
        assert (row.head_seq, row.head_hash) == head_of(entries)
        assert told <= row.head_seq <= told + batch
        append(store, lease, notes(run, "on it goes", head=head_of(entries)))
