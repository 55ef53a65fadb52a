"""
All who look on at a run: the log always, the metrics where an address is given.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol, Self

from canarypolicy.live.protocols import Told, Watcher

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from canarypolicy.telemetry.address import ListenAddress


class ClosingWatcher(Watcher, Protocol):
    """
    A watcher that holds something open: a thread, a port.
    """

    def close(self) -> None:
        """
        Let go of it.
        """


class OfRun:
    """
    A watcher that is told of one run: each line says which run and which policy.
    """

    def __init__(self, watcher: Watcher, run: str, policy: str) -> None:
        self._watcher = watcher
        self._names = {"run": run, "policy": policy}

    def tell(self, told: Told) -> None:
        """
        Pass a line of the log on, with the names.
        """
        self._watcher.tell(replace(told, facts={**self._names, **told.facts}))

    def measure(self, facts: Mapping[str, Any]) -> None:
        """
        Pass on what a tick measured.
        """
        self._watcher.measure(facts)


class Watchers:
    """
    Several watchers as one; leaving the `with` block closes them, the first one last.
    """

    def __init__(self, *watchers: ClosingWatcher) -> None:
        self._watchers = watchers

    def tell(self, told: Told) -> None:
        """
        Pass a line of the log on.
        """
        for watcher in self._watchers:
            watcher.tell(told)

    def measure(self, facts: Mapping[str, Any]) -> None:
        """
        Pass on what a tick measured.
        """
        for watcher in self._watchers:
            watcher.measure(facts)

    def close(self) -> None:
        """
        Close them all.
        """
        for watcher in reversed(self._watchers):
            watcher.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def watchers_of(log: ClosingWatcher, listen: ListenAddress | None) -> Watchers:
    """
    Put the log and, where an address is given, the metrics together; one that cannot be listened at is `Unavailable`.
    """
    if listen is None:
        return Watchers(log)
    from canarypolicy.telemetry.metrics import MetricsWatcher  # noqa: PLC0415 - a run without an address needs no server

    metrics = MetricsWatcher(listen)
    log.tell(_listening(metrics.address))
    return Watchers(log, metrics)


def _listening(address: ListenAddress) -> Told:
    where = f"metrics at http://{address}/metrics"
    facts = {"address": str(address)}
    if address.is_loopback:
        return Told(level="info", event="listening", message=where, facts=facts)
    warning = f"{where}: other machines can read them, and nobody is asked who they are"
    return Told(level="warning", event="listening", message=warning, facts=facts)
