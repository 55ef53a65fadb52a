"""
What users write about HTTP: addresses, headers, queries into an answer, and bodies with substitutions in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from canarypolicy.documents.fields import fault
from canarypolicy.documents.secrets import Reference, Template, parse_template

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path


def _is_an_address(url: Template) -> Template:
    first = url.parts[0]
    if not isinstance(first, Reference) and not first.startswith(("http://", "https://")):
        raise fault("invalid-url", f"`{url}` is no address: expected `http://` or `https://`")
    return url


def _can_be_sent(headers: dict[str, Template]) -> dict[str, Template]:
    for name in headers:
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            raise fault("invalid-header", f"`{name}` is no name of an HTTP header", name)
    return headers


Url = Annotated[Template, AfterValidator(_is_an_address)]
"""The address of something that speaks HTTP."""

Headers = Annotated[dict[str, Template], AfterValidator(_can_be_sent)]


def secret_headers(headers: Mapping[str, Template], *path: str) -> dict[Path, Template]:
    """
    Give the headers that tell who asks, by their path.
    """
    return {(*path, name): value for name, value in headers.items() if name.lower() in ("authorization", "x-api-key")}


def why_no_jmespath(query: str) -> str | None:
    """
    Say why a query is no JMESPath; None for one that is.
    """
    import jmespath  # noqa: PLC0415 - few Environments look into an answer

    try:
        jmespath.compile(query)
    except jmespath.exceptions.JMESPathError as error:
        at = getattr(error, "lex_position", None)
        why = "it is not complete" if at is None or at >= len(query) else f"it cannot be read from its character {at + 1} on"
        return f"`{query[:80]}` is no JMESPath: {why}"
    return None


def _compiles(query: str) -> str:
    why = why_no_jmespath(query)
    if why is not None:
        raise fault("invalid-query", why)
    return query


JmesPath = Annotated[
    str,
    Field(min_length=1, max_length=1000, json_schema_extra={"description": "A JMESPath expression, such as `status.weight`."}),
    AfterValidator(_compiles),
]
"""A query into a JSON document."""


def _with_templates(value: Any) -> Any:
    try:
        return _parsed(value)
    except _InJson as wrong:
        said = wrong.fault.context or {}
        raise fault(wrong.fault.type, said["sentence"], *wrong.path, help=said["help"]) from None


class _InJson(Exception):
    """
    A fault somewhere in a body.
    """

    def __init__(self, fault: PydanticCustomError, path: Path) -> None:
        super().__init__(path)
        self.fault = fault
        self.path = path


def _parsed(value: Any, path: Path = ()) -> Any:
    if isinstance(value, dict):
        return {key: _parsed(each, (*path, key)) for key, each in value.items()}
    if isinstance(value, list):
        return [_parsed(each, (*path, index)) for index, each in enumerate(value)]
    if isinstance(value, str) and value:
        try:
            return parse_template(value)
        except PydanticCustomError as error:
            raise _InJson(error, path) from None
    return value


def _written(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _written(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_written(each) for each in value]
    return str(value) if isinstance(value, Template) else value


JsonBody = Annotated[
    Any,
    PlainValidator(_with_templates),
    PlainSerializer(_written),
    WithJsonSchema({"description": "Any JSON; substitutions stand in its texts."}),
]
"""A body of JSON whose texts are templates."""
