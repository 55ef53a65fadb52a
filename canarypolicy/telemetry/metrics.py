"""
The metrics of a run for Prometheus, and whether it is alive: what `run --listen` serves.

Gauges are made from the last tick when they are asked for, so that one answer never mixes two ticks.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

from canarypolicy.telemetry.gauges import TickCollector
from canarypolicy.telemetry.listener import Answer, Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from canarypolicy.live.protocols import Told
    from canarypolicy.telemetry.address import ListenAddress

_TICKS_TO_MISS = 3
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

ACT_OUTCOMES = {"act-confirmed": "confirmed", "act-failed": "failed", "act-abandoned": "abandoned"}
"""The event told -> the outcome counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """
    The last sign of life of the loop.
    """

    at_seconds: float
    """By the monotonic clock."""
    facts: Mapping[str, Any]


class MetricsWatcher:
    """
    Counts and measures a run, and serves the figures from the moment it is made until `close`.
    """

    def __init__(self, listen: ListenAddress, monotonic: Callable[[], float] = time.monotonic) -> None:
        """
        Listen; an address that cannot be had is `Unavailable`.
        """
        from prometheus_client import CollectorRegistry, disable_created_metrics  # noqa: PLC0415 - slow to import

        disable_created_metrics()  # type: ignore[no-untyped-call]  # when a counter was made says nothing about a run
        self._monotonic = monotonic
        self._beat: Beat | None = None
        self._began = monotonic()
        self._lock = Lock()
        self._gauges = TickCollector()
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self._gauges)
        self._counters = _Counters(self._registry)
        self._listener = Listener(listen, {"/metrics": self._metrics, "/healthz": self._health})

    @property
    def address(self) -> ListenAddress:
        """
        Where it listens, with the port that it got.
        """
        return self._listener.address

    def tell(self, told: Told) -> None:
        """
        Count what happened.
        """
        with self._lock:
            self._counters.tell(told)

    def measure(self, facts: Mapping[str, Any]) -> None:
        """
        Take a tick.
        """
        rules = facts["rules"]()
        with self._lock:
            self._beat = Beat(at_seconds=self._monotonic(), facts=facts)
            self._gauges.take(facts, rules)
            self._counters.measure(facts)

    def close(self) -> None:
        """
        Stop listening.
        """
        self._listener.close()

    def _metrics(self, accept: str) -> Answer:
        from prometheus_client.exposition import choose_encoder  # noqa: PLC0415 - imported by then

        encode, content_type = choose_encoder(accept)
        with self._lock:
            return Answer(content_type=content_type, body=encode(self._registry))

    def _health(self, _accept: str) -> Answer:
        with self._lock:
            beat, now = self._beat, self._monotonic()
        record: dict[str, Any] = {"status": "starting", "waiting_seconds": round(now - self._began, 3)}
        if beat is not None:
            record = _health_record(beat, now)
        status = 200 if record["status"] == "ok" else 503
        return Answer(status=status, content_type="application/json", body=(json.dumps(record) + "\n").encode())


def _health_record(beat: Beat, now: float) -> dict[str, Any]:
    every, age = float(beat.facts["every_seconds"]), now - beat.at_seconds
    return {
        "status": "ok" if age <= _TICKS_TO_MISS * every else "stale",
        "run": beat.facts["run"],
        "policy": beat.facts["policy"],
        "phase": beat.facts["phase"],
        "last_tick_seconds_ago": round(age, 3),
        "every_seconds": every,
        "store_up": beat.facts["store_up"],
    }


class _Counters:
    """
    What only ever grows.
    """

    def __init__(self, registry: Any) -> None:
        from prometheus_client import Counter, Histogram  # noqa: PLC0415 - slow to import

        def counter(name: str, text: str, *labels: str) -> Any:
            return Counter(f"canarypolicy_{name}", text, labels, registry=registry)

        self._decisions = counter("decisions", "Decisions made.", "policy", "decision")
        self._missing = counter("source_failures", "Samples in which a source gave no value for a signal.", "policy", "signal")
        self._acts = counter("acts", "Attempts at acts, by how they ended.", "act", "outcome")
        self._retries = counter("act_retries", "Attempts at an act after its first.", "act")
        self._events = counter("events", "What was told in the log.", "event", "level")
        self._ticks = Histogram(
            "canarypolicy_tick_duration_seconds",
            "How long a tick took: asking, deciding, recording, acting.",
            ["policy"],
            buckets=_BUCKETS,
            registry=registry,
        )

    def tell(self, told: Told) -> None:
        self._events.labels(told.event, told.level).inc()
        outcome = ACT_OUTCOMES.get(told.event)
        if outcome is None:
            return
        act = str(told.facts.get("act", ""))
        self._acts.labels(act, outcome).inc()
        if told.facts.get("attempt", 1) > 1:
            self._retries.labels(act).inc()

    def measure(self, facts: Mapping[str, Any]) -> None:
        policy = facts["policy"]
        self._ticks.labels(policy).observe(facts["tick_seconds"])
        if facts["decision"] is not None:
            self._decisions.labels(policy, facts["decision"]["decision"]).inc()
        for signal in facts["missing"]:
            self._missing.labels(policy, signal).inc()
