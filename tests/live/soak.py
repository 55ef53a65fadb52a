"""
A soak: many rollouts at once in one store, with operators' commands arriving at random, and processes that are killed.

    python -m live.soak --rollouts 20 --seconds 600 [--store URL]

Afterwards every journal verifies, every request was taken in once or not at all, no service had two holders, and the
memory of the processes was flat.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from canarypolicy.store.database import open_store
from canarypolicy.store.tables import freezes, requests
from sqlalchemy import select

from command_line import canarypolicy
from live.soak_operators import TROUBLE, now, operate, variables

POLICY = """\
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: soak}
signals:
  canary.errors: {unit: ratio, range: [0, 1], healthy: 0.002, worse: higher}
  incident.data: {type: bool, healthy: false, worse: higher}
derived:
  canary.errors_lately: {mean: {of: canary.errors, over: 10s}}
slos: [{name: low, require: canary.errors < 0.01}]
rollback:
  - {name: high, when: canary.errors_lately >= 0.5}
  - {name: incident, when: incident.data}
plan:
  every: 1s
  steps:
    - {name: canary-10, weight: 10, min: 2s, max: 30m, approval: required}
    - {name: full, weight: 100, min: 2s, max: 30m, approval: required}
"""


ENVIRONMENT = """\
apiVersion: canarypolicy/v1
kind: Environment
metadata: {name: %s}
signals:
  canary.errors: {manual: 0.002}
  incident.data: {manual: false}
actuators:
  traffic: {dry_run: {}}
