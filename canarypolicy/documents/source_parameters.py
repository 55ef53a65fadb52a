"""
What users write about each kind of source in an Environment.

How a source asks is in `canarypolicy/sources/`, one file a kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field, StrictBool, model_validator

from canarypolicy.documents.fields import DocumentModel, fault
from canarypolicy.documents.http_parameters import Headers, Url, secret_headers
from canarypolicy.documents.part_parameters import PartParameters, Timeout
from canarypolicy.documents.program_parameters import Arguments
from canarypolicy.documents.secrets import Template

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path


class QueryLanguage(Enum):
    """
    In what a signal's query is written, where that can be checked.
    """

    PROMQL = "PromQL"
    JMESPATH = "JMESPath"


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


class HttpParameters(PartParameters):
    """
    Where a server is and how to talk to it; the words are those of Prometheus' own configuration.
    """

    url: Url
    timeout: Timeout = Field(default=timedelta(seconds=10), json_schema_extra={"default": "10s"})
    """What has no whole answer by then is missing."""
    headers: Headers = Field(default={})
    bearer_token: Template | None = None
    basic_auth: BasicAuth | None = None
    tls_config: TlsConfig = TlsConfig()

    @property
    def secrets(self) -> Mapping[Path, Template]:
        """
        What should not stand in the document itself, by its path; of a url, the password in it.
        """
        secrets: dict[Path, Template] = {("url",): self.url, **secret_headers(self.headers, "headers")}
        if self.bearer_token is not None:
            secrets["bearer_token",] = self.bearer_token
        if self.basic_auth is not None:
            secrets["basic_auth", "password"] = self.basic_auth.password
        return secrets

    @model_validator(mode="after")
    def _says_who_asks_once(self) -> Self:
        given = [name for name in ("bearer_token", "basic_auth") if getattr(self, name) is not None]
        given += [f"headers.{name}" for name in self.headers if name.lower() == "authorization"]
        if len(given) > 1:
            found = " and ".join(f"`{name}`" for name in given)
            raise fault("two-authorizations", f"only one authorization can be sent, found {found}")
        return self


class PrometheusParameters(HttpParameters):
    """
    A Prometheus server, whose address is written without `/api/v1`; all queries are asked at once.
    """

    query_language: ClassVar[QueryLanguage] = QueryLanguage.PROMQL


class HttpSourceParameters(HttpParameters):
    """
    A JSON document that is fetched once a tick; a signal's query is a JMESPath into it.
    """

    query_language: ClassVar[QueryLanguage] = QueryLanguage.JMESPATH


class CommandSourceParameters(PartParameters):
    """
    A program that prints a JSON document; a signal's query is a JMESPath into it.
    """

    query_language: ClassVar[QueryLanguage] = QueryLanguage.JMESPATH

    run: Arguments
    timeout: Timeout = Field(default=timedelta(seconds=10), json_schema_extra={"default": "10s"})


class Play(Enum):
    """
    When what was recorded happens.
    """

    FROM_START = "from-start"
    AS_RECORDED = "as-recorded"


class RecordingParameters(PartParameters):
    """
    A recording that is played, for rehearsals; a signal's query is its name there.
    """

    file: Template
    rollout: str | None = Field(default=None, min_length=1)
    """Which rollout of the file, where it has several."""
    play: Play = Play.FROM_START
    """Whether the recorded rollout starts when the run does, or each sample has its own time; without a run, the latter."""
