"""
Kills a run at every point at which it writes or acts, continues it, and holds the result against the undisturbed run.

A process of its own, without threads before it forks: `crash_driver.py FOLDER SCENARIO` prints one JSON object.
The store is a real SQLite file, the kill a real SIGKILL; the clock, the traffic and the signals are fakes, so that the
undisturbed run can be repeated to the microsecond.
"""

from __future__ import annotations

import json
import mmap
import os
import signal
import struct
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.program import build
from canarypolicy.engine.sample import RawSample
from canarypolicy.live.beginning import Occasion, Whereabouts, begin_journal, continue_journal, go_on, program_of
from canarypolicy.live.entry import EntryKind
from canarypolicy.live.loop import carry_out
from canarypolicy.live.notices import Notices
from canarypolicy.live.protocols import Check, ProbeResult, Taken
from canarypolicy.live.run import Run
from canarypolicy.live.steering import Steering
from canarypolicy.live.storing import NewFreeze, UnknownRun
from canarypolicy.live.verifying import verify
from canarypolicy.store.database import open_store
from canarypolicy.store.holder import holder_of_this_process

SECOND = 1_000_000
BEGIN_US = 1_790_000_000 * SECOND
RUN = "shop-1"
WAITED_FOR = threading.Event()
"""Set while the fake clock waits for other threads."""

POLICY = """
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: shop}
signals:
  canary.errors: {unit: ratio, range: [0, 1], healthy: 0.002, worse: higher}
  baseline.seconds: {unit: seconds, range: [0, 60], healthy: 0.2}
  incident.data: {type: bool, healthy: false, worse: higher}
derived:
  reference.seconds: {frozen: {of: baseline.seconds, at: start, over: 10s}}
  canary.errors_mean: {mean: {of: canary.errors, over: 5s}}
slos:
  - {name: errors-low, require: canary.errors < 0.01 && reference.seconds < 1.0, for: 3s}
  - {name: errors-mean-low, require: canary.errors_mean < 0.01}
rollback:
  - {name: errors-high, when: canary.errors >= 0.02, for: 3s}
  - {name: data-incident, when: incident.data}
plan:
  every: 1s
  snapshot: {actuator: snapshot}
  gates:
    before:
      - {name: readiness, probe: readiness, require: result.failed == 0}
      - {name: smoke, probe: smoke, require: result.failed == 0}
    after: [{name: smoke-after, probe: smoke, require: result.failed == 0}]
  steps:
    - {name: canary-10, weight: 10, min: 8s}
    - {name: canary-50, weight: 50, min: 8s, approval: required}
    - {name: full, weight: 100, min: 8s}
  on_rollback: {recovery: {require: canary.errors < 0.01, for: 3s, within: 20s}, freeze: true}
"""

REQUESTS = {
    "complete": {18: {"event": "approve", "by": "ann"}, 5: {"event": "pause", "by": "ann"}, 7: {"event": "resume", "by": "ann"}},
    "errors": {18: {"event": "approve", "by": "ann"}},
    "incident": {4: {"event": "signal", "signals": {"incident.data": True}, "by": "bob"}},
    "aborted": {6: {"event": "abort", "by": "bob", "reason": "enough"}},
}
"""Second of the run -> what an operator asks then."""


