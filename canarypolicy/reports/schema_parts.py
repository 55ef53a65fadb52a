"""
What the schemas of results are put together from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from canarypolicy.documents.api_version import API_VERSION
from canarypolicy.documents.schemas import DIALECT
from canarypolicy.engine.decision import ReasonKind, ReasonState

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
TRUTH: Schema = {"type": "boolean"}
INSTANT: Schema = {"type": "string", "format": "date-time", "description": "RFC 3339, in UTC."}
VALUES: Schema = {"type": "object", "description": "Signal -> value; null is missing."}


def object_of(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """
    Describe an object; further keys are let pass.
    """
    return {"type": "object", "required": list(required), "properties": {**required, **(optional or {})}}


def list_of(items: Schema) -> Schema:
    """
    Describe a list.
    """
    return {"type": "array", "items": items}


def nullable(schema: Schema) -> Schema:
    """
    Describe what may be null.
    """
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(members: Iterable[Enum]) -> Schema:
    """
    Describe the values of an enum.
    """
    return {"enum": [member.value for member in members]}


def part(name: str) -> Schema:
    """
    Point to a part of the same schema.
    """
    return {"$ref": f"#/$defs/{name}"}


def titled(name: str, description: str, schema: Schema) -> Schema:
    """
    Make a schema a document of its own.
    """
    return {"$schema": DIALECT, "$id": id_of(name), "title": name, "description": description, **schema}


def id_of(name: str) -> str:
    """
    Give the name under which other schemas point to one.
    """
    return f"urn:canarypolicy:{API_VERSION.rpartition('/')[2]}:{name}"


def place_schema() -> Schema:
    """
    Describe a place in a document.
    """
    return object_of({"path": TEXT, "line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}})


def reason_schema() -> Schema:
    """
    Describe a reason of a decision.
    """
    return object_of(
        {
            "rule": {**TEXT, "description": "A rule's name, or one of the fixed ones."},
            "kind": one_of(ReasonKind),
            "state": one_of(ReasonState),
            "for_seconds": {"type": ["number", "null"], "description": "How long it must last."},
            "since": nullable(INSTANT),
            "lacking_seconds": {"type": ["number", "null"], "description": "How much of that is lacking."},
            "values": VALUES,
            "margin": {"type": ["number", "null"], "description": "How far on the good side of its limit, relative to it."},
            "message": TEXT,
            "location": nullable(place_schema()),
        }
    )
