"""
Makes the recordings of the stories in this folder, always the same ones.

    python examples/generate.py            writes every recording.jsonl beside its README
    python examples/generate.py --check    writes nothing; fails if one differs from what stands there

They are made up: two arms of a shop, 6,000 requests a minute, a sample every 30 s. Only the standard library is used,
and of it only what gives the same digits everywhere (`random.random`, `sqrt`, `fsum`), so any machine makes the same bytes.
What a policy decides about them must not live here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import fsum, sqrt
from pathlib import Path
from random import Random
from typing import Any

FOLDER = Path(__file__).parent
EVERY_SECONDS = 30
BEFORE_MINUTES = 10
REQUESTS_PER_SAMPLE = 3000
SALES_PER_SAMPLE = 40
BASE_ERROR_RATE = 0.0015
BASE_P95_SECONDS = 0.21
LOG_ERRORS_PER_SECOND = 0.6
LOST_SCRAPES = 0.005
INCIDENTS = ("incident.data", "incident.consistency", "incident.login_blocked", "incident.sales_blocked")

Line = dict[str, Any]
Effect = Callable[[float], float]
"""Minutes since the start -> the size of what happens then."""


def nothing(_minute: float) -> float:
    """
    Give no effect at any time.
    """
    return 0.0


def between(start: float, end: float, size: float) -> Effect:
    """
    Give an effect that starts and ends at once.
    """
    return lambda minute: size if start < minute <= end else 0.0


@dataclass(frozen=True, kw_only=True)
class Story:
    """
    One rollout: when its steps were entered, and what happens to it.
    """

    name: str
    start: str
    minutes: float
    steps: tuple[tuple[float, str, int], ...]
    """When a step's weight was read back, in minutes; its name; the weight."""
    canary_errors: Effect = nothing
    """Added to the canary's share of 5xx."""
    shared_errors: Effect = nothing
    """Added to the share of 5xx of both arms."""
    canary_slowness: Effect = nothing
    """Added to the canary's p95, as a share of it."""
    failed_sales: Effect = nothing
    """The share of the canary's sales that end in a critical error."""
    dead: Effect = nothing
    """Above zero: the canary's metrics are gone."""
    events: tuple[tuple[float, Line], ...] = ()
    """What people did, by minutes since the start."""


STORIES = (
    Story(
        name="healthy",
        start="2026-05-04T10:00:00",
        minutes=111,
        steps=((0, "canary-10", 10), (20.1, "canary-50", 50), (50.1, "full", 100)),
    ),
    Story(
        name="errors-at-10",
        start="2026-05-05T10:00:00",
        minutes=22,
        steps=((0, "canary-10", 10),),
        canary_errors=between(11, 60, 0.045),
    ),
    Story(
        name="flapping",
        start="2026-05-06T10:00:00",
        minutes=40,
        steps=((0, "canary-10", 10),),
        canary_errors=lambda minute: 0.065 if minute > 4 and (minute - 4) % 5 <= 2 else 0.0,
    ),
    Story(
        name="slow-at-50",
        start="2026-05-07T10:00:00",
        minutes=72,
        steps=((0, "canary-10", 10), (20.1, "canary-50", 50)),
        canary_slowness=between(31, 200, 0.4),
    ),
    Story(
        name="dead-metrics",
        start="2026-05-08T10:00:00",
        minutes=36,
        steps=((0, "canary-10", 10),),
        dead=between(13, 200, 1),
    ),
    Story(
        name="shared-incident",
        start="2026-05-11T10:00:00",
        minutes=118,
        steps=((0, "canary-10", 10), (25.6, "canary-50", 50), (55.6, "full", 100)),
        shared_errors=between(8, 19, 0.04),
    ),
    Story(
        name="blocked-sales",
        start="2026-05-12T10:00:00",
        minutes=33,
        steps=((0, "canary-10", 10), (20.1, "canary-50", 50)),
        failed_sales=between(25, 60, 0.6),
        events=((28.25, {"event": "signal", "signals": {"incident.sales_blocked": True}, "by": "on-call"}),),
    ),
)


@dataclass(kw_only=True)
class Arm:
    """
    The counts of one version, kept for as long as its signals look back.
    """

    requests: list[int] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)
    failed_sales: list[int] = field(default_factory=list)

    def add(self, requests: int, errors: int, failed_sales: int) -> None:
        """
        Take in one interval; two of them, the last minute, are kept.
        """
        self.requests = [*self.requests[-1:], requests]
        self.errors = [*self.errors[-1:], errors]
        self.failed_sales = [*self.failed_sales[-1:], failed_sales]

    @property
    def error_rate(self) -> float | None:
        """
        The share of errors, None without a request.
        """
        total = sum(self.requests)
        return round(sum(self.errors) / total, 6) if total else None


class Noise:
    """
    Chance from one seed, made of `random()` alone.
    """

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)

    def normal(self, mean: float, deviation: float) -> float:
        """
        Draw from nearly a normal distribution: the sum of twelve uniform draws.
        """
        return mean + deviation * (fsum(self._random.random() for _ in range(12)) - 6)

    def count(self, mean: float) -> int:
        """
        Draw a count, a little more widely spread than Poisson's, as real error counts are.
        """
        return max(0, round(self.normal(mean, 1.2 * sqrt(mean))))

    def happens(self, probability: float) -> bool:
        """
        Tell whether something of this probability happens.
        """
        return self._random.random() < probability


