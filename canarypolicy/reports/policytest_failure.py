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
    from collections.abc import Iterator, Sequence

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
    Draw the scenario: its series as sparklines, and the changes of the decision; `>` marks where an expectation failed.
    """
    yield from _series(result)
    changes = changes_of([each.decision for each in result.course.judged])
    failed = {failure.decision.at_us for failure in result.failures if failure.decision is not None}
    first = _first_shown(changes, min(failed, default=0))
    shown = changes[first : first + _MOST_CHANGES]
    if first:
        yield f"{_count(first)} before"
    times = max((len(when(result, each.at_us)) for each in shown), default=0)
    steps = max((len(visible(each.step)) for each in shown), default=0)
    for decision, following in zip(shown, (*changes[first + 1 :], None), strict=False):
        until_us = None if following is None else following.at_us
        marks = any(decision.at_us <= at_us and (until_us is None or at_us < until_us) for at_us in failed)
        words = f"{visible(decision.step):<{steps}}  {verdict_word(decision):<8}  {reasons_text(decision)}"
        yield f"{'>' if marks else ' '} {when(result, decision.at_us):>{times}}  {words}"
    if len(changes) > first + len(shown):
        yield f"{_count(len(changes) - first - len(shown))} after"


def _first_shown(changes: Sequence[Decision], failed_us: int) -> int:
    """
    Choose which changes are shown: from the first on, unless the first failure lies too far behind it.
    """
    last = sum(1 for change in changes if change.at_us <= failed_us)
    return max(0, min(last - _MOST_CHANGES + 1, len(changes) - _MOST_CHANGES)) if last > _MOST_CHANGES else 0


def _count(changes: int) -> str:
    return f"{changes} more change{'s' if changes != 1 else ''}"


def when(result: ScenarioResult, at_us: int) -> str:
    """
    Write a time as the scenario counts it: from its first sample, or with its date where it was recorded.
    """
    if result.scenario.recording is not None:
        return format_instant(at_us)
    return format_duration(at_us - result.course.scene.first_us)


def _series(result: ScenarioResult) -> Iterator[str]:
    named = list(result.scenario.scenario.series or {})[:_MOST_SERIES]
    samples = [item for item in result.course.scene.items if isinstance(item, RawSample)][:_WIDEST]
    width = max((len(name) for name in named), default=0)
    for name in named:
        yield f"{name:<{width}}  {sparkline([sample.signals.get(name) for sample in samples])}"
