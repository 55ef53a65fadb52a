"""
Operators of the soak: processes that give commands at random to whatever runs go on.
"""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path

from canarypolicy.store.database import open_store

from command_line import canarypolicy

ROOT = Path(__file__).parents[2]


TROUBLE = 0.2
"""So often something is killed or tried a second time, each half second."""


def operate(url: str, seed: int, seconds: float) -> int:
    """
    Be an operator: give commands on runs at random, one after the other, each under a name of its own.
    """
    chance, until, number, failed = random.Random(seed), time.monotonic() + seconds, 0, 0
    with open_store(url) as store:
        while time.monotonic() < until - 3:
            time.sleep(chance.uniform(0, 0.5))
            runs = [row.run for row in store.runs(now()) if row.is_held and row.head_seq]
            if not runs:
                continue
            number += 1
            by = f"operator {seed}, {number}"
            command = a_command(chance, chance.choice(runs))
            done = canarypolicy(*command, "--by", by, "--store", url)
            if done.exit_code not in (0, 3):  # 3: the run has ended meanwhile
                failed += 1
                sys.stderr.write(f"{command} ended in {done.exit_code}: {done.output}\n")
    return 1 if failed else 0


def a_command(chance: random.Random, run: str) -> list[str]:
    wait = ["--wait", "20s"]
    ways = {
        "pause": [run, "--reason", "soak", *wait],
        "resume": [run, *wait],
        "signal": [run, f"canary.errors={chance.choice([0.001, 0.02])}", *wait],
        "freeze": [*chance.choice([["--all"], ["--policy", "soak"]]), "--reason", "soak", "--for", "2s"],
        "unfreeze": chance.choice([["--all"], ["--policy", "soak"]]),
    }
    if run.startswith("brief"):
        ways |= {"approve": [run, *wait], "abort": [run, "--reason", "soak", *wait]}
    weights = {"approve": 2, "abort": 0.2, "freeze": 0.3, "unfreeze": 0.3}
    name = chance.choices(list(ways), [weights.get(way, 1) for way in ways])[0]
    return [name, *ways[name]]


def variables() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))}


def now() -> int:
    return time.time_ns() // 1000
