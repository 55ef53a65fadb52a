"""
The JSON Schemas of what commands give and of recordings' lines; `schemas/v1/` holds the same.

Keys may be added in a later version, hence other keys are let pass; none is ever taken away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from canarypolicy.documents.api_version import API_VERSION
from canarypolicy.engine.decision import Verdict
from canarypolicy.history.event_object import EVENTS
from canarypolicy.history.replay import Outcome
from canarypolicy.reports.policytest_record import policy_tests_schema
from canarypolicy.reports.review_schema import review_schema
from canarypolicy.reports.schema_parts import (
    INSTANT,
    NUMBER,
    TEXT,
    TRUTH,
    VALUES,
    Schema,
    id_of,
    object_of,
    reason_schema,
    titled,
)

_TIME: Schema = {"type": ["string", "number"], "description": "RFC 3339 text or epoch seconds."}
_WEIGHT: Schema = {"type": "number", "minimum": 0, "maximum": 100, "description": "The canary's share of the traffic in percent."}


def decision_schema() -> Schema:
    """
    Give the schema of a decision.
    """
    properties = {
        "decision": {"enum": [verdict.value for verdict in Verdict]},
        "step": {**TEXT, "description": "The step that was judged; `before` while gates are awaited."},
        "weight": _WEIGHT,
        "at": INSTANT,
        "elapsed_seconds": {**NUMBER, "description": "Since the step was entered."},
        "complete": {**TRUTH, "description": "Whether this was the advance from the last step."},
        "earliest_advance": {"anyOf": [INSTANT, {"type": "null"}]},
        "reasons": {"type": "array", "items": {"$ref": "#/$defs/reason"}},
        "missing": {"type": "array", "items": {"$ref": "#/$defs/missing"}},
        "policy": _policy(),
        "engine": {**TEXT, "description": "The program and its version."},
    }
    return titled("decision", "A decision and its reasons.", object_of(properties)) | {
        "$defs": {"reason": reason_schema(), "missing": _missing()}
    }


def replay_schema() -> Schema:
    """
    Give the schema of replayed rollouts; a line of `--format jsonl` is one entry of `rollouts`.
    """
    decisions = {
        "type": "array",
        "items": {"$ref": id_of("decision")},
        "description": "The changes; with `--all`, every decision.",
    }
    outcome: Schema = {"enum": [outcome.value for outcome in Outcome]}
    judged: dict[str, Schema] = {"outcome": outcome, "decisions": decisions}
    told_when_so: dict[str, Schema] = {
        "first_divergence": {**INSTANT, "description": "From when on the replayed step is not the recorded one."},
        "counterfactual_from": {**INSTANT, "description": "From when on metrics were measured in another step."},
    }
    against = object_of(judged, {**told_when_so, "first_difference": INSTANT})
    entry = object_of(
        {"rollout": TEXT, "source": {**TEXT, "description": "The path of the recording."}, **judged},
        {**told_when_so, "judged_without_gates": {"const": True}, "against": against},
    )
    rollouts = {"type": "array", "items": {"$ref": "#/$defs/rollout"}}
    return titled("replay", "Replayed rollouts.", object_of({"rollouts": rollouts})) | {"$defs": {"rollout": entry}}


def recording_schema() -> Schema:
    """
    Give the schema of one line of a JSONL recording: its header, a sample or an event.
    """
    header = object_of({"recording": {"const": API_VERSION}}, {"rollout": TEXT})
    sample = object_of(
        {"t": _TIME, "signals": VALUES},
        {
            "why": {"type": "object", "additionalProperties": TEXT, "description": "Signal -> why it is missing."},
            "times": {"type": "object", "additionalProperties": _TIME, "description": "Signal -> when it was measured."},
            "step": {**TEXT, "description": "The step of the time up to this sample."},
            "weight": _WEIGHT,
        },
    ) | {"additionalProperties": False}
    events = [_event(name, reader.required, reader.optional) for name, reader in EVENTS.items()]
    return titled("recording", "One line of a JSONL recording.", {"oneOf": [header, sample, *events]})


_EVENT_KEYS: Mapping[str, Schema] = {
    "by": {**TEXT, "description": "Who did it."},
    "gate": TEXT,
    "passed": TRUTH,
    "reason": TEXT,
    "result": {"type": "object", "description": "What the gate's probe gave."},
    "signals": VALUES,
    "step": TEXT,
    "until": _TIME,
    "weight": _WEIGHT,
}


def _event(name: str, required: tuple[str, ...], optional: tuple[str, ...]) -> Schema:
    described = object_of(
        {"t": _TIME, "event": {"const": name}, **{key: _EVENT_KEYS[key] for key in required}},
        {key: _EVENT_KEYS[key] for key in optional},
    )
    return {**described, "additionalProperties": False}


def _missing() -> Schema:
    return object_of({"signal": TEXT, "state": {"enum": ["missing", "clipped"]}, "why": TEXT})


def _policy() -> Schema:
    return object_of(
        {
            "name": TEXT,
            "revision": {"type": ["integer", "null"]},
            "digest": {**TEXT, "pattern": "^[0-9a-f]{64}$", "description": "sha256 of the document's RFC 8785 form."},
            "path": TEXT,
        }
    )


RESULT_SCHEMAS: Mapping[str, Callable[[], Schema]] = MappingProxyType(
    {
        "decision": decision_schema,
        "recording": recording_schema,
        "replay": replay_schema,
        "review": review_schema,
        "test": policy_tests_schema,
    }
)
"""The name of each file in `schemas/v1/`, without its ending, and how its schema is made."""
