"""
What the loop needs of the world, one protocol a part: traffic, probes, backups, notifiers, signals, the clock, the watcher.

The store has a page of its own, `canarypolicy.live.storing`, and so have backups that can be restored,
`canarypolicy.live.archive`. Whatever a part cannot do is `NotDone` with why, and no other
exception; each part keeps a time limit of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

    from canarypolicy.documents.secrets import World
    from canarypolicy.engine.sample import RawSample


class NotDone(Exception):
    """
    A part of the world did not do what was asked; `why` is one sentence part in lower case, without secrets.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Member(Protocol):
    """
    What every kind's member is besides: made by its name from the parameters that users write.
    """

    name: ClassVar[str]
    Parameters: ClassVar[type[BaseModel]]

    def __init__(self, label: str, parameters: Any, world: World) -> None:
        """
        Make it ready without touching anything; a secret that is not there is `Unavailable`.
        """


class Traffic(Protocol):
    """
    What shares traffic out between canary and baseline. Both methods may be called from any thread, one at a time.
    """

    def set(self, weight: float) -> None:
        """
        Give the canary so many percent of the traffic, 0 to 100. Setting the same weight again is harmless.
        """

    def read_back(self) -> float:
        """
        Give the canary's percent of the traffic as the proxy itself tells it.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """
    One thing that a probe looked at.
    """

    name: str
    ok: bool
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """
    What a probe found; `fields` are the typed values that its kind or its `captures` declare.
    """

    checks: tuple[Check, ...]
    fields: Mapping[str, object] = field(default_factory=dict)

    def as_record(self) -> dict[str, Any]:
        """
        Give `result` as gates read it and recordings hold it; a captured field stands in for the count of its name.
        """
        passed = sum(check.ok for check in self.checks)
        return {
            "passed": passed,
            "failed": len(self.checks) - passed,
            "checks": [
                {"name": check.name, "ok": check.ok, "detail": check.detail, "seconds": check.seconds} for check in self.checks
            ],
            **self.fields,
        }


class Probe(Protocol):
    """
    One look at whether something works.
    """

    def look(self) -> ProbeResult:
        """
        Look within the probe's own time limit; whatever does not work is a check that is not ok, and nothing is raised.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """
    A snapshot that was taken and can be named.
    """

    snapshot: str
    detail: str = ""


class Backup(Protocol):
    """
    What takes the rollback snapshot.
    """

    def create(self) -> Taken:
        """
        Take a snapshot and give its name; one that is not whole is `NotDone`.
        """


class Occurrence(Enum):
    """
    What people are told of.
    """

    ROLLED_BACK = "rolled-back"
    RECOVERED = "recovered"
    NOT_RECOVERED = "not-recovered"
    OVERDUE = "overdue"
    APPROVAL = "waiting-for-approval"
    COMPLETE = "complete"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """
    A message to people. The same `key` twice is the same message: a receiver may drop the second.
    """

    occurrence: Occurrence
    key: str
    text: str
    """One or two sentences: what happened, where, why."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The same as data: run, policy, step, weight, at, reasons."""


class Notifier(Protocol):
    """
    Who tells people.
    """

    def notify(self, notice: Notice) -> None:
        """
        Tell people within the notifier's own time limit; what was not taken in is `NotDone`.
        """


class Signals(Protocol):
    """
    All signals of a policy, asked together.
    """

    def sample(self, at_us: int) -> RawSample:
        """
        Give the sample of now, `at_us`, before the deadline of one tick; what did not answer is missing with why.
        """

    def history(self, at_us: int) -> Sequence[RawSample]:
        """
        Give the samples before `at_us` that derived signals need, as far as sources know the past; none if none does.
        """


class Clock(Protocol):
    """
    The time, and waiting for it.
    """

    def now_us(self) -> int:
        """
        Give the present in microseconds since 1970.
        """

    def sleep_until(self, at_us: int) -> None:
        """
        Return at that time, or a little earlier when somebody asked the process to stop.
        """

    def is_stopping(self) -> bool:
        """
        Tell whether somebody asked the process to stop.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """
    One line of the log.
    """

    level: str
    """`info`, `warning` or `error`."""
    event: str
    """A kebab-case word for machines."""
    message: str
    """The sentence for people."""
    facts: Mapping[str, Any] = field(default_factory=dict)


class Watcher(Protocol):
    """
    Who looks on: the log, the metrics. Nothing that it does changes the rollout.
    """

    def tell(self, told: Told) -> None:
        """
        Take a line of the log.
        """

    def measure(self, facts: Mapping[str, Any]) -> None:
        """
        Take what a tick measured: see `canarypolicy.live.loop` for the keys.
        """
