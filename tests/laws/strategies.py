"""
Random policies and histories for the laws: shared by every family.

Policies are documents as a user would write them, so that the whole way from text to decision is under test.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from canarypolicy.documents.duration import SECOND_US, microseconds, parse_duration
from canarypolicy.engine.event import StepEvent
from canarypolicy.engine.program import Program
from canarypolicy.engine.sample import RawSample, admit_sample
from hypothesis import settings
from hypothesis import strategies as st

from driver import ORIGIN_US

LAW = settings(deadline=None, derandomize=True, max_examples=250)

SIGNALS: dict[str, Any] = {
    "canary.errors": {"unit": "ratio", "range": [0, 1], "healthy": 0.001, "worse": "higher"},
    "canary.requests": {"unit": "count", "range": [0, None], "healthy": 3000.0, "worse": "lower"},
    "canary.blocked": {"type": "bool", "healthy": False, "worse": "higher"},
    "canary.restarts": {"type": "int", "range": [0, None], "healthy": 0, "worse": "higher"},
    "baseline.errors": {"unit": "ratio", "range": [0, 1], "healthy": 0.001},
    "app.logs": {"unit": "per_second", "range": [0, None], "healthy": 0.1, "worse": "higher"},
}
MEASURED_ALONE = ("canary.errors", "canary.requests", "canary.blocked", "canary.restarts", "baseline.errors")
"""The signals that no derived one reads."""

DERIVED: dict[str, Any] = {
    "logs.mean": {"mean": {"of": "app.logs", "over": "3m"}},
    "logs.growing": {"growing": {"of": "app.logs", "over": "6m"}},
    "logs.frozen": {"frozen": {"of": "app.logs", "at": "b", "over": "3m"}},
    "logs.count": {"count": {"of": "app.logs", "over": "3m", "within_step": True}},
}

GOOD = (
    "canary.errors < 0.01", "canary.errors <= 0.5", "canary.requests > 500.0", "!canary.blocked", "canary.restarts < 2",
    "logs.mean < 2.0", "!logs.growing", "app.logs <= logs.frozen * 1.5", "canary.errors * 2.0 + 0.001 < 0.1",
)  # fmt: skip
BAD = (
    "canary.errors >= 0.02", "canary.errors > 0.5", "canary.requests < 500.0", "canary.blocked", "canary.restarts >= 2",
    "logs.mean > 3.0", "logs.growing", "logs.count < 2", "canary.errors / 0.5 > 0.1",
)  # fmt: skip
MEASURED_GOOD, MEASURED_BAD = GOOD[:5], BAD[:5]
NOT_MONOTONE = (
    "has(canary.errors) && canary.errors < 0.01",
    "canary.errors < baseline.errors * 3.0",
    "baseline.errors / canary.errors > 0.1",
)


def joined(atoms: tuple[str, ...]) -> st.SearchStrategy[str]:
    """
    Join one to three atoms by `&&` and `||`: monotone where the atoms are.
    """
    return st.recursive(
        st.sampled_from(atoms),
        lambda inner: st.builds(
            lambda left, operator, right: f"({left} {operator} {right})", inner, st.sampled_from(["&&", "||"]), inner
        ),
        max_leaves=3,
    )


durations = st.sampled_from(["0s", "1m", "2m", "4m"])
sustained = st.one_of(
    st.none(), durations, st.sampled_from([{"samples": 1, "of": 2}, {"samples": 2, "of": 3}, {"samples": 3, "of": 3}])
)


@st.composite
def rules(draw: st.DrawFn, kind: str, *, free: bool, dark: bool) -> dict[str, Any]:
    """
    Draw a rule; with `free`, also one with `has`, `missing: ignore` or a baseline in it, with `dark`, `missing: rollback`.
    """
    atoms = (GOOD if kind == "slo" else BAD) + (NOT_MONOTONE if free else ())
    rule: dict[str, Any] = {"name": "x", "require" if kind == "slo" else "when": draw(joined(atoms))}
    if kind == "slo" and rule["require"].replace("(", "").startswith("has"):
        rule["require"] += " && canary.requests > 1.0"
    asked = draw(sustained)
    if asked is not None:
        rule["for"] = asked
    if kind != "slo":
        if draw(st.integers(0, 3)) == 0:
            rule["unless"] = "baseline.errors >= 0.02"
        missing = draw(st.sampled_from(["hold", *["rollback"] * dark, *["ignore"] * free]))
        if missing != "hold":
            rule["missing"] = missing
        if missing == "rollback":
            rule["after"] = draw(st.sampled_from(["2m", "5m"]))
        if draw(st.booleans()):
            rule["steps"] = draw(st.sampled_from([["a"], ["b"], ["a", "c"]]))
    return rule


@st.composite
def policies(draw: st.DrawFn, *, free: bool = True, dark: bool = True) -> str:
    """
    Draw a policy as JSON text, which is YAML too.
    """

    def named(kind: str, least: int) -> list[dict[str, Any]]:
        drawn = draw(st.lists(rules(kind, free=free, dark=dark), min_size=least, max_size=3))
        return [{**rule, "name": f"{kind}-{index}"} for index, rule in enumerate(drawn)]

    steps = []
    for name, weight in (("a", 10), ("b", 50), ("c", 100)):
        step: dict[str, Any] = {"name": name, "weight": weight, "min": draw(st.sampled_from(["0s", "1m", "3m"]))}
        if draw(st.booleans()):
            step |= {"max": draw(st.sampled_from(["3m", "6m"])), "on_timeout": draw(st.sampled_from(["hold", "rollback"]))}
        steps.append(step)
    document = {
        "apiVersion": "canarypolicy/v1",
        "kind": "RolloutPolicy",
        "metadata": {"name": "law"},
        "signals": SIGNALS,
        "derived": DERIVED,
        "slos": named("slo", 1),
        "rollback": named("rollback", 0),
        "hold": named("hold", 0),
        "plan": {"every": "1m", "max_gap": draw(st.sampled_from(["1m", "2m", "3m"])), "steps": steps},
    }
    return json.dumps(document)


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "canary.errors": st.sampled_from([0.0, 0.001, 0.0099, 0.01, 0.02, 0.03, 0.5, 0.6, 1.0, 2.0, -1.0]),
    "canary.requests": st.sampled_from([0.0, 1.0, 499.0, 500.0, 501.0, 3000.0, -5.0]),
    "canary.blocked": st.booleans(),
    "canary.restarts": st.sampled_from([0, 1, 2, 3, -1]),
    "baseline.errors": st.sampled_from([0.0, 0.001, 0.02, 0.5]),
    "app.logs": st.sampled_from([0.0, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0]),
}
GAPS_US = st.sampled_from([60, 60, 60, 60, 30, 61, 120, 180, 181, 300]).map(lambda seconds: seconds * SECOND_US)


@dataclass(frozen=True)
class History:
    """
    A history as raw values, so that a law can change it: times, rows, and when each step was entered.
    """

    rows: tuple[tuple[int, dict[str, Any]], ...]
    entries: tuple[tuple[int, str], ...]

    def items(self, program: Program, *, with_steps: bool) -> list[Any]:
        samples: list[Any] = [admit_sample(RawSample(at_us=at, signals=row), program.signals) for at, row in self.rows]
        steps: list[Any] = [StepEvent(at_us=at, step=step) for at, step in self.entries] if with_steps else []
        return sorted([*steps, *samples], key=lambda item: item.at_us)

    def shifted(self, by_us: int) -> History:
        return History(
            rows=tuple((at + by_us, row) for at, row in self.rows), entries=tuple((at + by_us, step) for at, step in self.entries)
        )


@st.composite
def histories(draw: st.DrawFn, *, regular: bool = False, most: int = 25) -> History:
    """
    Draw up to 25 samples, mostly good ones with runs of trouble, gaps and missing values.
    """
    length = draw(st.integers(1, most))
    healthy = {name: signal["healthy"] for name, signal in SIGNALS.items()}
    at_us, rows = ORIGIN_US, []
    row = dict(healthy)
    for _ in range(length):
        change = draw(st.integers(0, 5))
        if change == 0:
            row = dict(healthy)
        elif change == 1:
            name = draw(st.sampled_from(list(SIGNALS)))
            row = {**row, name: draw(st.one_of(VALUES[name], st.none()))}
        rows.append((at_us, dict(row)))
        at_us += 60 * SECOND_US if regular else draw(GAPS_US)
    cuts = sorted(draw(st.lists(st.integers(0, length - 1), min_size=2, max_size=2)))
    offset = draw(st.sampled_from([0, 1, 15 * SECOND_US]))
    entries = [(rows[0][0], "a")]
    for cut, step in zip(cuts, ("b", "c"), strict=True):
        when = rows[cut][0] + offset
        if when > entries[-1][0]:
            entries.append((when, step))
    return History(rows=tuple(rows), entries=tuple(entries))


def minutes(text: str) -> int:
    return microseconds(parse_duration(text))
