"""
The history of a scenario: samples made of its series, or those of its recording, and its events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, TypeAlias, assert_never

from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.policytest_event import EventName
from canarypolicy.documents.series import ENDED, Absent, series_of
from canarypolicy.documents.signals import SignalType
from canarypolicy.engine.event import (
    AbortEvent,
    ApproveEvent,
    DriftEvent,
    FreezeEvent,
    GateEvent,
    PauseEvent,
    ResumeEvent,
    SignalEvent,
    StepEvent,
    UnfreezeEvent,
)
from canarypolicy.engine.sample import RawSample

if TYPE_CHECKING:
    from canarypolicy.documents.policytest import Scenario
    from canarypolicy.documents.policytest_event import WrittenEvent
    from canarypolicy.documents.series import Item as SeriesItem
    from canarypolicy.documents.signals import Signal, Value
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.program import Program
    from canarypolicy.testing.checked import CheckedScenario

Item: TypeAlias = "RawSample | Event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """
    A history ready for the fold.
    """

    items: tuple[Item, ...]
    """Samples and events in the order of time; of one time, events first."""
    first_us: int
    """The time from which durations in the test count: that of the first sample."""
    start_us: int | None
    """When the rollout starts; None: at its first step or sample."""
    gated: bool
    """Whether any gate has a result; without any, the policy's gates are left out."""

    @property
    def samples(self) -> list[RawSample]:
        return [item for item in self.items if isinstance(item, RawSample)]


def healthy_value(signal: Signal) -> Value:
    """
    Give a signal's healthy value with its declared type.
    """
    return float(signal.healthy) if signal.type is SignalType.DOUBLE else signal.healthy


def scene_of(each: CheckedScenario, signals: Mapping[str, Signal], every_us: int) -> Scene:
    """
    Give the history of a scenario; only the given signals are in its samples, and `every_us` parts them unless it says otherwise.
    """
    scenario = each.scenario
    if each.recording is not None:
        history: Sequence[Item] = each.recording.items
        first_us = next((item.at_us for item in history if isinstance(item, RawSample)), 0)
        start_us = _recorded_start(history)
        if not each.recording.has_begun:
            start_us = None
    else:
        every_us = every_us if scenario.every is None else microseconds(scenario.every)
        history, first_us, start_us = _samples(scenario, signals, every_us), 0, 0
    events = [_event(event, first_us) for event in scenario.events]
    if scenario.start is not None:
        start_us = scenario.start.since(first_us)
    # INVARIANT: of one time, events come before the sample; sorting keeps the written order of the rest.
    items = sorted(chain(events, history), key=lambda item: (item.at_us, isinstance(item, RawSample)))
    gated = any(isinstance(item, GateEvent) for item in items) or bool(each.recording is not None and each.recording.is_gated)
    return Scene(items=tuple(items), first_us=first_us, start_us=start_us, gated=gated)


def grid_of(scenario: Scenario, program: Program) -> tuple[int, int]:
    """
    Give the time between the samples of a scenario made of series, and at least their number.
    """
    every_us = program.every_us if scenario.every is None else microseconds(scenario.every)
    if scenario.lasts is not None:
        return every_us, microseconds(scenario.lasts) // every_us + 1
    known = {name: text for name, text in (scenario.series or {}).items() if name in program.signals}
    return every_us, max((len(series_of(text, program.signals[name])[0]) for name, text in known.items()), default=0)


def _recorded_start(history: Sequence[Item]) -> int | None:
    steps = next((item.at_us for item in history if isinstance(item, StepEvent)), None)
    return steps if steps is not None else next((item.at_us for item in history if isinstance(item, RawSample)), None)


def _samples(scenario: Scenario, signals: Mapping[str, Signal], every_us: int) -> list[RawSample]:
    columns = {name: series_of(text, signals[name])[0] for name, text in (scenario.series or {}).items() if name in signals}
    count = max(map(len, columns.values()), default=0)
    if scenario.lasts is not None:
        count = microseconds(scenario.lasts) // every_us + 1
    healthy = {name: healthy_value(signal) for name, signal in signals.items() if name not in columns}
    return [_sample(index, every_us, columns, healthy) for index in range(count)]


def _sample(index: int, every_us: int, columns: Mapping[str, Sequence[SeriesItem]], healthy: Mapping[str, Value]) -> RawSample:
    values: dict[str, object] = dict(healthy)
    why: dict[str, str] = {}
    for name, items in columns.items():
        item = items[index] if index < len(items) else ENDED
        if isinstance(item, Absent):
            why[name] = str(item)
        else:
            values[name] = item
    return RawSample(at_us=index * every_us, signals=values, why=why)


def _event(written: WrittenEvent, first_us: int) -> Event:  # noqa: PLR0911 - one line a kind of event
    at_us = written.at.since(first_us)
    match written.event:
        case EventName.GATE:
            result = None if written.result is None else written.result.model_dump(exclude_none=True)
            return GateEvent(at_us=at_us, gate=written.gate or "", result=result, passed=written.passed)
        case EventName.ABORT:
            return AbortEvent(at_us=at_us, by=written.by, reason=written.reason)
        case EventName.PAUSE:
            return PauseEvent(at_us=at_us, by=written.by, reason=written.reason)
        case EventName.RESUME:
            return ResumeEvent(at_us=at_us, by=written.by)
        case EventName.APPROVE:
            return ApproveEvent(at_us=at_us, step=written.step, by=written.by)
        case EventName.FREEZE:
            until_us = None if written.until is None else written.until.since(first_us)
            return FreezeEvent(at_us=at_us, by=written.by, reason=written.reason, until_us=until_us)
        case EventName.UNFREEZE:
            return UnfreezeEvent(at_us=at_us, by=written.by)
        case EventName.SIGNAL:
            return SignalEvent(at_us=at_us, signals=dict(written.signals or {}), by=written.by)
        case EventName.DRIFT:
            weight = None if written.weight is None else float(written.weight)
            return DriftEvent(at_us=at_us, weight=weight)
        case _:  # pragma: no cover - the type checker's business
            assert_never(written.event)
