"""
What users write about each kind of source in an Environment.

How a source asks is in `canarypolicy/sources/`, one file a kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import Field, StrictBool, field_validator, model_validator

from canarypolicy.documents.fields import DocumentModel, fault
from canarypolicy.documents.part_parameters import PartParameters, Timeout
from canarypolicy.documents.secrets import Reference, Template

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path


class BasicAuth(DocumentModel):
    """
    A user's name and password, sent with every query.
    """

    username: Template
    password: Template


class TlsConfig(DocumentModel):
    """
    Whom to trust behind an `https` address.
    """

    ca_file: Template | None = None
    """The path of a PEM file with the certificates to trust, instead of the usual ones."""
    insecure_skip_verify: StrictBool = False


class PrometheusParameters(PartParameters):
    """
    Where a Prometheus server is and how to talk to it; the words are those of Prometheus' own configuration.
    """

    url: Template
    """The address without `/api/v1`."""
    timeout: Timeout = Field(default=timedelta(seconds=10), json_schema_extra={"default": "10s"})
    """All queries are asked at once; one without a whole answer by then is missing."""
    headers: dict[str, Template] = Field(default={})
    bearer_token: Template | None = None
    basic_auth: BasicAuth | None = None
    tls_config: TlsConfig = TlsConfig()

    @property
    def secrets(self) -> Mapping[Path, Template]:
        """
        What should not stand in the document itself, by its path; of a url, the password in it.
        """
        secrets: dict[Path, Template] = {("url",): self.url}
        if self.bearer_token is not None:
            secrets["bearer_token",] = self.bearer_token
        if self.basic_auth is not None:
            secrets["basic_auth", "password"] = self.basic_auth.password
        for name, value in self.headers.items():
            if name.lower() == "authorization":
                secrets["headers", name] = value
        return secrets

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: Template) -> Template:
        first = url.parts[0]
        if not isinstance(first, Reference) and not first.startswith(("http://", "https://")):
            raise fault("invalid-url", f"`{url}` is no address: expected `http://` or `https://`")
        return url

    @field_validator("headers")
    @classmethod
    def _can_be_sent(cls, headers: dict[str, Template]) -> dict[str, Template]:
        for name in headers:
            if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
                raise fault("invalid-header", f"`{name}` is no name of an HTTP header", name)
        return headers

    @model_validator(mode="after")
    def _says_who_asks_once(self) -> PrometheusParameters:
        given = [name for name in ("bearer_token", "basic_auth") if getattr(self, name) is not None]
        given += [f"headers.{name}" for name in self.headers if name.lower() == "authorization"]
        if len(given) > 1:
            found = " and ".join(f"`{name}`" for name in given)
            raise fault("two-authorizations", f"only one authorization can be sent, found {found}")
        return self

