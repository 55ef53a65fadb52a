"""
Looks at HAProxy and Prometheus all the time, as a stopwatch beside the rollout: from the fault's visibility to stable traffic.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from live.stage import Stage


class Watch:
    """
    What was seen, and when: the canary's percent at HAProxy, and whether a condition is true in Prometheus.
    """

    def __init__(self, stage: Stage, condition: str | None) -> None:
        self._stage = stage
        self._condition = condition
        self._over = Event()
        self.weights: list[tuple[float, float]] = []
        self.conditions: list[tuple[float, bool]] = []
        self.threads = [Thread(target=self._watch_haproxy)]
        if condition is not None:
            self.threads.append(Thread(target=self._watch_prometheus))

    def _watch_haproxy(self) -> None:
        while not self._over.wait(0.05):
            try:
                percent = self._stage.percent()
            except (OSError, IndexError, ValueError):
                continue  # it is stopped, or a new worker takes over
            if not self.weights or self.weights[-1][1] != percent:
                self.weights.append((time.time(), percent))

    def _watch_prometheus(self) -> None:
        while not self._over.wait(0.1):
            asked = time.time()
            try:
                true = bool(self._stage.prometheus.ask(self._condition))
            except OSError:
                continue
            if not self.conditions or self.conditions[-1][1] != true:
                self.conditions.append((asked, true))

    def end(self) -> None:
        self._over.set()
        for thread in self.threads:
            thread.join()

    def visible(self, before: float = float("inf")) -> float:
        """
        Give when the condition became true for the last time before some time.
        """
        found = [at for at, true in self.conditions if true and at < before]
        assert found, f"the fault was never seen in Prometheus: {self._condition}"
        return found[-1]

    def stable(self, since: float) -> float:
        """
        Give when HAProxy gave all traffic to the stable version.
        """
        found = [at for at, percent in self.weights if percent == 0 and at >= since]
        assert found, f"the traffic never went back: {self.weights}"
        return found[0]

    def seconds_to_stable(self) -> float:
        """
        Give the time from the fault's visibility to stable traffic.
        """
        first = next(at for at, true in self.conditions if true)
        stable = self.stable(first)
        return stable - self.visible(stable)


@contextmanager
def watching(stage: Stage, condition: str | None = None) -> Iterator[Watch]:
    watch = Watch(stage, condition)
    for thread in watch.threads:
        thread.start()
    try:
        yield watch
    finally:
        watch.end()
