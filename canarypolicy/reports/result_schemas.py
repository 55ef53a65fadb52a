"""
The JSON Schemas of what commands give and of recordings' lines; `schemas/v1/` holds the same.

Keys may be added in a later version, hence other keys are let pass; none is ever taken away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from canarypolicy.documents.fields import API_VERSION
from canarypolicy.documents.schemas import DIALECT
from canarypolicy.engine.decision import ReasonKind, ReasonState, Verdict
from canarypolicy.history.event_object import EVENTS
from canarypolicy.history.replay import Outcome

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}
_TRUTH: Schema = {"type": "boolean"}
_INSTANT: Schema = {"type": "string", "format": "date-time", "description": "RFC 3339, in UTC."}
_TIME: Schema = {"type": ["string", "number"], "description": "RFC 3339 text or epoch seconds."}
_WEIGHT: Schema = {"type": "number", "minimum": 0, "maximum": 100, "description": "The canary's share of the traffic in percent."}
_VALUES: Schema = {"type": "object", "description": "Signal -> value; null is missing."}


def decision_schema() -> Schema:
    """
    Give the schema of a decision.
    """
    properties = {
        "decision": {"enum": [verdict.value for verdict in Verdict]},
        "step": {**_TEXT, "description": "The step that was judged; `before` while gates are awaited."},
        "weight": _WEIGHT,
        "at": _INSTANT,
        "elapsed_seconds": {**_NUMBER, "description": "Since the step was entered."},
        "complete": {**_TRUTH, "description": "Whether this was the advance from the last step."},
        "earliest_advance": {"anyOf": [_INSTANT, {"type": "null"}]},
        "reasons": {"type": "array", "items": {"$ref": "#/$defs/reason"}},
        "missing": {"type": "array", "items": {"$ref": "#/$defs/missing"}},
        "policy": _policy(),
        "engine": {**_TEXT, "description": "The program and its version."},
    }
    return _titled("decision", "A decision and its reasons.", _object(properties)) | {
        "$defs": {"reason": _reason(), "missing": _missing()}
    }


def replay_schema() -> Schema:
    """
    Give the schema of replayed rollouts; a line of `--format jsonl` is one entry of `rollouts`.
    """
    decisions = {"type": "array", "items": {"$ref": _id("decision")}, "description": "The changes; with `--all`, every decision."}
    outcome: Schema = {"enum": [outcome.value for outcome in Outcome]}
    judged: dict[str, Schema] = {"outcome": outcome, "decisions": decisions}
    told_when_so: dict[str, Schema] = {
        "first_divergence": {**_INSTANT, "description": "From when on the replayed step is not the recorded one."},
        "counterfactual_from": {**_INSTANT, "description": "From when on metrics were measured in another step."},
    }
    against = _object(judged, {**told_when_so, "first_difference": _INSTANT})
    entry = _object(
        {"rollout": _TEXT, "source": {**_TEXT, "description": "The path of the recording."}, **judged},
        {**told_when_so, "judged_without_gates": {"const": True}, "against": against},
    )
    rollouts = {"type": "array", "items": {"$ref": "#/$defs/rollout"}}
    return _titled("replay", "Replayed rollouts.", _object({"rollouts": rollouts})) | {"$defs": {"rollout": entry}}


def recording_schema() -> Schema:
    """
    Give the schema of one line of a JSONL recording: its header, a sample or an event.
    """
    header = _object({"recording": {"const": API_VERSION}}, {"rollout": _TEXT})
    sample = _object(
        {"t": _TIME, "signals": _VALUES},
        {
            "why": {"type": "object", "additionalProperties": _TEXT, "description": "Signal -> why it is missing."},
            "times": {"type": "object", "additionalProperties": _TIME, "description": "Signal -> when it was measured."},
            "step": {**_TEXT, "description": "The step of the time up to this sample."},
            "weight": _WEIGHT,
        },
    ) | {"additionalProperties": False}
    events = [_event(name, reader.required, reader.optional) for name, reader in EVENTS.items()]
    return _titled("recording", "One line of a JSONL recording.", {"oneOf": [header, sample, *events]})


_EVENT_KEYS: Mapping[str, Schema] = {
    "by": {**_TEXT, "description": "Who did it."},
    "gate": _TEXT,
    "passed": _TRUTH,
    "reason": _TEXT,
    "result": {"type": "object", "description": "What the gate's probe gave."},
    "signals": _VALUES,
    "step": _TEXT,
    "until": _TIME,
    "weight": _WEIGHT,
}


def _event(name: str, required: tuple[str, ...], optional: tuple[str, ...]) -> Schema:
    described = _object(
        {"t": _TIME, "event": {"const": name}, **{key: _EVENT_KEYS[key] for key in required}},
        {key: _EVENT_KEYS[key] for key in optional},
    )
    return {**described, "additionalProperties": False}


def _reason() -> Schema:
    return _object(
        {
            "rule": {**_TEXT, "description": "A rule's name, or one of the fixed ones."},
            "kind": {"enum": [kind.value for kind in ReasonKind]},
            "state": {"enum": [state.value for state in ReasonState]},
            "for_seconds": {"type": ["number", "null"], "description": "How long it must last."},
            "since": {"anyOf": [_INSTANT, {"type": "null"}]},
            "lacking_seconds": {"type": ["number", "null"], "description": "How much of that is lacking."},
            "values": _VALUES,
            "margin": {"type": ["number", "null"], "description": "How far on the good side of its limit, relative to it."},
            "message": _TEXT,
            "location": {"anyOf": [_location(), {"type": "null"}]},
        }
    )


def _location() -> Schema:
    return _object({"path": _TEXT, "line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}})


def _missing() -> Schema:
    return _object({"signal": _TEXT, "state": {"enum": ["missing", "clipped"]}, "why": _TEXT})


def _policy() -> Schema:
    return _object(
        {
            "name": _TEXT,
            "revision": {"type": ["integer", "null"]},
            "digest": {**_TEXT, "pattern": "^[0-9a-f]{64}$", "description": "sha256 of the document's RFC 8785 form."},
            "path": _TEXT,
        }
    )


def _object(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


def _titled(name: str, description: str, schema: Schema) -> Schema:
    return {"$schema": DIALECT, "$id": _id(name), "title": name, "description": description, **schema}


def _id(name: str) -> str:
    return f"urn:canarypolicy:{API_VERSION.rpartition('/')[2]}:{name}"


RESULT_SCHEMAS: Mapping[str, Callable[[], Schema]] = MappingProxyType(
    {"decision": decision_schema, "recording": recording_schema, "replay": replay_schema}
)
"""The name of each file in `schemas/v1/`, without its ending, and how its schema is made."""
