"""
Looks that take no longer than their time limit, whatever the server does: it may accept and never answer.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import SECOND_US, format_duration
from canarypolicy.live.background import OneAtATime
from canarypolicy.live.protocols import Check, NotDone, ProbeResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Failed(Exception):
    """
    A check did not pass; `why` is one sentence part without secrets.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def look_within(timeout_us: int, checks: Callable[[], Iterator[str]]) -> ProbeResult:
    """
    Make checks in order, in a thread of their own, until the first that fails or the time is over.

    `checks` gives the name of each check before it is made, and raises `Failed` from it.
    """
    done: list[Check] = []
    until = monotonic() + timeout_us / SECOND_US
    calls: OneAtATime[None] = OneAtATime()
    present: list[tuple[str, float]] = []

    def make() -> None:
        try:
            for name in checks():
                _pass(done, present)
                present.append((name, monotonic()))
            _pass(done, present)
        except Failed as error:
            name, began = present.pop()
            done.append(Check(name=name, ok=False, detail=error.why, seconds=monotonic() - began))

    calls.begin(make)
    try:
        calls.result(until - monotonic())
    except NotDone as error:
        name, began = present[-1] if present else ("connect", until - timeout_us / SECOND_US)
        why = f"no answer within {format_duration(timeout_us)}" if calls.is_busy else error.why
        return ProbeResult(checks=(*done, Check(name=name, ok=False, detail=why, seconds=monotonic() - began)))
    return ProbeResult(checks=tuple(done))


def _pass(done: list[Check], present: list[tuple[str, float]]) -> None:
    if present:
        name, began = present.pop()
        done.append(Check(name=name, ok=True, seconds=monotonic() - began))
