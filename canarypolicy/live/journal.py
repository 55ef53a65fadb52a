"""
The journal of a run that goes on: what happened is folded, chained and committed, in this order.

While the store cannot be reached, entries wait here and are written as soon as it can be; whoever acts asks whether what
they act on is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from canarypolicy.engine.sample import RawSample
from canarypolicy.history.decision_record import decision_record
from canarypolicy.history.recording_text import event_line, sample_line
from canarypolicy.live.entry import Draft, EntryKind, canonical_text, chained
from canarypolicy.live.folding import item_of
from canarypolicy.live.storing import StoreDown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.event import Event
    from canarypolicy.history.decision_record import PolicyMark
    from canarypolicy.live.entry import Entry
    from canarypolicy.live.protocols import Clock
    from canarypolicy.live.record import Record
    from canarypolicy.live.storing import Lease, Store


@dataclass(slots=True, kw_only=True)
class Journal:
    """
    Writes one run's journal, and keeps the record of it up to date.
    """

    store: Store
    lease: Lease
    lease_us: int
    """For how long the lease is asked."""
    record: Record
    mark: PolicyMark
    clock: Clock
    head: tuple[int, str]
    """Number and hash of the last entry, those that wait included."""
    _waiting: list[Entry] = field(default_factory=list)
    _taken: list[int] = field(default_factory=list)

    @property
    def is_behind(self) -> bool:
        """
        Tell whether entries wait for the store.
        """
        return bool(self._waiting)

    def stamp(self) -> int:
        """
        Give the present, or the first instant after the last item should the clock have gone back.
        """
        return max(self.clock.now_us(), self.record.last_us, self.record.fold.last_us + 1)

    def fold(self, item: RawSample | Event) -> tuple[list[Draft], Decision | None]:
        """
        Fold what happened, exactly as it will be read again, and give what is to be written of it.
        """
        is_sample = isinstance(item, RawSample)
        line = sample_line(item) if isinstance(item, RawSample) else event_line(item)
        decision = self.record.fold.take(item_of(canonical_text(line)))
        drafts = [Draft(kind=EntryKind.SAMPLE if is_sample else EntryKind.EVENT, at_us=item.at_us, body=line)]
        if decision is not None:
            record = decision_record(decision, self.mark)
            drafts.append(Draft(kind=EntryKind.DECISION, at_us=item.at_us, body=record))
        return drafts, decision

    def write(self, drafts: Sequence[Draft], taken: Iterable[int] = ()) -> bool:
        """
        Commit drafts as a whole, what waited before them; False if the store cannot be reached, and they wait.

        `LeaseLost` if somebody else holds the run now: nothing may be done any more.
        """
        entries = chained(self.lease.run, self.head, drafts)
        for draft in drafts:
            self.record.add(draft.kind, draft.at_us, draft.body)
        if entries:
            self.head = (entries[-1].seq, entries[-1].hash)
        self._waiting.extend(entries)
        self._taken.extend(taken)
        return self.flush()

    def note(self, kind: EntryKind, /, **body: object) -> bool:
        """
        Commit one entry of now.
        """
        return self.write([Draft(kind=kind, at_us=self.stamp(), body=body)])

    def flush(self) -> bool:
        """
        Commit what waits; False if the store cannot be reached.
        """
        if not self._waiting:
            return True
        try:
            self.lease = self.store.append(
                self.lease, self._waiting, self._taken, lease_us=self.lease_us, now_us=self.clock.now_us()
            )
        except StoreDown:
            return False
        self._waiting.clear()
        self._taken.clear()
        return True

    def renew(self, *, at_once: bool = False) -> bool:
        """
        Keep the lease alive; False if the store cannot be reached.
        """
        now_us = self.clock.now_us()
        if not at_once and self.lease.expires_us - now_us > self.lease_us * 2 // 3:
            return True
        try:
            self.lease = self.store.renew(self.lease, self.lease_us, now_us)
        except StoreDown:
            return False
        return True

    def may_act(self, *, is_rollback: bool) -> bool:
        """
        Tell whether this process may act now: it holds the run, and what it acts on is written.

        What gives traffic back is done also while the store cannot say so; `LeaseLost` where it says the contrary.
        """
        if is_rollback and self.is_behind:
            return True
        is_written = self.flush()
        is_sure = self.clock.now_us() < self.lease.expires_us - self.lease_us // 4 or self.renew(at_once=True)
        return (is_written and is_sure) or is_rollback
