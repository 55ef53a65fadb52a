"""
What all document models share: their strictness, durations, names and the faults that they raise.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from canarypolicy.documents.duration import PATTERN, format_duration, microseconds, parse_duration


class DocumentModel(BaseModel):
    """
    A frozen part of a document in which unknown keys are faults.
    """

    # What the texts below a field say is read by `schemas`: having pydantic read it took a fifth of every command's start.
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, strict=False)


def fault(name: str, message: str, *at: str | int, help: str | None = None) -> PydanticCustomError:  # noqa: A002 - the word of the messages
    """
    Make the error that a model raises: a finding's name, its sentence, and where below the model it is.

    `at` is the path from the model to the faulty value; without it the whole model is underlined.
    """
    return PydanticCustomError(name, "{sentence}", {"sentence": message, "at": at, "help": help})


def _to_duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise fault("wrong-type", "a duration is text such as `30s`, `5m` or `1h30m`")
    try:
        return parse_duration(value)
    except ValueError as error:
        raise fault("invalid-duration", str(error)) from None


Duration = Annotated[
    timedelta,
    BeforeValidator(_to_duration),
    PlainSerializer(lambda duration: format_duration(microseconds(duration)), return_type=str),
    WithJsonSchema({"type": "string", "pattern": PATTERN, "description": "A Prometheus duration such as 30s, 5m or 1h30m."}),
]

KEBAB_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
KebabName = Annotated[str, Field(pattern=KEBAB_PATTERN, max_length=100)]
"""The name of a rule, step, gate or checklist item."""

Expression = Annotated[str, Field(min_length=1, json_schema_extra={"description": "A CEL expression over the declared signals."})]
"""The text of a CEL expression; its limits and its meaning are checked by `canarypolicy.cel`."""


class Metadata(DocumentModel):
    """
    What a document says about itself.
    """

    name: KebabName
    revision: Annotated[int, Field(ge=0, strict=True)] | None = None
    owner: str | None = None
    description: str | None = None