class Shared:
    """
    What outlives a killed process: the clock, the weight, and how many acts there were.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 32)
        self.set(BEGIN_US, 0.0, 0)

    def get(self) -> tuple[int, float, int]:
        return struct.unpack("qdq", self._memory[:24])

    def set(self, now_us: int, weight: float, points: int) -> None:
        self._memory[:24] = struct.pack("qdq", now_us, weight, points)


@dataclass
class Killer:
    """
    Ends this process at a point, counted over all writes and acts.
    """

    shared: Shared
    at: int | None
    count: int = 0

    def point(self) -> None:
        self.count += 1
        now_us, weight, _ = self.shared.get()
        self.shared.set(now_us, weight, self.count)
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class FakeClock:
    """
    Goes on only when somebody sleeps, and only when no other thread has anything to do.
    """

    shared: Shared

    def now_us(self) -> int:
        return self.shared.get()[0]

    def sleep_until(self, at_us: int) -> None:
        others = [thread for thread in threading.enumerate() if thread is not threading.current_thread()]
        WAITED_FOR.set()
        for thread in others:
            thread.join()
        WAITED_FOR.clear()
        if others:
            return  # what they found is looked at before time goes on
        now_us, weight, points = self.shared.get()
        self.shared.set(max(now_us, at_us), weight, points)

    def is_stopping(self) -> bool:
        return False


@dataclass
class FakeTraffic:
    """
    A weight that outlives the process, and a log of what was set.
    """

    shared: Shared
    killer: Killer
    log: Path

    def set(self, weight: float) -> None:
        self.killer.point()
        now_us, _, points = self.shared.get()
        with self.log.open("a") as log:
            log.write(f"{weight}\n")
        self.shared.set(now_us, weight, points)
        self.killer.point()

    def read_back(self) -> float:
        return self.shared.get()[1]


@dataclass
class FakeSignals:
    """
    Values as a function of the time.
    """

    scenario: str

    def sample(self, at_us: int) -> RawSample:
        second = (at_us - BEGIN_US) // SECOND
        fails = self.scenario == "errors" and 12 <= second < 19
        signals = {"canary.errors": 0.05 if fails else 0.001 + second % 3 / 1000, "baseline.seconds": 0.2 + second % 5 / 100}
        if second % 7 == 3:
            return RawSample(at_us=at_us, signals=signals | {"incident.data": False}, why={}, step=None)
        return RawSample(at_us=at_us, signals=signals | {"incident.data": False})

    def history(self, at_us: int) -> list[RawSample]:
        return [self.sample(at_us - seconds * SECOND) for seconds in range(10, 0, -1)]


@dataclass
class FakeProbe:
    """
    Passes.
    """

    def look(self) -> ProbeResult:
        WAITED_FOR.wait(30)  # so that the fake clock always sees it under way
        return ProbeResult(checks=(Check(name="fake", ok=True),))


@dataclass
class FakeBackup:
    """
    A snapshot that is always taken.
    """

    def create(self) -> Taken:
        WAITED_FOR.wait(30)
        return Taken(snapshot="fake-snapshot")


@dataclass
class FakeNotifier:
    """
    Appends the keys of notices to a file.
    """

    log: Path

    def notify(self, notice) -> None:
        with self.log.open("a") as log:
            log.write(f"{notice.key}\n")


@dataclass
class Watched:
    """
    A real store whose writes are points at which the process may be killed.
    """

    store: object
    killer: Killer
    names: tuple[str, ...] = ("begin", "append", "release", "freeze")

    def __getattr__(self, name: str):
        method = getattr(self.store, name)
        if name not in self.names:
            return method

        def write(*given, **named):
            self.killer.point()
            result = method(*given, **named)
            self.killer.point()
            return result

        return write


@dataclass
class Silent:
    """
    A watcher that says nothing.
    """

    told: list[str] = field(default_factory=list)

    def tell(self, told) -> None:
        self.told.append(told.event)

    def measure(self, facts) -> None:
        pass


@dataclass
class Operator:
    """
    The desk's other side: leaves each request when its second has come, once.
    """

    store: object
    clock: FakeClock
    scenario: str

    def requests(self, run: str):
        second = (self.clock.now_us() - BEGIN_US) // SECOND
        asked = sum(entry.kind == "event" and '"by":' in entry.text for entry in self.store.entries(run))
        waiting = self.store.requests(run)
        due = sorted(at for at in REQUESTS[self.scenario] if at <= second)[asked + len(waiting) :]
        for at in due[:1]:
            self.store.ask(run, REQUESTS[self.scenario][at], BEGIN_US + at * SECOND)
        return self.store.requests(run)


def carry(folder: Path, scenario: str, shared: Shared, kill_at: int | None) -> str:
    """
    Carry the run out in this process, from its beginning or from where its journal ends.
    """
    killer = Killer(shared, kill_at)
    clock = FakeClock(shared)
    real = open_store(f"sqlite:///{folder / 's.db'}")
    store = Watched(real, killer)
    where = Whereabouts(store=store, holder=holder_of_this_process(), clock=clock)
    try:
        row = real.find(RUN, clock.now_us())
    except UnknownRun:
        row = None
    entries = [] if row is None else real.entries(RUN)
    last_us = 0
    if not entries:
        program = build(load_policy(POLICY.encode(), "policy.yaml").document)
        journal = begin_journal(program, where, Occasion(run=RUN, environment="test", is_dry=False, by=None))
    else:
        program = program_of(row, entries)
        journal = continue_journal(program, where, RUN)
        last_us = max(journal.record.last_us, journal.record.fold.last_us)
    watcher = Silent()
    run = Run(
        program=program,
        journal=journal,
        steering=Steering(FakeTraffic(shared, killer, folder / "acts"), journal, watcher, program.every_us),
        signals=FakeSignals(scenario),
        probes={"readiness": FakeProbe(), "smoke": FakeProbe()},
        backup=FakeBackup(),
        notices=Notices({"fake": FakeNotifier(folder / "notices")}, journal, watcher),
        watcher=watcher,
        is_dry=False,
    )
    operator = Operator(real, clock, scenario)
    store.requests = operator.requests
    if last_us:
        go_on(run, last_us)
    return carry_out(run)


def in_child(folder: Path, scenario: str, shared: Shared, kill_at: int | None) -> int:
    """
    Carry the run out in a child and give its exit status; -9 if it was killed.
    """
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = 0 if carry(folder, scenario, shared, kill_at) else 2
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def result_of(folder: Path, shared: Shared) -> dict:
    """
    Give what is compared: decisions and acts as journalled, what was set, who was told, and whether the journal is whole.
    """
    store = open_store(f"sqlite:///{folder / 's.db'}")
    row, entries = store.find(RUN, BEGIN_US), store.entries(RUN)
    kept = [
        (entry.kind, json.loads(entry.text) if entry.kind != "begin" else {})
        for entry in entries
        if not (entry.kind == "note" and entry.body["note"] == "continued")
    ]
    for _, body in kept:
        body.pop("attempts", None)
    acts = (folder / "acts").read_text().split() if (folder / "acts").exists() else []
    notices = (folder / "notices").read_text().split() if (folder / "notices").exists() else []
    result = {
        "state": row.state,
        "journal": [entry for entry in kept if not (entry[1].get("act") == "notify")],
        "acts": [act for index, act in enumerate(acts) if index == 0 or act != acts[index - 1]],
        "told": sorted(set(notices)),
        "weight": shared.get()[1],
        "freezes": len(store.freezes(None, shared.get()[0])),
        "faults": list(verify(row, entries)),
    }
    store.close()
    return result


def main(folder: Path, scenario: str) -> dict:
    """
    Give the number of points and each difference that a kill made.
    """
    folder.mkdir()
    plain = Shared()
    status = in_child(folder, scenario, plain, None)
    undisturbed = result_of(folder, plain)
    points = plain.get()[2]
    differences = [] if status == 0 and not undisturbed["faults"] else [f"undisturbed: status {status}, {undisturbed['faults']}"]
    for point in range(1, points + 1):
        at = folder / str(point)
        at.mkdir()
        shared = Shared()
        killed = in_child(at, scenario, shared, point)
        ended = in_child(at, scenario, shared, None)
        if (killed, ended) != (-signal.SIGKILL, 0):
            differences.append(f"point {point}: ended with {killed}, then {ended}")
            continue
        disturbed = result_of(at, shared)
        wrong = [key for key in undisturbed if disturbed[key] != undisturbed[key]]
        if wrong:
            key = wrong[0]
            differences.append(f"point {point}: {wrong}: {_first(undisturbed[key], disturbed[key])}")
    return {"points": points, "state": undisturbed["state"], "differences": differences}


def _first(expected, found) -> str:
    if isinstance(expected, list) and isinstance(found, list):
        for index, pair in enumerate(zip(expected, found)):
            if pair[0] != pair[1]:
                return f"at {index}: expected {str(pair[0])[:400]}, found {str(pair[1])[:400]}"
        return f"{len(expected)} expected, {len(found)} found: {str((expected + found)[-1])[:300]}"
    return f"expected {expected}, found {found}"


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]) / sys.argv[2], sys.argv[2])))
