"""
The JSON Schema of a review.
"""

from __future__ import annotations

from canarypolicy.engine.decision import Verdict
from canarypolicy.history.replay import Outcome
from canarypolicy.reports.schema_parts import (
    INSTANT,
    NUMBER,
    TEXT,
    TRUTH,
    VALUES,
    Schema,
    id_of,
    list_of,
    nullable,
    object_of,
    one_of,
    part,
    place_schema,
    reason_schema,
    titled,
)
from canarypolicy.review.findings import Certainty, Direction
from canarypolicy.review.standing import FailOn, Standing

_WHY: Schema = {**TEXT, "description": "Why no more is known; empty if there is nothing to say."}
_PATH: Schema = {"type": ["string", "null"]}


def review_schema() -> Schema:
    """
    Give the schema of the review of all policies that a change touches.
    """
    whole = object_of(
        {
            "refused": {**TRUTH, "description": "Whether `--fail-on` refuses the change: then the exit status is 3."},
            "fail_on": one_of(FailOn),
            "base": {**_PATH, "description": "The git revision of the old policies; null: they are files."},
            "policies": list_of(part("policy")),
        }
    )
    parts = {
        "policy": _policy(),
        "edit": object_of({"sentence": TEXT, "old": nullable(place_schema()), "new": nullable(place_schema())}),
        "plan_change": object_of(
            {"name": TEXT, "sentence": TEXT, "direction": one_of(Direction), "location": place_schema()},
        ),
        "transition": _transition(),
        "witness": _witness(),
        "decision": object_of({"decision": one_of(Verdict), "at": INSTANT, "reasons": list_of(reason_schema())}),
        "remark": _remark(),
        "recordings": _recordings(),
        "headroom": _headroom(),
    }
    return titled("review", "What a change of policies does.", whole) | {"$defs": parts}


def _policy() -> Schema:
    return object_of(
        {
            "policy": TEXT,
            "old_path": {**_PATH, "description": "Null: the policy is new."},
            "new_path": {**_PATH, "description": "Null: the policy was removed."},
            "standing": one_of(Standing),
            "refusals": {**list_of(TEXT), "description": "What `--fail-on` refuses the change for."},
            "not_proved": {"type": ["string", "null"], "description": "Why nothing was proved; null: it was."},
            "edits": list_of(part("edit")),
            "added_steps": list_of(TEXT),
            "removed_steps": list_of(TEXT),
            "renamed_steps": {"type": "object", "additionalProperties": TEXT, "description": "Old name -> new name."},
            "plan_changes": list_of(part("plan_change")),
            "transitions": list_of(part("transition")),
            "remarks": list_of(part("remark")),
            "recordings": nullable(part("recordings")),
            "headroom": list_of(part("headroom")),
            "queries": {"type": "integer", "minimum": 0, "description": "How many questions the solver was asked."},
        }
    )


def _transition() -> Schema:
    return object_of(
        {
            "step": TEXT,
            "old": one_of(Verdict),
            "new": one_of(Verdict),
            "direction": one_of(Direction),
            "certainty": one_of(Certainty),
            "why": _WHY,
            "witness": nullable(part("witness")),
            "blamed": list_of(part("edit")),
        }
    )


def _witness() -> Schema:
    return object_of(
        {
            "step": TEXT,
            "off_healthy": VALUES,
            "lasted_seconds": {**NUMBER, "description": "For how long the last sample's values have stood."},
            "old": part("decision"),
            "new": part("decision"),
            "history": {**list_of({"$ref": id_of("recording")}), "description": "The lines of a recording."},
            "file": {"type": ["string", "null"], "description": "Its name in `--witness-dir`; null: it was not written."},
        }
    )


def _remark() -> Schema:
    return object_of(
        {
            "name": TEXT,
            "sentence": TEXT,
            "fault": TRUTH,
            "certainty": one_of(Certainty),
            "why": _WHY,
            "witness": nullable(part("witness")),
            "location": place_schema(),
        }
    )


def _recordings() -> Schema:
    changed = object_of(
        {
            "rollout": TEXT,
            "source": TEXT,
            "old_outcome": one_of(Outcome),
            "new_outcome": one_of(Outcome),
            "first_difference": nullable(INSTANT),
            "old_rules": list_of(TEXT),
            "new_rules": list_of(TEXT),
            "exposure_seconds": {**NUMBER, "description": "Gained or lost canary traffic, as time at 100 %."},
            "counterfactual_from": nullable(INSTANT),
        }
    )
    same: Schema = {"type": "object", "additionalProperties": {"type": "integer"}, "description": "Outcome -> how many rollouts."}
    return object_of({"changed": list_of(changed), "same": same})


def _headroom() -> Schema:
    limit: Schema = {"type": ["number", "null"]}
    return object_of(
        {
            "rule": TEXT,
            "limit": NUMBER,
            "low": {**limit, "description": "Null: however low."},
            "high": {**limit, "description": "Null: however high."},
            "below": TEXT,
            "above": TEXT,
            "location": place_schema(),
        }
    )
