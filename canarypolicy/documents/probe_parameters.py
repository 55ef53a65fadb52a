"""
What users write about probes of databases, of Redis and of Prometheus.

How each looks is in `canarypolicy/probes/`, one file a kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field

from canarypolicy.documents.fields import fault
from canarypolicy.documents.http_parameters import Headers, Url, secret_headers
from canarypolicy.documents.part_parameters import PartParameters, Timeout
from canarypolicy.documents.secrets import Reference, Template
from canarypolicy.documents.source_parameters import TlsConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from canarypolicy.documents.checked import Path

_TIMEOUT = timedelta(seconds=5)


def _begins_with(*schemes: str) -> Callable[[Template], Template]:
    def check(url: Template) -> Template:
        first = url.parts[0]
        if not isinstance(first, Reference) and not first.startswith(tuple(f"{scheme}://" for scheme in schemes)):
            known = " or ".join(f"`{scheme}://`" for scheme in schemes)
            raise fault("invalid-url", f"`{url}` is no address: expected {known}")
        return url

    return check


RedisUrl = Annotated[Template, AfterValidator(_begins_with("redis", "rediss", "unix"))]
MysqlUrl = Annotated[Template, AfterValidator(_begins_with("mysql", "mysql+pymysql", "mariadb", "mariadb+pymysql"))]
PostgresqlUrl = Annotated[Template, AfterValidator(_begins_with("postgresql", "postgresql+psycopg", "postgres"))]


class _UrlParameters(PartParameters):
    url: Template
    timeout: Timeout = Field(default=_TIMEOUT, json_schema_extra={"default": "5s"})
    """How long the whole look may take."""

    @property
    def secrets(self) -> Mapping[Path, Template]:
        """
        What should not stand in the document itself, by its path; of a url, the password in it.
        """
        return {("url",): self.url}


class RedisProbeParameters(_UrlParameters):
    """
    A Redis that a key of the probe's own is written to, read from and deleted from.
    """

    url: RedisUrl
    key: Annotated[str, Field(min_length=1, max_length=200)] = "canarypolicy:probe"
    """What the key begins with; the rest is drawn anew each time, and it expires by itself."""


class MysqlProbeParameters(_UrlParameters):
    """
    A MySQL or MariaDB that answers a query.
    """

    url: MysqlUrl
    query: Annotated[str, Field(min_length=1)] = "SELECT 1"


class PostgresqlProbeParameters(_UrlParameters):
    """
    A PostgreSQL that answers a query.
    """

    url: PostgresqlUrl
    query: Annotated[str, Field(min_length=1)] = "SELECT 1"


class PrometheusProbeParameters(PartParameters):
    """
    A query that must give something, and nothing that is 0.
    """

    url: Url
    """The address without `/api/v1`."""
    query: Template
    headers: Headers = Field(default={})
    tls_config: TlsConfig = TlsConfig()
    timeout: Timeout = Field(default=timedelta(seconds=10), json_schema_extra={"default": "10s"})
    """How long the query may take as a whole."""

    @property
    def secrets(self) -> Mapping[Path, Template]:
        """
        What should not stand in the document itself, by its path; of a url, the password in it.
        """
        return {("url",): self.url, **secret_headers(self.headers, "headers")}
