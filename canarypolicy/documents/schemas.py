"""
The JSON Schemas of documents, generated from the models that judge their meaning.

The files in `schemas/v1/` are what this module writes; an installed package makes them anew, from the same models.
A null is no way of leaving a key out: a key whose value was forgotten is a fault, not a default.
"""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Callable, Mapping
from functools import cache, partial
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from canarypolicy.documents.api_version import API_VERSION
from canarypolicy.documents.policy import RolloutPolicy

if TYPE_CHECKING:
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


class _DescribedSchema(_DocumentSchema):
    """
    The same with what the texts below the models' fields say.
    """

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        described = super().model_schema(schema)
        fields, texts = schema["cls"].model_fields, _texts_below_fields(schema["cls"])
        for key, text in texts.items():
            described["properties"][fields[key].alias or key]["description"] = text
        return described


def _texts_below_fields(model: type[BaseModel]) -> dict[str, str]:
    """
    Read a model's source: field -> the text that stands below it.
    """
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        if each is BaseModel or not issubclass(each, BaseModel):
            continue
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(each))).body
        assert isinstance(definition, ast.ClassDef), "it is the source of a class"
        for field, below in pairwise(definition.body):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=key)), ast.Expr(value=ast.Constant(value=str(text))):
                    found[key] = inspect.cleandoc(text)
    return {key: text for key, text in found.items() if key in model.model_fields}


def schema_of(model: type[BaseModel], name: str, *, is_described: bool = True) -> dict[str, Any]:
    """
    Generate the JSON Schema of a model; `name` is its file's name without the ending.

    What is described is for people and editors; judging a document needs none of it, and it takes a while to read.
    """
    described = model.model_json_schema(by_alias=True, schema_generator=_DescribedSchema if is_described else _DocumentSchema)
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


def _environment(*, is_described: bool) -> dict[str, Any]:
    from canarypolicy.documents.environment import Environment  # noqa: PLC0415 - judging by a policy alone loads nothing of it

    return schema_of(Environment, "environment", is_described=is_described)


def _policy_test(*, is_described: bool) -> dict[str, Any]:
    from canarypolicy.documents.placeholders import with_placeholders  # noqa: PLC0415 - judging by a policy alone loads no tests
    from canarypolicy.documents.policytest import PolicyTest  # noqa: PLC0415 - the same

    return with_placeholders(
        schema_of(PolicyTest, "policy-test", is_described=is_described),
        ("Expectation", "GateResult", "Near", "Scenario", "WrittenEvent"),
    )


def _rollout_policy(*, is_described: bool) -> dict[str, Any]:
    return schema_of(RolloutPolicy, "rollout-policy", is_described=is_described)


_MADE = {"environment": _environment, "policy-test": _policy_test, "rollout-policy": _rollout_policy}


@cache
def _published(name: str) -> dict[str, Any]:
    return _MADE[name](is_described=True)


@cache
def structure_of(name: str) -> dict[str, Any]:
    """
    Give the schema by which a document's structure is judged: the published one, without its texts for people.
    """
    return _MADE[name](is_described=False)


SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = MappingProxyType({name: partial(_published, name) for name in _MADE})
"""The name of each file in `schemas/v1/`, without its ending, and how its schema is made."""


def schema_text(schema: Mapping[str, Any]) -> str:
    """
    Write a schema as its file holds it.
    """
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
