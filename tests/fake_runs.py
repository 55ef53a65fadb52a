"""
Runs in a store that nobody carries out: one that takes requests in as the loop does, and no more. They are fakes.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from tempfile import TemporaryDirectory
from threading import Event, Thread

from canarypolicy.documents.duration import format_instant
from canarypolicy.live.entry import EntryKind, canonical_text
from canarypolicy.live.folding import item_of
from canarypolicy.live.storing import NewFreeze
from canarypolicy.store.database import open_store

from journals import MINUTE_US, POLICY, START_US, JournalMaker

RUNNING = "shop-20260501-2"
ABANDONED = "cart-20260501-1"
ENDED = "shop-20260501-1"


def make_running(store):
    running = JournalMaker(store, run=RUNNING)
    running.enter(0)
    running.samples(3)
    running.sample(canary_errors=0.03)
    running.sample(canary_errors=None, why={"canary.errors": "no answer within 5s"})
    running.samples(4)
    running.enter(1)
    running.samples(3)
    return running


@contextmanager
def fake_run(folder, run=RUNNING):
    """
    A run that does nothing but take requests in, as the loop does; what `nobody` asks it leaves.
    """
    ended, faults = Event(), []

    def take_in():
        with closing(open_store(f"sqlite:///{folder / 'runs.db'}")) as store:
            maker = continued(store, run)
            while not ended.wait(0.01):
                for request in store.requests(run):
                    if request.event["by"] != "nobody":
                        maker.minute += 0.5
                        item = item_of(canonical_text({**request.event, "t": format_instant(maker.at_us)}))
                        maker.take(item, taken=[request.id])

    def guarded():
        try:
            take_in()
        except Exception as error:  # noqa: BLE001 - raised again where the test waits
            faults.append(error)

    thread = Thread(target=guarded)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
    assert not faults, faults


def continued(store, run):
    """
    Take the journal up where it is.
    """
    maker = JournalMaker.__new__(JournalMaker)
    with TemporaryDirectory() as folder, closing(open_store(f"sqlite:///{folder}/scratch.db")) as scratch:
        JournalMaker.__init__(maker, scratch, run=run)
    entries = store.entries(run)
    for entry in entries:
        if entry.kind in ("sample", "event"):
            maker.journal.record.fold.take(item_of(entry.text))
    maker.journal.store = maker.store = store
    maker.journal.head = (entries[-1].seq, entries[-1].hash)
    maker.minute = (entries[-1].at_us - START_US) / MINUTE_US
    return maker


def fill(folder):
    """
    Make two stores: `empty.db`, and `runs.db` with a run that goes on, one that was abandoned, one that ended and a freeze.
    """
    with closing(open_store(f"sqlite:///{folder / 'runs.db'}")) as store:
        JournalMaker(store, run=ENDED).complete()
        make_running(store)
        cart = POLICY.replace("{name: shop", "{name: cart")
        abandoned = JournalMaker(store, run=ABANDONED, policy=cart, service="cart", lease_us=5 * MINUTE_US)
        abandoned.enter(0)
        abandoned.sample()
        step = abandoned.program.steps[1]
        abandoned.intend(step)
        body = {"act": "weight", "for": "enter", "weight": step.weight, "attempt": 2, "why": "no answer within 2s"}
        abandoned.draft(EntryKind.FAIL, **body)
        store.freeze(NewFreeze(policy="cart", at_us=START_US, by="bo", reason="bad week"))
    with closing(open_store(f"sqlite:///{folder / 'empty.db'}")) as store:
        store.runs(START_US)
