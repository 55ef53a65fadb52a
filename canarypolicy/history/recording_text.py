"""
Writing recordings: samples and events as the lines of a JSONL file, the exact inverse of reading them.

JSON has no NaN and no infinity. In a sample such a value is absent with the reason that its admission would give, so it
is judged alike; in a gate's result it is null; set by hand it is its own name as text, which no signal takes for a number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

from canarypolicy.documents.api_version import API_VERSION
from canarypolicy.documents.duration import format_instant
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

if TYPE_CHECKING:
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.sample import RawSample


_NAMES: Mapping[type[Event], str] = {
    StepEvent: "step",
    GateEvent: "gate",
    AbortEvent: "abort",
    PauseEvent: "pause",
    ResumeEvent: "resume",
    ApproveEvent: "approve",
    FreezeEvent: "freeze",
    UnfreezeEvent: "unfreeze",
    SignalEvent: "signal",
    DriftEvent: "drift",
}
"""The class -> the name on the line: `canarypolicy.history.event_object` reads them."""
_KEYS = {"until_us": "until"}
"""Fields that are called otherwise on the line."""


def header_line(rollout: str, **more: str) -> dict[str, Any]:
    """
    Give the header of a recording; further keys are its writer's own.
    """
    return {"recording": API_VERSION, "rollout": rollout, **more}


def sample_line(raw: RawSample) -> dict[str, Any]:
    """
    Give a sample as the object on its line. A cell of a table is written as text: read it by its type before.
    """
    endless = {name: _why_endless(value) for name, value in raw.signals.items() if _is_endless(value)}
    line: dict[str, Any] = {
        "t": format_instant(raw.at_us),
        "signals": {name: value for name, value in raw.signals.items() if name not in endless},
    }
    why = {**raw.why, **endless}
    if why:
        line["why"] = why
    if raw.times_us:
        line["times"] = {name: format_instant(at_us) for name, at_us in raw.times_us.items()}
    return _with(line, step=raw.step, weight=_weight(raw.weight))


def event_line(event: Event) -> dict[str, Any]:
    """
    Give an event as the object on its line; a gate without a result and without an outcome is a `ValueError`.
    """
    if isinstance(event, GateEvent) and event.result is None and event.passed is None:
        raise ValueError("a gate event has a result, an outcome or both")
    line = {"t": format_instant(event.at_us), "event": _NAMES[type(event)]}
    return _with(line, **{_KEYS.get(each.name, each.name): _written(event, each.name) for each in fields(event)[1:]})


def text_of_line(line: Mapping[str, Any]) -> str:
    """
    Give the text of a line, with its line break.
    """
    return json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n"


def _written(event: Event, name: str) -> Any:
    """
    Give a field of an event as JSON; None is absent.
    """
    value = getattr(event, name)
    match name:
        case "until_us" if value is not None:
            return format_instant(value)
        case "signals":
            return {key: str(each) if _is_endless(each) else each for key, each in value.items()}
        case "result":
            return _json(value)
        case "weight":
            return _weight(value)
        case _:
            return value


def _with(line: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**line, **{key: value for key, value in fields.items() if value is not None}}


def _weight(weight: float | None) -> float | None:
    return weight if weight is None or isfinite(weight) else None


def _json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _json(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json(each) for each in value]
    return None if _is_endless(value) else value


def _is_endless(value: object) -> bool:
    return isinstance(value, float) and not isfinite(value)


def _why_endless(value: object) -> str:
    return "not a number" if isinstance(value, float) and isnan(value) else "infinite"
