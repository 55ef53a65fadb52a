"""
The JSON Schemas of documents, generated from the models that judge their meaning.

The files in `schemas/v1/` are what this module writes; an installed package makes them anew, from the same models.
A null is no way of leaving a key out: a key whose value was forgotten is a fault, not a default.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

from canarypolicy.documents.api_version import API_VERSION
from canarypolicy.documents.policy import RolloutPolicy

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import core_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _DocumentSchema(GenerateJsonSchema):
    """
    JSON Schema as editors show it and findings are made from.
    """

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def union_schema(self, schema: core_schema.UnionSchema) -> JsonSchemaValue:
        described = super().union_schema(schema)
        branches = described.get("anyOf", [])
        if not all(branch.keys() == {"type"} for branch in branches):
            return described
        names = [branch["type"] for branch in branches if branch["type"] != "integer" or {"type": "number"} not in branches]
        return {"type": names[0] if len(names) == 1 else names}

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        described = super().default_schema(schema)
        if described.get("default") is None:
            described.pop("default", None)
        return described

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        described = super().dict_schema(schema)
        for values in described.pop("patternProperties", {}).values():
            described["propertyNames"] = self.generate_inner(schema["keys_schema"])
            described["additionalProperties"] = values
        return described


def schema_of(model: type[BaseModel], name: str) -> dict[str, Any]:
    """
    Generate the JSON Schema of a model; `name` is its file's name without the ending.
    """
    described = model.model_json_schema(by_alias=True, schema_generator=_DocumentSchema)
    version = API_VERSION.rpartition("/")[2]
    whole: dict[str, Any] = _with_whole_numbers({"$schema": DIALECT, "$id": f"urn:canarypolicy:{version}:{name}", **described})
    return whole


def _with_whole_numbers(schema: Any) -> Any:
    """
    Write `1.0` as `1`, which is the same to JSON: versions of pydantic differ in it.
    """
    if isinstance(schema, dict):
        return {key: _with_whole_numbers(value) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_with_whole_numbers(value) for value in schema]
    return int(schema) if isinstance(schema, float) and schema.is_integer() else schema


@cache
def _rollout_policy() -> dict[str, Any]:
    return schema_of(RolloutPolicy, "rollout-policy")


@cache
def _environment() -> dict[str, Any]:
    from canarypolicy.documents.environment import Environment  # noqa: PLC0415 - judging by a policy alone loads nothing of it

    return schema_of(Environment, "environment")


@cache
def _policy_test() -> dict[str, Any]:
    from canarypolicy.documents.placeholders import with_placeholders  # noqa: PLC0415 - judging by a policy alone loads no tests
    from canarypolicy.documents.policytest import PolicyTest  # noqa: PLC0415 - the same

    return with_placeholders(
        schema_of(PolicyTest, "policy-test"), ("Expectation", "GateResult", "Near", "Scenario", "WrittenEvent")
    )


SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = MappingProxyType(
    {
        "environment": _environment,
        "policy-test": _policy_test,
        "rollout-policy": _rollout_policy,
    }
)
"""The name of each file in `schemas/v1/`, without its ending, and how its schema is made."""


def schema_text(schema: Mapping[str, Any]) -> str:
    """
    Write a schema as its file holds it.
    """
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
