"""
A note behind the journal of a run that nobody carries out: the run is held for as long as that takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from canarypolicy.documents.duration import SECOND_US
from canarypolicy.live.entry import Draft, EntryKind, chained

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.live.entry import Entry
    from canarypolicy.live.storing import Holder, RunRow, Store

_LEASE_US = 15 * SECOND_US


def note_down(store: Store, holder: Holder, row: RunRow, body: Mapping[str, Any], now_us: int) -> Entry:
    """
    Write a note and give its entry; `Held` if the run, or another one of its service, is carried out.
    """
    lease = store.take_over(row.run, holder, _LEASE_US, now_us)
    try:
        # Taken over, nobody else writes: what is read now is the head.
        head = store.find(row.run, now_us)
        (entry,) = chained(row.run, (head.head_seq, head.head_hash), [Draft(kind=EntryKind.NOTE, at_us=now_us, body=body)])
        store.append(lease, [entry], lease_us=_LEASE_US, now_us=now_us)
    finally:
        store.release(lease, row.state)
    return entry
