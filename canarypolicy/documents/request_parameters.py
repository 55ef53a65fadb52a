"""
What users write about the `http` probe: requests one after the other, and what each answer must be.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from canarypolicy.documents.fields import DocumentModel, Expression, KebabName, fault
from canarypolicy.documents.http_parameters import Headers, JmesPath, JsonBody, Url, secret_headers
from canarypolicy.documents.part_parameters import PartParameters, Timeout
from canarypolicy.documents.program_parameters import CaptureName
from canarypolicy.documents.secrets import Template
from canarypolicy.documents.signals import SignalType
from canarypolicy.documents.source_parameters import TlsConfig

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path

METHODS = ("get", "head", "post", "put", "patch", "delete")

KNOWN: Mapping[str, SignalType] = {
    "status": SignalType.INT,
    "seconds": SignalType.DOUBLE,
    "body": SignalType.STRING,
}
"""What `expect` may read of every answer."""


class AnswerCapture(DocumentModel):
    """
    A typed value in an answer: in its JSON or in a header.
    """

    query: JmesPath | None = None
    header: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    type: SignalType = SignalType.STRING

    @model_validator(mode="after")
    def _has_one_origin(self) -> AnswerCapture:
        if (self.query is None) == (self.header is None):
            raise fault("not-one-origin", "a capture has `query`, into the JSON of the answer, or `header`")
        return self


class ProbeRequest(DocumentModel):
    """
    One request; `{name}` in its path, headers and body is what an earlier answer gave by that name.
    """

    name: KebabName
    get: Template | None = None
    head: Template | None = None
    post: Template | None = None
    put: Template | None = None
    patch: Template | None = None
    delete: Template | None = None
    headers: Headers = Field(default={})
    body: JsonBody = Field(default=None, alias="json")
    expect: Expression = "status >= 200 && status < 300"
    """CEL over `status`, `seconds`, `body` and what was captured so far."""
    captures: dict[CaptureName, AnswerCapture] = Field(default={})

    @property
    def method(self) -> str:
        """
        Which method it is, in lower case.
        """
        return next(name for name in METHODS if getattr(self, name) is not None)

    @property
    def path(self) -> Template:
        """
        The path behind the address of all requests.
        """
        path: Template = getattr(self, self.method)
        return path

    @model_validator(mode="after")
    def _is_one_request(self) -> ProbeRequest:
        given = [name for name in METHODS if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(f"`{name}`" for name in given) or "none"
            raise fault("not-one-request", f"a request has one of {', '.join(f'`{name}`' for name in METHODS)}, found {found}")
        for name in self.captures:
            if name in KNOWN:
                raise fault("reserved-name", f"`{name}` is no name for a capture: every answer has it", "captures", name)
        return self


class HttpProbeParameters(PartParameters):
    """
    Requests to one server, one after the other; the first that fails is the last.
    """

    base_url: Url
    requests: Annotated[tuple[ProbeRequest, ...], Field(min_length=1, max_length=100)]
    headers: Headers = Field(default={})
    """Sent with every request."""
    tls_config: TlsConfig = TlsConfig()
    timeout: Timeout = Field(default=timedelta(seconds=30), json_schema_extra={"default": "30s"})
    """How long all requests together may take."""

    @property
    def secrets(self) -> Mapping[Path, Template]:
        """
        What should not stand in the document itself, by its path; of a url, the password in it.
        """
        secrets: dict[Path, Template] = {("base_url",): self.base_url, **secret_headers(self.headers, "headers")}
        for index, request in enumerate(self.requests):
            for (name,), value in secret_headers(request.headers).items():
                secrets["requests", index, "headers", name] = value
        return secrets

    @model_validator(mode="after")
    def _has_each_name_once(self) -> HttpProbeParameters:
        names: set[str] = set()
        for index, request in enumerate(self.requests):
            if request.name in names:
                raise fault("duplicate-name", f"another request is called `{request.name}`", "requests", index, "name")
            names.add(request.name)
        return self
