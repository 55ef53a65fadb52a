"""
What tests of the fold share: policies from text, histories from series, and the fold over them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from canarypolicy.documents.duration import SECOND_US, parse_duration
from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.decision import Decision
from canarypolicy.engine.engine import decide
from canarypolicy.engine.event import Event
from canarypolicy.engine.program import Program, build
from canarypolicy.engine.rollout import State, begin
from canarypolicy.engine.sample import RawSample, Sample, admit_sample
from canarypolicy.reports.finding_text import render_finding

ORIGIN_US = 1_767_225_600 * SECOND_US  # 2026-01-01T00:00:00Z

SIGNALS = """
signals:
  canary.errors: {unit: ratio, range: [0, 1], healthy: 0.002, worse: higher}
  baseline.errors: {unit: ratio, range: [0, 1], healthy: 0.002}
  canary.requests: {unit: count, range: [0, null], healthy: 3000.0, worse: lower}
  incident.data: {type: bool, healthy: false, worse: higher}
"""

PLAIN_PLAN = """
plan:
  every: 1m
  steps:
    - {name: canary-10, weight: 10, min: 5m, max: 20m}
    - {name: full, weight: 100, min: 5m}
"""

PLAIN_RULES = """
slos: [{name: low, require: canary.errors < 0.01}]
rollback: [{name: high, when: canary.errors >= 0.02, for: 3m}]
"""

HEALTHY = {"canary.errors": 0.002, "baseline.errors": 0.002, "canary.requests": 3000.0, "incident.data": False}


def policy_text(*, rules: str = PLAIN_RULES, plan: str = PLAIN_PLAN, signals: str = SIGNALS) -> str:
    return f"apiVersion: canarypolicy/v1\nkind: RolloutPolicy\nmetadata: {{name: shop, revision: 3}}\n{signals}\n{rules}\n{plan}"


def program_of(text: str | None = None, **parts: str) -> Program:
    """
    Build a program from a policy's text; any error in it fails the test with what a user would read.
    """
    loaded = load_policy((text if text is not None else policy_text(**parts)).encode(), "policy.yaml")
    errors = [finding for finding in loaded.findings if finding.is_error]
    assert loaded.document is not None, "\n".join(render_finding(finding) for finding in errors)
    return build(loaded.document)


def at(text: str) -> int:
    """
    Give the instant so long after the tests' origin.
    """
    return ORIGIN_US + parse_duration(text) // (parse_duration("1s") / SECOND_US)


def sample(program: Program, when: str | int, *, base: Mapping[str, Any] = HEALTHY, **values: Any) -> Sample:
    """
    Make a healthy sample with some signals changed; `canary_errors` stands for `canary.errors`, None is missing.
    """
    at_us = at(when) if isinstance(when, str) else when
    changed = {name.replace("_", ".", 1): value for name, value in values.items()}
    return admit_sample(RawSample(at_us=at_us, signals={**base, **changed}), program.signals)


def series(program: Program, every: str = "1m", start: str = "0s", **values: list[Any]) -> list[Sample]:
    """
    Make samples from lists of equal length, one list a signal.
    """
    length = len(next(iter(values.values())))
    step_us = at(every) - ORIGIN_US
    rows = [{name: column[index] for name, column in values.items()} for index in range(length)]
    return [sample(program, at(start) + index * step_us, **row) for index, row in enumerate(rows)]


def drive(program: Program, items: Iterable[Sample | Event], state: State | None = None) -> list[Decision]:
    """
    Fold a history and give all that was decided.
    """
    decisions = []
    state = begin(program) if state is None else state
    for item in items:
        decision, state = decide(program, state, item)
        if decision is not None:
            decisions.append(decision)
    return decisions


def verdicts(decisions: Iterable[Decision]) -> list[str]:
    return [f"{decision.step} {decision.verdict.value}" for decision in decisions]


def reason_names(decision: Decision) -> set[str]:
    return {reason.rule for reason in decision.reasons}
