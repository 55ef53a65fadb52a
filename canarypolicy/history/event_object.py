"""
Events as JSON objects: `{"t": ..., "event": "step", "step": "canary-50", "weight": 50}`.

One reader an event; `EVENTS` is the table of all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

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
from canarypolicy.history.wording import offered, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from canarypolicy.engine.event import Event
    from canarypolicy.history.json_object import JsonObject


class EventReader(NamedTuple):
    """
    The keys of an event beside `t` and `event`, and what makes the event of them.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    read: Callable[[JsonObject, int], Event]


def event_of(found: JsonObject) -> Event:
    """
    Read an event.
    """
    name = found.text_of("event") or ""
    reader = EVENTS.get(name)
    if reader is None:
        raise found.refuse("unknown-event", f"there is no event {quoted(name)}", "event", help=offered(name, EVENTS))
    event = found.called(f"the event `{name}`")
    event.check_keys(("t", "event", *reader.required, *reader.optional), required=("t", *reader.required))
    return reader.read(event, event.instant_of("t"))


def _name_of(found: JsonObject, key: str) -> str:
    name = found.text_of(key)
    if not name:
        raise found.refuse("wrong-type", f"expected a name for `{key}`, found none", key)
    return name


def _step(found: JsonObject, at_us: int) -> Event:
    return StepEvent(at_us=at_us, step=_name_of(found, "step"), weight=found.weight_of("weight"))


def _gate(found: JsonObject, at_us: int) -> Event:
    passed = found.truth_of("passed")
    result = found.object_of("result").members if found.members.get("result") is not None else None
    if passed is None and result is None:
        raise found.refuse("missing-key", "the event `gate` lacks its outcome", help="give `result`, `passed` or both")
    return GateEvent(at_us=at_us, gate=_name_of(found, "gate"), result=result, passed=passed)


def _abort(found: JsonObject, at_us: int) -> Event:
    return AbortEvent(at_us=at_us, by=found.text_of("by"), reason=found.text_of("reason"))


def _pause(found: JsonObject, at_us: int) -> Event:
    return PauseEvent(at_us=at_us, by=found.text_of("by"), reason=found.text_of("reason"))


def _resume(found: JsonObject, at_us: int) -> Event:
    return ResumeEvent(at_us=at_us, by=found.text_of("by"))


def _approve(found: JsonObject, at_us: int) -> Event:
    return ApproveEvent(at_us=at_us, step=found.text_of("step"), by=found.text_of("by"))


def _freeze(found: JsonObject, at_us: int) -> Event:
    until_us = found.instant_of("until") if found.members.get("until") is not None else None
    return FreezeEvent(at_us=at_us, by=found.text_of("by"), reason=found.text_of("reason"), until_us=until_us)


def _unfreeze(found: JsonObject, at_us: int) -> Event:
    return UnfreezeEvent(at_us=at_us, by=found.text_of("by"))


def _signal(found: JsonObject, at_us: int) -> Event:
    return SignalEvent(at_us=at_us, signals=found.object_of("signals").values(), by=found.text_of("by"))


def _drift(found: JsonObject, at_us: int) -> Event:
    return DriftEvent(at_us=at_us, weight=found.weight_of("weight"))


EVENTS: Mapping[str, EventReader] = {
    "step": EventReader(("step",), ("weight",), _step),
    "gate": EventReader(("gate",), ("result", "passed"), _gate),
    "abort": EventReader((), ("by", "reason"), _abort),
    "pause": EventReader((), ("by", "reason"), _pause),
    "resume": EventReader((), ("by",), _resume),
    "approve": EventReader((), ("step", "by"), _approve),
    "freeze": EventReader((), ("by", "reason", "until"), _freeze),
    "unfreeze": EventReader((), ("by",), _unfreeze),
    "signal": EventReader(("signals",), ("by",), _signal),
    "drift": EventReader((), ("weight",), _drift),
}
"""The name on the line -> its reader."""