def lines_of(story: Story) -> Iterator[Line]:
    """
    Give the lines of a story: the header, then events and samples in time order.
    """
    yield {"recording": "canarypolicy/v1", "rollout": story.name, "note": "made by examples/generate.py, no real rollout"}
    entries = [*_entries(story), *_samples(story)]
    for minute, _, line in sorted(entries, key=lambda entry: entry[:2]):
        yield {"t": _time(story, minute), **line}


def _entries(story: Story) -> Iterator[tuple[float, int, Line]]:
    readiness = {"passed": 3, "failed": 0, "checks": [{"name": n, "ok": True} for n in ("redis", "database", "backup")]}
    smoke = {"passed": 3, "failed": 0, "checks": [{"name": n, "ok": True} for n in ("login", "sale", "reservation-payment")]}
    yield -2, 0, {"event": "gate", "gate": "readiness", "result": readiness}
    yield -1, 0, {"event": "gate", "gate": "smoke", "result": smoke}
    for minute, step, weight in story.steps:
        yield minute, 0, {"event": "step", "step": step, "weight": weight}
        if weight == 100:
            yield minute + 0.5, 0, {"event": "gate", "gate": "readiness-after", "result": readiness}
            yield minute + 0.5, 0, {"event": "gate", "gate": "functional-smoke", "result": smoke}
    for minute, event in story.events:
        yield minute, 0, event


def _samples(story: Story) -> Iterator[tuple[float, int, Line]]:
    noise = Noise(story.name)
    canary, baseline = Arm(), Arm()
    for index in range(-BEFORE_MINUTES * 60 // EVERY_SECONDS, int(story.minutes * 60) // EVERY_SECONDS + 1):
        minute = index * EVERY_SECONDS / 60
        step, weight = _step_at(story, minute)
        signals, why = _values(story, minute, weight / 100, noise, (canary, baseline))
        line: Line = {"signals": signals}
        if why:
            line["why"] = why
        if step:
            line |= {"step": step, "weight": weight}
        yield minute, 1, line


def _step_at(story: Story, minute: float) -> tuple[str, int]:
    entered = [(step, weight) for since, step, weight in story.steps if since < minute]
    return entered[-1] if entered else ("", 0)


def _values(story: Story, minute: float, share: float, noise: Noise, arms: tuple[Arm, Arm]) -> tuple[Line, dict[str, str]]:
    canary, baseline = arms
    load = REQUESTS_PER_SAMPLE * (1 + 0.1 * abs(minute / 40 % 2 - 1)) * noise.normal(1, 0.02)
    slowness = noise.normal(1, 0.03)
    for arm, part, own in ((canary, share, story.canary_errors(minute)), (baseline, 1 - share, 0.0)):
        requests = round(load * part)
        errors = noise.count(requests * (BASE_ERROR_RATE + own + story.shared_errors(minute)))
        failed = noise.count(SALES_PER_SAMPLE * part * story.failed_sales(minute)) if arm is canary else 0
        arm.add(requests, errors, failed)
    p95 = BASE_P95_SECONDS * slowness
    log_errors = LOG_ERRORS_PER_SECOND + (canary.errors[-1] + baseline.errors[-1]) / EVERY_SECONDS
    signals: Line = {
        "canary.requests": canary.requests[-1],
        "canary.error_rate_5xx": canary.error_rate,
        "canary.latency_p95": round(p95 * (1 + story.canary_slowness(minute)) * noise.normal(1, 0.05), 4) if share else None,
        "canary.login_errors": 0,
        "canary.sale_errors": sum(canary.failed_sales),
        "canary.payment_errors": 0,
        "baseline.error_rate_5xx": baseline.error_rate,
        "baseline.latency_p95": round(p95 * noise.normal(1, 0.04), 4) if share < 1 else None,
        "app.log_errors": round(noise.normal(log_errors, 0.08), 3),
        **dict.fromkeys(INCIDENTS, False),
    }
    lost = [(arm, "prometheus: no data") for arm in ("canary.", "baseline.") if noise.happens(LOST_SCRAPES)]
    if story.dead(minute):
        lost.append(("canary.", "prometheus: no data"))
    return _without(signals, dict(lost))


def _without(signals: Line, lost: dict[str, str]) -> tuple[Line, dict[str, str]]:
    """
    Leave out what has no value; say why where a scrape was lost.
    """
    why = {name: reason for name in signals for track, reason in lost.items() if name.startswith(track)}
    return {name: value for name, value in signals.items() if value is not None and name not in why}, why


def _time(story: Story, minute: float) -> str:
    moment = datetime.fromisoformat(story.start) + timedelta(seconds=round(minute * 60))
    return moment.isoformat() + "Z"


def recording_of(story: Story) -> str:
    """
    Give the whole recording as JSON lines.
    """
    return "".join(json.dumps(line) + "\n" for line in lines_of(story))


def main(arguments: list[str]) -> int:
    """
    Write the recordings, or with `--check` compare them; the result is the exit status.
    """
    stale = []
    for story in STORIES:
        path = FOLDER / story.name / "recording.jsonl"
        text = recording_of(story)
        if "--check" not in arguments:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
            sys.stderr.write(f"{path.parent.name}/{path.name} is not what this generator makes\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
