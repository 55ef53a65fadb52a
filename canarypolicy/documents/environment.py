"""
An Environment as it is written: where things are, with no judgement in it (SPEC sections 1.2 and 5).

Sources are checked whole; of probes, actuators and notifiers this version checks the outer shape.
What an Environment means beside a policy is in `canarypolicy.documents.environment_checks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, WithJsonSchema, model_validator
from pydantic_core import CoreSchema, core_schema

from canarypolicy.documents.choice import Choice
from canarypolicy.documents.fields import DocumentModel, KebabName, Metadata, fault
from canarypolicy.documents.secrets import Template
from canarypolicy.documents.signals import SignalName
from canarypolicy.documents.source_parameters import SOURCE_PARAMETERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.finding import Finding
    from canarypolicy.documents.span import SourceText, Span


class SourceChoice(Choice):
    """
    One kind of source and its parameters.
    """

    MODELS = SOURCE_PARAMETERS
    KIND = "source"


@dataclass(frozen=True, slots=True)
class OpenChoice:
    """
    One kind and its parameters, of which this version knows neither.
    """

    name: str
    parameters: Any

    KIND: ClassVar[str] = "kind"
    LISTS: ClassVar[bool] = False
    """Whether `{all: [names]}` is a choice, too."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls._from_one_key,
            core_schema.dict_schema(core_schema.str_schema(strict=True)),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda choice: {choice.name: choice.parameters}),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            **({"properties": {"all": {"type": "array", "items": {"type": "string"}, "minItems": 1}}} if cls.LISTS else {}),
            "additionalProperties": {"type": "object"},
            "x-kind": cls.KIND,
            "description": f"One {cls.KIND} and its parameters.",
        }

    @classmethod
    def _from_one_key(cls, value: dict[str, Any]) -> OpenChoice:
        if len(value) != 1:
            found = ", ".join(f"`{name}`" for name in value) or "none"
            raise fault("not-one-choice", f"expected exactly one {cls.KIND}, found {found}")
        ((name, parameters),) = value.items()
        if cls.LISTS and name == "all":
            if not isinstance(parameters, list) or not parameters or not all(isinstance(each, str) for each in parameters):
                raise fault("wrong-type", "`all` is a list of names", name)
        elif not isinstance(parameters, dict):
            raise fault("wrong-type", f"the parameters of `{name}` are a mapping", name)
        return cls(name, parameters)


class ProbeChoice(OpenChoice):
    """
    One kind of probe and its parameters, or `all` and the names of other probes.
    """

    KIND = "probe"
    LISTS = True


class ActuatorChoice(OpenChoice):
    """
    One kind of actuator and its parameters.
    """

    KIND = "actuator"


class NotifierChoice(OpenChoice):
    """
    One kind of notifier and its parameters.
    """

    KIND = "notifier"


Initial = Annotated[
    StrictBool | StrictInt | StrictFloat | StrictStr | None,
    WithJsonSchema({"type": ["boolean", "number", "string", "null"]}),
]


class SignalEntry(DocumentModel):
    """
    Where a signal's value comes from: a source and a query, or a person.
    """

    source: KebabName | None = None
    query: Template | None = None
    measured: Template | None = None
    """A query for when the value was measured, in epoch seconds; for `max_age`, where the query's own result cannot tell."""
    manual: Initial = None
    """The value until somebody sets another one."""

    @property
    def is_manual(self) -> bool:
        return self.source is None

    @model_validator(mode="after")
    def _has_one_origin(self) -> SignalEntry:
        given = {name for name in ("source", "query", "measured") if getattr(self, name) is not None}
        if "manual" in self.model_fields_set:
            if given:
                raise fault("not-one-origin", f"`manual` stands alone, found `{min(given)}` beside it", "manual")
            return self
        for name in ("source", "query"):
            if name not in given:
                raise fault("not-one-origin", f"a signal has a `source` and a `query`, or `manual`; `{name}` is not there")
        return self


class Environment(DocumentModel):
    """
    Where a rollout's signals come from, and with what it is carried out.
    """

    api_version: Literal["canarypolicy/v1"] = Field(alias="apiVersion")
    kind: Literal["Environment"]
    metadata: Metadata
    store: Template | None = None
    sources: dict[KebabName, SourceChoice] = Field(default={})
    signals: dict[SignalName, SignalEntry] = Field(default={})
    probes: dict[KebabName, ProbeChoice] = Field(default={})
    actuators: dict[KebabName, ActuatorChoice] = Field(default={})
    notify: tuple[NotifierChoice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedEnvironment:
    """
    An environment without errors, with the place of everything in it.
    """

    environment: Environment
    source: SourceText
    """The text with what looks like a secret blotted out."""
    places: Mapping[Path, Span]
    keys: Mapping[Path, Span]
    warnings: tuple[Finding, ...]
