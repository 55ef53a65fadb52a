"""
What users write about webhooks, as actuators and as notifiers, and about Alertmanager.

How a request is made is in `canarypolicy.http_calls`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from canarypolicy.documents.fields import DocumentModel, Duration, fault
from canarypolicy.documents.http_parameters import Headers, JmesPath, JsonBody, Url, secret_headers
from canarypolicy.documents.part_parameters import PartParameters, Timeout
from canarypolicy.documents.source_parameters import TlsConfig

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.secrets import Template


LabelName = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=100)]
"""The name of a label of Prometheus."""


def _longer_than_nothing(duration: timedelta) -> timedelta:
    if not duration:
        raise fault("zero-duration", "an alert stands for longer than nothing")
    return duration


class WebhookSet(DocumentModel):
    """
    The request that sets a weight; `{weight}` in the address and in the body's texts is the percent.
    """

    url: Url
    method: Literal["POST", "PUT", "PATCH"] = "POST"
    headers: Headers = Field(default={})
    body: JsonBody = Field(default=None, alias="json")
    """A text that is `{weight}` and nothing else becomes the number."""


class WebhookRead(DocumentModel):
    """
    The request whose answer tells the weight.
    """

    url: Url
    headers: Headers = Field(default={})
    query: JmesPath
    """Where in the answer the percent is: a number between 0 and 100."""


class WebhookActuatorParameters(PartParameters):
    """
    Something that shares out traffic and is told so by HTTP.
    """

    set: WebhookSet
    read: WebhookRead
    tls_config: TlsConfig = TlsConfig()
    timeout: Timeout = Field(default=timedelta(seconds=10), json_schema_extra={"default": "10s"})
    """How long one request may take as a whole."""

    @property
    def secrets(self) -> Mapping[Path, Template]:
        """
        What should not stand in the document itself, by its path; of a url, the password in it.
        """
        return {
            ("set", "url"): self.set.url,
            ("read", "url"): self.read.url,
            **secret_headers(self.set.headers, "set", "headers"),
            **secret_headers(self.read.headers, "read", "headers"),
        }


class WebhookNotifierParameters(PartParameters):
    """
    Who is told by HTTP.
    """

    url: Url
    headers: Headers = Field(default={})
    template: Literal["plain", "slack"] = "plain"
    """The body: all of the notice, or `{"text": ...}` as Slack's incoming webhooks take it."""
    tls_config: TlsConfig = TlsConfig()
    timeout: Timeout = Field(default=timedelta(seconds=10), json_schema_extra={"default": "10s"})
    """How long the request may take as a whole."""

    @property
    def secrets(self) -> Mapping[Path, Template]:
        """
        What should not stand in the document itself, by its path; of a url, the password in it.
        """
        return {("url",): self.url, **secret_headers(self.headers, "headers")}


class AlertmanagerParameters(PartParameters):
    """
    Which Alertmanager is told, and how its alerts are labelled.
    """

    url: Url
    """The address without `/api/v2`."""
    headers: Headers = Field(default={})
    labels: dict[LabelName, Annotated[str, Field(min_length=1)]] = Field(default={})
    """Further labels of every alert."""
    lasts: Annotated[Duration, AfterValidator(_longer_than_nothing)] = Field(
        default=timedelta(hours=1), json_schema_extra={"default": "1h"}
    )
    """How long an alert stands unless it is ended before."""
    tls_config: TlsConfig = TlsConfig()
    timeout: Timeout = Field(default=timedelta(seconds=10), json_schema_extra={"default": "10s"})
    """How long the request may take as a whole."""

    @property
    def secrets(self) -> Mapping[Path, Template]:
        """
        What should not stand in the document itself, by its path; of a url, the password in it.
        """
        return {("url",): self.url, **secret_headers(self.headers, "headers")}
