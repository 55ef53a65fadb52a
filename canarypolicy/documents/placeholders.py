"""
`${column}` in the schema of PolicyTests: editors see a document with its tables, structure is checked with them written out.

The published schema lets a placeholder stand for every value that is no free text; what is checked is that schema without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_MARK = "x-placeholder"
_PLACEHOLDER = {"type": "string", "pattern": r"\$\{[a-z][a-z0-9_]*\}", _MARK: True, "description": "A column of `for_each`."}
_WRITTEN_OUT = ("name", "for_each", "recording", "rollout")
"""Keys whose values are free text anyway, and the table itself."""


def with_placeholders(schema: dict[str, Any], definitions: Iterable[str]) -> dict[str, Any]:
    """
    Let placeholders stand in the properties of some definitions of a schema.
    """
    found = {**schema["$defs"]}
    for name in definitions:
        properties = found[name]["properties"].items()
        filled = {key: value if key in _WRITTEN_OUT else _either(value) for key, value in properties}
        found[name] = {**found[name], "properties": filled}
    return {**schema, "$defs": found}


def without_placeholders(schema: Any) -> Any:
    """
    Take placeholders out again: what a document says once its tables are written out.
    """
    if isinstance(schema, list):
        return [without_placeholders(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    branches = schema.get("anyOf")
    if isinstance(branches, list) and any(branch.get(_MARK) for branch in branches):
        (meant,) = (branch for branch in branches if not branch.get(_MARK))
        rest = {key: value for key, value in schema.items() if key != "anyOf"}
        return without_placeholders({**meant, **rest})
    return {key: without_placeholders(value) for key, value in schema.items()}


def _either(schema: dict[str, Any]) -> dict[str, Any]:
    inner: dict[str, Any] = {
        key: _either(schema[key])
        for key in ("items", "additionalProperties", "propertyNames")
        if isinstance(schema.get(key), dict)
    }
    if "prefixItems" in schema:
        inner["prefixItems"] = [_either(each) for each in schema["prefixItems"]]
    if schema.get("type") in ("array", "object"):
        return {**schema, **inner}
    if "anyOf" in schema or _is_free_text(schema):
        return schema
    described: dict[str, Any] = {key: schema[key] for key in ("description", "default") if key in schema}
    return {"anyOf": [{key: value for key, value in schema.items() if key not in described}, _PLACEHOLDER], **described}


def _is_free_text(schema: dict[str, Any]) -> bool:
    type_ = schema.get("type", ())
    is_text = type_ == "string" or (isinstance(type_, list) and "string" in type_)
    return is_text and "pattern" not in schema and "enum" not in schema
