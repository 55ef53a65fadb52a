"""
The present: the one place at which a command looks at the clock, and waits by it.
"""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


def now_us() -> int:
    """
    Give the present in microseconds since 1970.
    """
    return time.time_ns() // 1000


class SystemClock:
    """
    The clock of a run: `canarypolicy.live.protocols.Clock`.

    Time goes on steadily from when it was made, also if somebody sets the system's clock: no step is shorter for it.
    """

    def __init__(self) -> None:
        self._began_us = now_us()
        self._began_ns = _steady_ns()
        self._stopping = Event()

    def now_us(self) -> int:
        """
        Give the present in microseconds since 1970.
        """
        return self._began_us + (_steady_ns() - self._began_ns) // 1000

    def sleep_until(self, at_us: int) -> None:
        """
        Wait for a time, or until the process is to stop.
        """
        self._stopping.wait(max(0, at_us - self.now_us()) / 1_000_000)

    def is_stopping(self) -> bool:
        """
        Tell whether the process is to stop.
        """
        return self._stopping.is_set()

    @contextmanager
    def stopped_by_signals(self) -> Iterator[None]:
        """
        Take SIGTERM and Ctrl-C as the wish to stop; a second Ctrl-C ends the process at once.
        """

        def stop(number: int, _: FrameType | None) -> None:
            if self._stopping.is_set() and number == signal.SIGINT:
                raise KeyboardInterrupt
            self._stopping.set()

        before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _steady_ns() -> int:
    """
    Give a time that nobody sets, and that goes on while the machine sleeps where the system has such a one.
    """
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    return time.monotonic_ns()
