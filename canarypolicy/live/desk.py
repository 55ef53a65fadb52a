"""
The desk at which a run takes in what people and the store have for it: requests, freezes, and that the store is silent.

What it takes in becomes events of the journal. A silent store counts as frozen: nobody can say then that it is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_instant
from canarypolicy.engine.event import AbortEvent, FreezeEvent, UnfreezeEvent
from canarypolicy.history.draft import BadLine
from canarypolicy.live.checklist import ITEM
from canarypolicy.live.entry import Draft, EntryKind, canonical_text
from canarypolicy.live.folding import item_of
from canarypolicy.live.storing import StoreDown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canarypolicy.engine.event import Event
    from canarypolicy.engine.sample import RawSample
    from canarypolicy.live.run import Run
    from canarypolicy.live.storing import Freeze, Request

NO_STORE = "the store cannot be reached"


def take_in(run: Run) -> None:
    """
    Take in what is new; the lease is renewed on the way.
    """
    try:
        run.journal.flush()
        requests: Sequence[Request] = run.store.requests(run.name)
        freezes = run.store.freezes(run.policy, run.clock.now_us())
        is_there = run.journal.renew()
    except StoreDown:
        is_there = False
    if not is_there:
        _without_store(run)
        return
    if run.is_store_lost:
        run.is_store_lost = False
        run.tell("info", "store-up", "the store can be reached again")
    if run.fold.has_started and not run.fold.is_over:
        _take(run, requests)
        _compare(run, freezes)
    else:
        _aborts_only(run, requests)
        _items(run, requests)


def _take(run: Run, requests: Sequence[Request]) -> None:
    _items(run, requests)
    for request in requests:
        if request.event.get("event") == ITEM:
            continue
        item = _event_of(run, request)
        if item is None:
            body = {"note": "not-understood", "request": dict(request.event)}
            run.journal.write([Draft(kind=EntryKind.NOTE, at_us=run.journal.stamp(), body=body)], taken=[request.id])
            run.tell("error", "request-refused", "a request cannot be understood, and was put aside", request=dict(request.event))
            continue
        run.take([item], taken=[request.id])
        by = request.event.get("by")
        run.tell("info", "request", f"{request.event['event']} by {by or 'somebody'}", request=dict(request.event))
        if run.fold.is_over:
            return


def _items(run: Run, requests: Sequence[Request]) -> None:
    """
    Note what people ticked on the checklist; that changes nothing in the rollout.
    """
    for request in requests:
        if request.event.get("event") == ITEM:
            body = {"note": ITEM, "item": request.event.get("item"), "by": request.event.get("by")}
            run.journal.write([Draft(kind=EntryKind.NOTE, at_us=run.journal.stamp(), body=body)], taken=[request.id])
            run.tell("info", "item", f"`{body['item']}` is ticked by {body['by'] or 'somebody'}", item=body["item"])


def _event_of(run: Run, request: Request) -> RawSample | Event | None:
    try:
        return item_of(canonical_text({**request.event, "t": format_instant(run.journal.stamp())}))
    except (BadLine, KeyError):
        return None


def _aborts_only(run: Run, requests: Sequence[Request]) -> None:
    """
    Before the first step, and after the end, only an abort means something; all else waits for the step or for nobody.
    """
    if run.fold.has_started:
        return
    for request in requests:
        item = _event_of(run, request)
        if isinstance(item, AbortEvent):
            run.take([item], taken=[request.id])


def _compare(run: Run, freezes: Sequence[Freeze]) -> None:
    """
    Make events of freezes that were placed or lifted since.
    """
    held = run.fold.state.course.freeze
    now_us = run.journal.stamp()
    wanted = _longest(freezes)
    if wanted is None:
        if held is not None and (held.until_us is None or held.until_us > now_us):
            run.take([UnfreezeEvent(at_us=now_us)])
            run.tell("info", "unfrozen", "no freeze holds any more")
        return
    found = (wanted.by, wanted.reason, wanted.until_us)
    if held is None or (held.by, held.reason, held.until_us) != found:
        run.take([FreezeEvent(at_us=now_us, by=wanted.by, reason=wanted.reason, until_us=wanted.until_us)])
        run.tell("warning", "frozen", f"frozen by {wanted.by or 'somebody'}: {wanted.reason or 'no reason given'}")


def _longest(freezes: Sequence[Freeze]) -> Freeze | None:
    """
    Give the freeze that holds longest; of several without an end, the first.
    """
    return max(freezes, key=lambda each: (each.until_us is None, each.until_us or 0, -each.id), default=None)


def _without_store(run: Run) -> None:
    if not run.is_store_lost:
        run.is_store_lost = True
        run.tell("error", "store-down", f"{NO_STORE}: the rollout is held as if frozen; a rollback goes ahead all the same")
    if run.fold.has_started and not run.fold.is_over and run.fold.state.course.freeze is None:
        run.take([FreezeEvent(at_us=run.journal.stamp(), reason=NO_STORE)])
