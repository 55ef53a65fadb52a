"""
A failed expectation in words: the finding that it is, the reasons and values of what was decided, and a small timeline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_duration, format_instant
from canarypolicy.documents.finding import Finding
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.replay import changes_of
from canarypolicy.reports.escape import visible
from canarypolicy.reports.sparkline import sparkline
from canarypolicy.reports.timeline_text import reasons_text
from canarypolicy.reports.value_text import seen_text, verdict_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.engine.decision import Decision
    from canarypolicy.testing.result import Failure, ScenarioResult

_MOST_CHANGES = 8
_MOST_SERIES = 6
_WIDEST = 60
"""How many columns a sparkline has at most."""


def failure_finding(failure: Failure) -> Finding:
    """
    Give a failure as a finding at its place in the test.
    """
    message = f"expected {failure.expected}, found {failure.actual}"
    return Finding(name=failure.kind.value, message=message, span=failure.span)


def decision_lines(result: ScenarioResult, decision: Decision) -> Iterator[str]:
    """
    Say what was decided, each reason with what it saw, and which signals had no value.
    """
    yield f"decided at {when(result, decision.at_us)} in {visible(decision.step)}: {verdict_word(decision)}"
    for reason in decision.reasons:
        seen = f" ({seen_text(reason.values)})" if reason.values else ""
        yield f"  {visible(reason.rule)} {reason.state.value.replace('-', ' ')}: {visible(reason.message)}{seen}"
    for name, why in decision.missing.items():
        yield f"  {name} is missing: {visible(why)}"
    for name, why in decision.clipped.items():
        yield f"  {name} is clipped: {visible(why)}"


def timeline_lines(result: ScenarioResult) -> Iterator[str]:
    """
    Draw the scenario: its series as sparklines, and each change of the decision.
    """
    yield from _series(result)
    decisions = [each.decision for each in result.course.judged]
    changes = changes_of(decisions)
    width = max((len(when(result, each.at_us)) for each in changes[:_MOST_CHANGES]), default=0)
    for decision in changes[:_MOST_CHANGES]:
        yield f"{when(result, decision.at_us):>{width}}  {_row(decision)}"
    if len(changes) > _MOST_CHANGES:
        yield f"and {len(changes) - _MOST_CHANGES} more changes"


def when(result: ScenarioResult, at_us: int) -> str:
    """
    Write a time as the scenario counts it: from its first sample, or with its date where it was recorded.
    """
    if result.scenario.recording is not None:
        return format_instant(at_us)
    return format_duration(at_us - result.course.scene.first_us)


def _row(decision: Decision) -> str:
    return f"{visible(decision.step)}  {verdict_word(decision):<8}  {reasons_text(decision)}"


def _series(result: ScenarioResult) -> Iterator[str]:
    named = list(result.scenario.scenario.series or {})[:_MOST_SERIES]
    samples = [item for item in result.course.scene.items if isinstance(item, RawSample)][:_WIDEST]
    width = max((len(name) for name in named), default=0)
    for name in named:
        yield f"{name:<{width}}  {sparkline([sample.signals.get(name) for sample in samples])}"
