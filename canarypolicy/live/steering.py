"""
Steering the traffic: a weight is set, read back and confirmed, and tried again until it is.

What is to be set stands in the record as the pending act; only the journal puts it there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.duration import SECOND_US
from canarypolicy.engine.event import StepEvent
from canarypolicy.history.decision_record import number
from canarypolicy.live.background import OneAtATime
from canarypolicy.live.entry import Draft, EntryKind
from canarypolicy.live.protocols import NotDone, Told

if TYPE_CHECKING:
    from canarypolicy.live.journal import Journal
    from canarypolicy.live.protocols import Traffic, Watcher
    from canarypolicy.live.record import Act

_LONGEST_PAUSE_US = 5 * SECOND_US
_FIRST_PAUSE_US = SECOND_US // 4
_CLOSE_ENOUGH = 0.5
"""Percent: proxies have whole numbers for weights."""


def is_weight(wanted: float, read: float) -> bool:
    """
    Tell whether a weight read back is the one wanted; none and all are exact.
    """
    if wanted in (0, 100):
        return read == wanted
    return abs(wanted - read) <= _CLOSE_ENOUGH


class Steering:
    """
    One actuator and what is known of its weight.
    """

    def __init__(self, traffic: Traffic, journal: Journal, watcher: Watcher, every_us: int) -> None:
        self._traffic = traffic
        self._journal = journal
        self._watcher = watcher
        self._patience_us = min(every_us * 3 // 10, 10 * SECOND_US)
        self._longest_pause_us = min(every_us, _LONGEST_PAUSE_US)
        self._calls: OneAtATime[float] = OneAtATime()
        self._attempts = 0
        self._next_us = 0
        self._act: Act | None = None
        self._aside: str | None = None
        self.read: float | None = None
        """The weight that was read last; None if it could not be read."""

    @property
    def attempts(self) -> int:
        """
        Count the attempts at the pending act by this process.
        """
        return self._attempts if self._act is self._journal.record.pending else 0

    @property
    def next_us(self) -> int | None:
        """
        Give when the pending act is to be tried next; None if there is none.
        """
        pending = self._journal.record.pending
        if pending is None:
            return None
        return self._next_us if self._act is pending else 0

    def look(self) -> bool:
        """
        Begin to read the weight; `seen` gives it.
        """
        return self._calls.begin(self._traffic.read_back)

    def seen(self, *, was_begun: bool) -> float:
        """
        Give the weight whose reading was begun; `NotDone` if it cannot be told, or not soon.
        """
        self.read = None
        if not was_begun:
            raise NotDone("it has not answered yet")
        self.read = self._calls.result(self._patience_us / SECOND_US)
        return self.read

    def attempt(self) -> bool:
        """
        Try once to carry out the pending act; True if it was confirmed. Without a pending act it is a mistake of ours.
        """
        act = self._journal.record.pending
        assert act is not None, "only a pending act is attempted"
        if self._act is not act:
            self._act, self._attempts = act, 0
        if not self._journal.may_act(is_rollback=act.purpose == "rollback"):
            self._later()
            return False
        self._attempts += 1
        try:
            read = self.seen(was_begun=self._calls.begin(lambda: self._set(act)))
        except NotDone as error:
            self._failed(act, error.why)
            return False
        if not is_weight(act.weight, read):
            self._failed(act, f"{number(read)} % is read back")
            return False
        self._confirmed(act, read)
        return True

    def _set(self, act: Act) -> float:
        """
        Set and read back. Traffic that is back is back, whatever else the actuator could not do on the way.
        """
        self._aside = None
        try:
            self._traffic.set(act.weight)
        except NotDone as error:
            if act.purpose != "rollback" or not is_weight(act.weight, self._traffic.read_back()):
                raise
            self._aside = error.why
        return self._traffic.read_back()

    def _confirmed(self, act: Act, read: float) -> None:
        journal = self._journal
        at_us = journal.stamp()
        body = {"act": "weight", "for": act.purpose, "step": act.step, "weight": act.weight, "read": read}
        drafts = [Draft(kind=EntryKind.CONFIRM, at_us=at_us, body={**body, "attempts": self._attempts})]
        if act.purpose == "enter" and act.step is not None:
            folded, _ = journal.fold(StepEvent(at_us=at_us, step=act.step, weight=act.weight))
            drafts += folded
        journal.write(drafts)
        if self._aside is not None:
            message = f"the traffic is back, but not all was done: {self._aside}"
            self._watcher.tell(Told(level="error", event="act-incomplete", message=message, facts={"why": self._aside}))
        self._watcher.tell(
            Told(
                level="info",
                event="act-confirmed",
                message=f"the canary has {number(read)} % of the traffic ({_PURPOSES[act.purpose]})",
                facts={**body, "attempt": self._attempts},
            )
        )

    def _failed(self, act: Act, why: str) -> None:
        """
        Note a failed attempt; of many in a row, the journal gets the first, second, fourth, eighth and so on.
        """
        self._later()
        if self._attempts & (self._attempts - 1) == 0:
            body = {"act": "weight", "for": act.purpose, "weight": act.weight, "attempt": self._attempts, "why": why}
            self._journal.note(EntryKind.FAIL, **body)
        self._watcher.tell(
            Told(
                level="error" if act.purpose == "rollback" else "warning",
                event="act-failed",
                message=f"cannot set {number(act.weight)} % ({_PURPOSES[act.purpose]}), attempt {self._attempts}: {why}",
                facts={"act": "weight", "for": act.purpose, "weight": act.weight, "attempt": self._attempts, "why": why},
            )
        )

    def _later(self) -> None:
        doubled_us = _FIRST_PAUSE_US << min(max(self._attempts - 1, 0), 10)
        self._next_us = self._journal.clock.now_us() + min(doubled_us, self._longest_pause_us)


_PURPOSES = {
    "enter": "a step is entered",
    "rollback": "rollback",
    "repair": "it had drifted",
    "keep": "an advance was given up",
}
