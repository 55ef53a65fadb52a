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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from canarypolicy.live.loop import carry_out
from canarypolicy.live.verifying import verify
from canarypolicy.store.database import open_store
from canarypolicy.store.holder import holder_of_this_process

from live.fakes import BEGIN_US, RUN, SECOND, FakeClock, FakeTraffic, Stage, appending

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
    What outlives a killed process: the clock, the weight, and how many points there were.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 24)
        self.now_us, self.weight, self.points = BEGIN_US, 0.0, 0

    now_us = property(lambda self: self._get(0, "q"), lambda self, value: self._set(0, "q", value))
    weight = property(lambda self: self._get(8, "d"), lambda self, value: self._set(8, "d", value))
    points = property(lambda self: self._get(16, "q"), lambda self, value: self._set(16, "q", value))

    def _get(self, at: int, kind: str) -> Any:
        return struct.unpack(kind, self._memory[at : at + 8])[0]

    def _set(self, at: int, kind: str, value: float) -> None:
        self._memory[at : at + 8] = struct.pack(kind, value)


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
        self.shared.points = self.count
        if self.count == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def values(scenario: str, second: int) -> dict[str, object]:
    """
    Give the signals of a second.
    """
    fails = scenario == "errors" and 12 <= second < 19
    errors = 0.05 if fails else 0.001 + second % 3 / 1000
    return {"canary.errors": errors, "baseline.seconds": 0.2 + second % 5 / 100, "incident.data": False}


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


def carry(folder: Path, scenario: str, shared: Shared, kill_at: int | None) -> str | None:
    """
    Carry the run out in this process, from its beginning or from where its journal ends.
    """
    killer = Killer(shared, kill_at)
    real = open_store(f"sqlite:///{folder / 's.db'}")
    store = Watched(real, killer)
    stage = Stage(
        store=store,
        policy=POLICY,
        world=shared,
        holder=holder_of_this_process(),
        values=lambda second: values(scenario, second),
        traffic=FakeTraffic(shared, point=killer.point, note=appending(folder / "acts")),
        notify=lambda notice: appending(folder / "notices")(notice.key),
    )
    store.requests = Operator(real, stage.clock, scenario).requests
    return carry_out(stage.run())


def in_child(folder: Path, scenario: str, shared: Shared, kill_at: int | None) -> int:
    """
    Carry the run out in a child and give its exit status; -9 if it was killed.
    """
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = 0 if carry(folder, scenario, shared, kill_at) else 2
        except BaseException:  # noqa: BLE001 - whatever it is, the parent is told
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
        "journal": [entry for entry in kept if entry[1].get("act") != "notify"],
        "acts": [act for index, act in enumerate(acts) if index == 0 or act != acts[index - 1]],
        "told": sorted(set(notices)),
        "weight": shared.weight,
        "freezes": len(store.freezes(None, shared.now_us)),
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
    points = plain.points
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
        for index, pair in enumerate(zip(expected, found, strict=False)):
            if pair[0] != pair[1]:
                return f"at {index}: expected {str(pair[0])[:400]}, found {str(pair[1])[:400]}"
        return f"{len(expected)} expected, {len(found)} found: {str((expected + found)[-1])[:300]}"
    return f"expected {expected}, found {found}"


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]) / sys.argv[2], sys.argv[2])))
