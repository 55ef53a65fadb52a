"""
The store as the loop and the operators' commands see it: runs, their journals, requests, freezes.

A run is held by one process at a time. Whoever takes it over raises its `fence`: with an older one nothing can be
appended, so a holder that wakes up again cannot act.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from canarypolicy.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canarypolicy.live.entry import Entry


class StoreDown(Unavailable):
    """
    The store cannot be reached; nothing is known, and nothing was written.
    """


class LeaseLost(Unavailable):
    """
    Another process holds the run, or its service, now: this one may not act any more.
    """


class Held(Unavailable):
    """
    The run, or its service, is held by a living process.
    """


class UnknownRun(Unavailable):
    """
    There is no run of that name.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """
    A process that may hold a run.
    """

    host: str
    pid: int
    started: str
    """When the process was started, as its system tells it: a pid alone may be another process by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """
    A run that is about to begin.
    """

    run: str
    policy: str
    environment: str
    service: str
    """Whose traffic it moves: one run at a time."""
    digest: str
    started_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """
    The right to act for a run, until `expires_us` of the holder's own clock unless renewed.
    """

    run: str
    fence: int
    expires_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """
    A run as the store knows it.
    """

    run: str
    policy: str
    environment: str
    service: str
    digest: str
    started_us: int
    state: str
    """`running`, `interrupted`, or how it ended: `complete`, `rolled-back`, `refused`."""
    holder: Holder | None
    """None: nobody holds it."""
    is_held: bool
    """Whether the holder's lease has not expired and, on this host, its process lives."""
    expires_us: int
    head_seq: int
    head_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """
    What an operator asked of a run: the loop makes an event of it.
    """

    id: int
    at_us: int
    event: Mapping[str, Any]
    """The event as a line of a recording, without its time: `{"event": "pause", "by": ..., "reason": ...}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """
    A freeze of further rollouts: of one policy's name or, with None, of all in the store.
    """

    id: int
    policy: str | None
    at_us: int
    by: str | None
    reason: str | None
    until_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFreeze:
    """
    A freeze that is about to be placed.
    """

    policy: str | None
    at_us: int
    by: str | None = None
    reason: str | None = None
    until_us: int | None = None


class Store(Protocol):
    """
    Runs and what belongs to them. Whatever fails for the world's sake is `StoreDown`; every method is one transaction.
    """

    def begin(self, new: NewRun, holder: Holder, lease_us: int, now_us: int) -> Lease:
        """
        Make a run and take its lease; `Held` if another run of its service is held by a living process.
        """

    def take_over(self, run: str, holder: Holder, lease_us: int, now_us: int) -> Lease:
        """
        Take a run whose holder is dead, gone or expired and raise its fence; `Held` and `UnknownRun` otherwise.
        """

    def append(self, lease: Lease, entries: Sequence[Entry], taken: Sequence[int] = (), *, lease_us: int, now_us: int) -> Lease:
        """
        Append entries behind the present head, mark requests as taken, and renew the lease: all of it or nothing.

        `LeaseLost` if the fence is not the run's; a head that is not the one expected is `LeaseLost`, too.
        """

    def renew(self, lease: Lease, lease_us: int, now_us: int) -> Lease:
        """
        Renew the lease; `LeaseLost` if the fence is not the run's.
        """

    def release(self, lease: Lease, state: str) -> None:
        """
        Give the run up and note its state.
        """

    def entries(self, run: str, after: int = 0) -> Sequence[Entry]:
        """
        Give a run's journal as it is written, in the order of the numbers: what comes behind the number `after`.
        """

    def runs(self, now_us: int) -> Sequence[RunRow]:
        """
        Give all runs, the youngest first.
        """

    def find(self, run: str, now_us: int) -> RunRow:
        """
        Give the run of that name, or the only one whose name begins so; `UnknownRun` otherwise.
        """

    def ask(self, run: str, event: Mapping[str, Any], now_us: int) -> int:
        """
        Leave a request to a run and give its number.
        """

    def requests(self, run: str) -> Sequence[Request]:
        """
        Give the requests that the run has not taken in, the oldest first.
        """

    def freeze(self, new: NewFreeze) -> Freeze:
        """
        Freeze further rollouts. The same policy, reason and time twice is one freeze.
        """

    def unfreeze(self, policy: str | None, by: str | None, now_us: int) -> Sequence[Freeze]:
        """
        Lift the freezes of a policy or, with None, those of all, and give those that were lifted.
        """

    def freezes(self, policy: str | None, now_us: int) -> Sequence[Freeze]:
        """
        Give the freezes in force that hold a policy, those of all included; with None every one in the store.
        """
