"""
An Environment as it is written: where things are, with no judgement in it (SPEC sections 1.2 and 5).

What an Environment means beside a policy is in `canarypolicy.documents.environment_checks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr, WithJsonSchema, model_validator

from canarypolicy.documents.choice import Choice
from canarypolicy.documents.fields import DocumentModel, KebabName, Metadata, fault
from canarypolicy.documents.part_tables import (
    NOTIFIER_PARAMETERS,
    PROBE_PARAMETERS,
    SOURCE_PARAMETERS,
    UNDER_ACTUATORS,
)
from canarypolicy.documents.secrets import Template
from canarypolicy.documents.signals import SignalName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.finding import Finding
    from canarypolicy.documents.span import SourceText, Span


class SourceChoice(Choice):
    """
    One kind of source and its parameters.
    """

    MODELS = SOURCE_PARAMETERS
    KIND = "source"


class ProbeChoice(Choice):
    """
    One kind of probe and its parameters, or `all` and the names of other probes.
    """

    MODELS = PROBE_PARAMETERS
    KIND = "probe"


class ActuatorChoice(Choice):
    """
    One kind of actuator or backup and its parameters.
    """

    MODELS = UNDER_ACTUATORS
    KIND = "actuator"


class NotifierChoice(Choice):
    """
    One kind of notifier and its parameters.
    """

    MODELS = NOTIFIER_PARAMETERS
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
