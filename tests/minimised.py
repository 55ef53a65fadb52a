"""
What tests of minimising share: a policy, recordings of it, and the way from a recording to a test that has been run.
"""

from __future__ import annotations

from typing import Any

from canarypolicy.documents.duration import SECOND_US, format_duration
from canarypolicy.engine.event import Event
from canarypolicy.engine.program import Program
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.recording import Recording
from canarypolicy.testing.even_history import EvenHistory, Row, columns_off, size_of
from canarypolicy.testing.incident import incident_of
from canarypolicy.testing.minimising import Minimised, minimise
from canarypolicy.testing.scenes import healthy_value
from canarypolicy.testing.written_test import Titles, faults_of, policy_test_of

from driver import ORIGIN_US

TITLES = Titles(name=None, rollout="r", policy="policy.yaml")


def healthy_row(program: Program) -> Row:
    return tuple(healthy_value(program.signals[name]) for name in sorted(program.signals))


def recording_of(
    program: Program, count: int, *, every: int = 60, events: tuple[Event, ...] = (), **columns: list[Any]
) -> Recording:
    """
    Make a recording of so many samples; `canary_errors` stands for `canary.errors`, a short column ends healthy.
    """
    healthy = {name: healthy_value(signal) for name, signal in program.signals.items()}
    rows = []
    for index in range(count):
        given = {name.replace("_", ".", 1): values[index] for name, values in columns.items() if index < len(values)}
        rows.append(RawSample(at_us=ORIGIN_US + index * every * SECOND_US, signals={**healthy, **given}))
    items = sorted([*events, *rows], key=lambda item: (item.at_us, isinstance(item, RawSample)))
    return Recording(rollout="r", source="r.jsonl", items=tuple(items))


def minimised_of(program: Program, recording: Recording, **given: Any) -> Minimised:
    incident = incident_of(program, recording, **given)
    assert incident is not None
    found = minimise(program, incident)
    assert found is not None
    return found


def shown(program: Program, minimised: Minimised) -> dict[str, Any]:
    """
    Say what a minimised history is, as far as it is not plain.
    """
    history, names = minimised.history, sorted(program.signals)
    off = columns_off(history, healthy_row(program))
    return {
        "every": format_duration(history.every_us),
        "samples": history.length,
        **({"start": history.start} if history.start else {}),
        **({"events": [(index, type(event).__name__) for index, event in history.events]} if history.events else {}),
        **{names[column]: values for column, values in off.items()},
    }


def test_text(program: Program, minimised: Minimised) -> str:
    """
    Write the test; what the runner has against it fails here.
    """
    text = policy_test_of(minimised, program, TITLES)
    assert faults_of(text, program) == []
    return text


test_text.__test__ = False


def as_recording(program: Program, history: EvenHistory) -> Recording:
    """
    Give a history as a recording again.
    """
    names = sorted(program.signals)
    samples = (
        RawSample(at_us=index * history.every_us, signals=dict(zip(names, row, strict=True)))
        for index, row in enumerate(history.rows)
    )
    events = (place_event(event, index * history.every_us) for index, event in history.events)
    items = sorted([*events, *samples], key=lambda item: (item.at_us, isinstance(item, RawSample)))
    return Recording(rollout="r", source="r.jsonl", items=tuple(items))


def place_event(event: Event, at_us: int) -> Event:
    from canarypolicy.testing.keeping import event_at

    return event_at(event, at_us)


def size(program: Program, history: EvenHistory) -> tuple[float, ...]:
    return size_of(history, healthy_row(program))
