"""
A minimised history written as a PolicyTest, and held against the runner before anybody gets it.

It must pass on its policy, and fail on the same policy without any one rule that it names as a reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_duration
from canarypolicy.documents.series_writing import series_text, yaml_text
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.event import (
    AbortEvent,
    ApproveEvent,
    DriftEvent,
    FreezeEvent,
    GateEvent,
    PauseEvent,
    ResumeEvent,
    UnfreezeEvent,
)
from canarypolicy.testing.against_policy import check_against_policy
from canarypolicy.testing.even_history import columns_off
from canarypolicy.testing.loading import load_policy_test
from canarypolicy.testing.running import run_all
from canarypolicy.testing.scenes import healthy_value

if TYPE_CHECKING:
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.program import Program
    from canarypolicy.testing.minimising import Minimised

_EVENTS = {
    AbortEvent: "abort",
    ApproveEvent: "approve",
    DriftEvent: "drift",
    FreezeEvent: "freeze",
    GateEvent: "gate",
    PauseEvent: "pause",
    ResumeEvent: "resume",
    UnfreezeEvent: "unfreeze",
}
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Titles:
    """
    What a test is called, where it came from, and the policy's file as seen from the test's own.
    """

    name: str | None
    """None: it is named after the rollout and what is decided."""
    rollout: str
    policy: str


def policy_test_of(minimised: Minimised, program: Program, titles: Titles) -> str:
    """
    Write a minimised history and its decision as the text of a PolicyTest.
    """
    return "\n".join(_lines(minimised, program, titles)) + "\n"


def faults_of(text: str, program: Program) -> list[str]:
    """
    Run a written test: say what keeps it from passing, and which rules it names that it would not miss.
    """
    loaded = load_policy_test(text.encode(), "test.yaml")
    if loaded.document is None:
        return [finding.message for finding in loaded.findings]
    findings = check_against_policy(loaded.document, program.checked)
    faults = [finding.message for finding in findings if finding.is_error]
    if faults:
        return faults
    failed = [failure for result in run_all(program, loaded.document) for failure in result.failures]
    faults = [f"expected {failure.expected}, found {failure.actual}" for failure in failed]
    named = {name for each in loaded.document.document.tests for one in each.expect for name in one.because or ()}
    for name in sorted(named & {rule.name for rule in (*program.watches, *program.slos)}):
        if all(result.has_passed for result in run_all(without_rule(program, name), loaded.document)):
            faults.append(f"it also passes without the rule `{name}`")
    return faults


def without_rule(program: Program, name: str) -> Program:
    """
    Leave the rules of a name out of a program.
    """
    return replace(
        program,
        watches=tuple(rule for rule in program.watches if rule.name != name),
        slos=tuple(rule for rule in program.slos if rule.name != name),
    )


def _lines(minimised: Minimised, program: Program, titles: Titles) -> Iterator[str]:
    history, decision = minimised.history, minimised.decision
    names = sorted(program.signals)
    off = columns_off(history, tuple(healthy_value(program.signals[name]) for name in names))
    count = minimised.recorded_samples
    yield f"# Minimised from {count} sample{'' if count == 1 else 's'} of the rollout {_plain(titles.rollout)}."
    yield "apiVersion: canarypolicy/v1"
    yield "kind: PolicyTest"
    yield f"metadata: {{name: {_kebab(titles.rollout)}}}"
    yield f"policy: {yaml_text(titles.policy)}"
    yield "tests:"
    yield f"  - name: {yaml_text(titles.name or _title(minimised, titles.rollout))}"
    yield f"    every: {format_duration(history.every_us)}"
    if history.start:
        yield f"    start: {format_duration(history.start * history.every_us)}"
    if off:
        yield "    series:"
        yield from (f"      {names[column]}: {yaml_text(series_text(values))}" for column, values in off.items())
    else:
        yield f"    lasts: {format_duration(history.lasts_us)}"
    if history.events:
        yield "    events:"
        yield from (f"      - {_event(index * history.every_us, event)}" for index, event in history.events)
    yield "    expect:"
    because = ", ".join(dict.fromkeys(reason.rule for reason in decision.reasons))
    is_in_step = any(step.name == decision.step for step in program.steps)
    step = f"step: {decision.step}, " if is_in_step else ""
    at = format_duration(history.lasts_us)
    if decision.verdict is Verdict.ROLLBACK:
        yield f"      - {{first: rollback, at: {at}, {step}because: [{because}]}}"
    else:
        yield f"      - {{at: {at}, decision: {decision.verdict.value}, {step}because: [{because}]}}"
    if decision.is_complete or decision.is_refused:
        yield f"      - {{outcome: {'complete' if decision.is_complete else 'refused'}}}"


def _title(minimised: Minimised, rollout: str) -> str:
    decision = minimised.decision
    ends = "complete" if decision.is_complete else "refused" if decision.is_refused else decision.verdict.value
    rules = ", ".join(dict.fromkeys(reason.rule for reason in decision.reasons))
    where = "" if decision.is_refused else f" in {decision.step}"
    title = f"{rollout}: {ends}{where} because of {rules}"
    return title if len(title) <= _LONGEST_NAME * 4 else f"{title[: _LONGEST_NAME * 4]}..."


def _kebab(text: str) -> str:
    words = re.findall("[a-z0-9]+", text.lower())
    name = "-".join(words)[:_LONGEST_NAME].strip("-")
    return name if name[:1].isalpha() else f"rollout-{name}".strip("-")


def _plain(text: str) -> str:
    return "`" + "".join(character if character.isprintable() else "?" for character in text) + "`"


def _event(at_us: int, event: Event) -> str:
    parts = [f"at: {format_duration(at_us)}", f"event: {_EVENTS[type(event)]}"]
    match event:
        case GateEvent():
            parts += [f"gate: {event.gate}", f"passed: {'true' if event.passed else 'false'}"]
        case ApproveEvent(step=str(step)):
            parts.append(f"step: {step}")
        case FreezeEvent(until_us=int(until_us)):
            parts.append(f"until: {format_duration(at_us + until_us)}")
    return "{" + ", ".join(parts) + "}"
