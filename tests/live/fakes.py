"""
Fakes for the loop: a world with a clock that goes on only when somebody sleeps, and parts that do as they are told.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.program import build
from canarypolicy.engine.sample import RawSample
from canarypolicy.live.beginning import Occasion, Whereabouts, begin_journal, continue_journal, go_on, program_of
from canarypolicy.live.notices import Notices
from canarypolicy.live.protocols import Check, NotDone, ProbeResult, Taken, Told
from canarypolicy.live.run import Run
from canarypolicy.live.steering import Steering
from canarypolicy.live.storing import Holder, UnknownRun

SECOND = 1_000_000
BEGIN_US = 1_790_000_000 * SECOND
RUN = "shop-1"
HEALTHY = {"canary.errors": 0.001, "baseline.seconds": 0.2, "incident.data": False}

WAITED_FOR = threading.Event()
"""Set while the fake clock waits for other threads."""


@dataclass
class World:
    """
    What is outside of the process: the time and the canary's weight.
    """

    now_us: int = BEGIN_US
    weight: float = 0.0

    @property
    def second(self) -> int:
        return (self.now_us - BEGIN_US) // SECOND


@dataclass
class FakeClock:
    """
    Goes on only when somebody sleeps, and only when no other thread has anything to do.
    """

    world: Any
    on_second: Callable[[int], None] = lambda second: None
    """Told of the time after each sleep."""
    stop_at: int | None = None
    """The second at which the process is asked to stop."""

    def now_us(self) -> int:
        return self.world.now_us

    def sleep_until(self, at_us: int) -> None:
        others = [thread for thread in threading.enumerate() if thread.daemon and thread.name.startswith("Thread-")]
        WAITED_FOR.set()
        for thread in others:
            thread.join(30)
        WAITED_FOR.clear()
        if others:
            return  # what they found is looked at before time goes on
        self.world.now_us = max(self.world.now_us, at_us)
        self.on_second((self.world.now_us - BEGIN_US) // SECOND)

    def is_stopping(self) -> bool:
        return self.stop_at is not None and self.world.now_us - BEGIN_US >= self.stop_at * SECOND


@dataclass
class FakeTraffic:
    """
    A weight; `refuse` says why it cannot be set or read now.
    """

    world: Any
    point: Callable[[], None] = lambda: None
    """Called before and after each act."""
    note: Callable[[float], None] = lambda weight: None
    refuse: Callable[[], str | None] = lambda: None
    keeps: Callable[[float], float] = lambda weight: weight
    """What the proxy makes of a weight."""

    def set(self, weight: float) -> None:
        self.point()
        why = self.refuse()
        if why is not None:
            raise NotDone(why)
        self.note(weight)
        self.world.weight = self.keeps(weight)
        self.point()

    def read_back(self) -> float:
        why = self.refuse()
        if why is not None:
            raise NotDone(why)
        return self.world.weight


@dataclass
class FakeSignals:
    """
    Values as a function of the second.
    """

    values: Callable[[int], Mapping[str, object]]

    def sample(self, at_us: int) -> RawSample:
        return RawSample(at_us=at_us, signals=self.values((at_us - BEGIN_US) // SECOND))

    def history(self, at_us: int) -> list[RawSample]:
        return [self.sample(at_us - seconds * SECOND) for seconds in range(10, 0, -1)]


@dataclass
class FakeProbe:
    """
    Gives what it is told, once somebody waits for it.
    """

    results: Callable[[], ProbeResult] = lambda: ProbeResult(checks=(Check(name="fake", ok=True),))

    def look(self) -> ProbeResult:
        WAITED_FOR.wait(30)
        return self.results()


@dataclass
class FakeBackup:
    """
    A snapshot that is taken unless it is told why not.
    """

    why: str | None = None

    def create(self) -> Taken:
        WAITED_FOR.wait(30)
        if self.why is not None:
            raise NotDone(self.why)
        return Taken(snapshot="fake-snapshot")


@dataclass
class FakeNotifier:
    """
    Keeps what it was told.
    """

    note: Callable[[Any], None]

    def notify(self, notice: Any) -> None:
        self.note(notice)


@dataclass
class FakeWatcher:
    """
    Keeps what it was told.
    """

    told: list[Told] = field(default_factory=list)
    measured: list[Mapping[str, Any]] = field(default_factory=list)

    def tell(self, told: Told) -> None:
        self.told.append(told)

    def measure(self, facts: Mapping[str, Any]) -> None:
        self.measured.append(facts)

    def said(self, event: str) -> list[str]:
        return [told.message for told in self.told if told.event == event]


@dataclass(kw_only=True)
class Stage:
    """
    All that a run needs, made of fakes and a store.
    """

    store: Any
    policy: str
    world: Any = field(default_factory=World)
    holder: Holder = field(default_factory=lambda: Holder(host="here", pid=1, started="then"))
    values: Callable[[int], Mapping[str, object]] = lambda second: HEALTHY
    probes: dict[str, FakeProbe] = field(default_factory=lambda: {"readiness": FakeProbe(), "smoke": FakeProbe()})
    backup: FakeBackup = field(default_factory=FakeBackup)
    notify: Callable[[Any], None] = lambda notice: None
    is_dry: bool = False
    watcher: FakeWatcher = field(default_factory=FakeWatcher)
    clock: FakeClock = None  # type: ignore[assignment]
    traffic: FakeTraffic = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.clock = self.clock or FakeClock(self.world)
        self.traffic = self.traffic or FakeTraffic(self.world)

    def run(self) -> Run:
        """
        Begin the run, or take it up where its journal ends.
        """
        where = Whereabouts(store=self.store, holder=self.holder, clock=self.clock)
        try:
            row = self.store.find(RUN, self.clock.now_us())
        except UnknownRun:
            row = None
        entries = () if row is None else self.store.entries(RUN)
        if not entries:
            program = build(load_policy(self.policy.encode(), "policy.yaml").document)
            journal = begin_journal(program, where, Occasion(run=RUN, environment="test", is_dry=self.is_dry, by=None))
            return self._run(program, journal)
        program = program_of(row, entries)
        journal = continue_journal(program, where, RUN)
        run = self._run(program, journal)
        go_on(run, max(journal.record.last_us, journal.record.fold.last_us))
        return run

    def _run(self, program: Any, journal: Any) -> Run:
        return Run(
            program=program,
            journal=journal,
            steering=Steering(self.traffic, journal, self.watcher, program.every_us),
            signals=FakeSignals(self.values),
            probes=self.probes,
            backup=self.backup,
            notices=Notices({"fake": FakeNotifier(self.notify)}, journal, self.watcher),
            watcher=self.watcher,
            is_dry=self.is_dry,
        )


def appending(path: Path) -> Callable[[object], None]:
    """
    Give a note-taker whose notes outlive the process.
    """

    def append(what: object) -> None:
        with path.open("a") as file:
            file.write(f"{what}\n")

    return append
