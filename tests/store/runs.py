"""
What tests of the store share: runs, entries, and the time.
"""

from __future__ import annotations

import time
from dataclasses import replace

from canarypolicy.live.entry import ROOT, Draft, Entry, EntryKind, chained
from canarypolicy.live.storing import Holder, NewRun
from canarypolicy.store.holder import holder_of_this_process

SECOND_US = 1_000_000
LEASE_US = 60 * SECOND_US
ELSEWHERE = Holder(host="elsewhere.example", pid=1, started="boot/pid:[1]/1")


def now() -> int:
    return time.time_ns() // 1000


def new_run(run: str = "shop-1", service: str = "shop", at_us: int | None = None) -> NewRun:
    return NewRun(run=run, policy="shop", environment="test", service=service, digest="d" * 64, started_us=at_us or now())


def begin(store, run: str = "shop-1", service: str = "shop", holder: Holder | None = None, lease_us: int = LEASE_US):
    return store.begin(new_run(run, service), holder or holder_of_this_process(), lease_us, now())


def notes(run: str, *texts: str, head: tuple[int, str] = (0, ROOT)) -> tuple[Entry, ...]:
    return chained(run, head, [Draft(kind=EntryKind.NOTE, at_us=now(), body={"note": each}) for each in texts])


def head_of(entries) -> tuple[int, str]:
    return (entries[-1].seq, entries[-1].hash)


def append(store, lease, entries, taken=()):
    return store.append(lease, entries, taken, lease_us=LEASE_US, now_us=now())


def with_fence(lease, fence: int):
    return replace(lease, fence=fence)