"""


OPERATORS = 3


MOST_GROWTH = 0.10
"""Of the memory of a process, from the middle third of its time to the last one."""


@dataclass
class Slot:
    """
    One service: its rollouts follow one another, or one lasts the whole time.
    """

    number: int
    is_steady: bool
    count: int = 0
    name: str = ""
    process: subprocess.Popen | None = None
    was_killed: bool = False
    ends: Counter = field(default_factory=Counter)
    kilobytes: list[int] = field(default_factory=list)
    """The memory of its present process, sample by sample, from when it is at work."""


class Soak:
    """
    The rollouts, the trouble that is made for them, and what was seen.
    """

    def __init__(self, folder: Path, url: str, rollouts: int) -> None:
        self.folder = folder
        self.url = url
        self.store = open_store(url)
        self.random = random.Random(20)
        self.slots = [Slot(number=number, is_steady=number % 2 == 0) for number in range(rollouts)]
        self.refused = Counter()
        self.faults: list[str] = []
        (folder / "policy.yaml").write_text(POLICY, encoding="utf-8")
        for slot in self.slots:
            (folder / f"env-{slot.number}.yaml").write_text(ENVIRONMENT % f"soak-{slot.number}", encoding="utf-8")

    def start(self, slot: Slot, *more: str) -> None:
        """
        Start the slot's next rollout, or go on with its present one.
        """
        if not more:
            slot.count += 1
            slot.name = f"{'steady' if slot.is_steady else 'brief'}-{slot.number:02}-{slot.count:03}"
            more = ("--name", slot.name)
        slot.kilobytes = []
        with (self.folder / f"{slot.name}.log").open("ab") as log:
            slot.process = subprocess.Popen(self.command(slot, *more), cwd=self.folder, stdout=log, stderr=log, env=variables())

    def command(self, slot: Slot, *more: str) -> list[str]:
        run = [sys.executable, "-m", "canarypolicy", "run", "policy.yaml", f"env-{slot.number}.yaml"]
        return [*run, "--store", self.url, *more]

    def go_on_with_what_ended(self) -> None:
        """
        Continue the processes that were killed, and follow up those that have ended.
        """
        for slot in self.slots:
            status = slot.process.poll()
            if status is None:
                continue
            if slot.was_killed and status == -signal.SIGKILL:
                slot.was_killed = False
                slot.ends["killed"] += 1
                self.start(slot, "--continue", slot.name) if self.has_begun(slot) else self.start(slot)
                continue
            slot.ends[status] += 1
            if status not in (0, 4, 5):
                self.faults.append(f"{slot.name} ended in {status}: {(self.folder / f'{slot.name}.log').read_text()[-600:]}")
            self.start(slot)

    def has_begun(self, slot: Slot) -> bool:
        return any(row.run == slot.name and row.head_seq for row in self.store.runs(now()))

    def make_trouble(self) -> None:
        """
        Kill a process, or try to carry out what another process carries out.
        """
        slot = self.random.choice(self.slots)
        row = next((row for row in self.store.runs(now()) if row.run == slot.name), None)
        if row is None or not row.is_held or slot.was_killed or slot.process.poll() is not None:
            return
        if self.random.random() < 0.4 and not slot.is_steady:
            slot.was_killed = True
            slot.process.kill()
            return
        others = [("--continue", slot.name)]
        if slot.is_steady:  # a brief one may end just now, and its service is free then
            others.append(("--name", f"second-{slot.name}-{now()}"))
        second = self.random.choice(others)
        done = subprocess.run(self.command(slot, *second), cwd=self.folder, capture_output=True, text=True, env=variables(), timeout=60, check=False)  # fmt: skip
        if "is held by" in done.stderr and done.returncode == 1:
            self.refused[second[0]] += 1
        elif slot.process.poll() is None and "frozen by" not in done.stdout and f"run `{slot.name}`" not in done.stderr:
            self.faults.append(f"beside {slot.name}, {second} ended in {done.returncode}: {done.stdout}{done.stderr}")

    def look(self) -> None:
        """
        Note the memory of each process, and that no service has two holders.
        """
        rows = self.store.runs(now())
        at_work = {row.run for row in rows if row.head_seq > 5}
        for slot in self.slots:
            if slot.name in at_work and (size := memory_of(slot.process)) is not None:
                slot.kilobytes.append(size)
        held = Counter(row.service for row in rows if row.is_held)
        self.faults += [f"{service} has {count} holders" for service, count in held.items() if count > 1]

    def carry_on(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        for slot in self.slots:
            self.start(slot)
        command = [sys.executable, "-m", "live.soak", "--operate", "--store", self.url, "--seconds", str(seconds)]
        operators = [subprocess.Popen([*command, "--seed", str(seed)], env=variables()) for seed in range(OPERATORS)]
        try:
            while time.monotonic() < until:
                time.sleep(0.5)
                self.go_on_with_what_ended()
                if self.random.random() < TROUBLE:
                    self.make_trouble()
                self.look()
            for operator in operators:
                if operator.wait(60) != 0:
                    self.faults.append("an operator's commands failed: see above")
        finally:
            for process in (*operators, *(slot.process for slot in self.slots)):
                if process.poll() is None:
                    process.terminate()
            for process in (*operators, *(slot.process for slot in self.slots)):
                process.wait(60)

    def check(self) -> None:
        """
        Hold what the store has against what must be.
        """
        asked = self.store._database.read(lambda connection: connection.execute(select(requests)).mappings().all())
        by_run: dict[str, Counter] = {}
        for row in self.store.runs(now()):
            done = canarypolicy("journal", "verify", row.run, "--store", self.url)
            if done.exit_code != 0:
                self.faults.append(f"journal verify {row.run}: {done.output}")
            by_run[row.run] = Counter(entry.body.get("by") for entry in self.store.entries(row.run) if entry.kind == "event")
        for request in asked:
            by = json.loads(request["event"])["by"]
            times = by_run[request["run"]][by]
            if times != (request["taken_seq"] is not None):
                self.faults.append(f"the request {request['id']} of {by} to {request['run']} is {times} times in its journal")
        self.asked, self.taken = len(asked), sum(request["taken_seq"] is not None for request in asked)
        placed = self.store._database.read(lambda connection: connection.execute(select(freezes.c.by)).scalars().all())
        self.frozen = len(placed)
        if len(set(placed)) != len(placed):
            self.faults.append("a freeze stands twice")

    def growth(self) -> dict[str, float]:
        """
        Give by how much the memory of each steady process grew, from the middle third of its time to the last.
        """
        grown = {}
        for slot in self.slots:
            third = len(slot.kilobytes) // 3
            if slot.is_steady and third >= 10:
                grown[slot.name] = median(slot.kilobytes[-third:]) / median(slot.kilobytes[third : 2 * third]) - 1
        return grown


def soak(folder: Path, url: str, rollouts: int, seconds: float) -> Soak:
    """
    Carry on for so long, and check.
    """
    whole = Soak(folder, url, rollouts)
    with whole.store:
        whole.carry_on(seconds)
        whole.check()
    whole.faults += [f"{name} grew by {growth:.0%}" for name, growth in whole.growth().items() if growth > MOST_GROWTH]
    return whole


def memory_of(process: subprocess.Popen) -> int | None:
    """
    Give the kilobytes of memory that a process has; None where the system does not tell, or it has ended.
    """
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), None)


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--rollouts", type=int, default=20)
    options.add_argument("--seconds", type=float, default=600)
    options.add_argument("--store")
    options.add_argument("--operate", action="store_true")
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    if given.operate:
        return operate(given.store, given.seed, given.seconds)
    with tempfile.TemporaryDirectory() as folder:
        done = soak(Path(folder), given.store or f"sqlite:///{folder}/runs.db", given.rollouts, given.seconds)
    ends = sum((slot.ends for slot in done.slots), Counter())
    print(f"{sum(slot.count for slot in done.slots)} rollouts, ends {dict(ends)}; {done.asked} requests, {done.taken} taken in")
    print(f"{done.frozen} freezes; refused beside a holder: {dict(done.refused)}")
    print("growth of memory: " + ", ".join(f"{growth:+.1%}" for growth in done.growth().values()))
    print("\n".join(done.faults) or "no fault")
    return 1 if done.faults else 0


if __name__ == "__main__":
    sys.exit(main())
