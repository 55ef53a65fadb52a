"""
A mapping with exactly one key, the name of a kind's member, and that member's parameters as its value.

`{mean: {of: canary.latency_p95, over: 5m}}` and `{prometheus: {url: ...}}` are choices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from canarypolicy.documents.fields import fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


@dataclass(frozen=True, slots=True)
class Choice:
    """
    The chosen member's name and its parameters; a subclass names the table of parameter models.
    """

    name: str
    parameters: Any

    MODELS: ClassVar[Mapping[str, Any]]
    """Each name and the type of its parameters: nearly always a model."""
    KIND: ClassVar[str]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        members = {name: handler.generate_schema(model) for name, model in cls.MODELS.items()}
        typed = core_schema.typed_dict_schema(
            {name: core_schema.typed_dict_field(schema, required=False) for name, schema in members.items()},
            extra_behavior="forbid",
        )
        return core_schema.no_info_after_validator_function(
            cls._from_one_key,
            typed,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda choice: {choice.name: _as_written(choice.parameters)}
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        described = handler(schema)
        return {
            **described,
            "x-kind": cls.KIND,
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
            "description": f"One {cls.KIND} and its parameters.",
        }

    @classmethod
    def _from_one_key(cls, value: dict[str, Any]) -> Choice:
        if len(value) != 1:
            raise cls._not_one(sorted(value))
        ((name, parameters),) = value.items()
        return cls(name, parameters)

    @classmethod
    def _not_one(cls, names: list[str]) -> PydanticCustomError:
        found = ", ".join(f"`{name}`" for name in names) or "none"
        allowed = ", ".join(f"`{name}`" for name in cls.MODELS)
        return fault("not-one-choice", f"expected exactly one {cls.KIND}, found {found}", help=f"one of {allowed}")


def _as_written(parameters: Any) -> Any:
    if isinstance(parameters, BaseModel):
        return parameters.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return parameters
