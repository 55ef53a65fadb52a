"""
What users write about the proxies that share traffic out: Envoy, HAProxy, nginx.

How each is told and asked is in `canarypolicy/actuators/`, one file a kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from canarypolicy.documents.fields import DocumentModel, fault
from canarypolicy.documents.http_parameters import Url
from canarypolicy.documents.part_parameters import PartParameters, Timeout
from canarypolicy.documents.secrets import Reference, Template, parse_template

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path

_SOCKETS = ("/", "unix@/", "tcp://", "ipv4@", "ipv6@")

ServerName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]+$", max_length=200)]
"""A name as HAProxy allows it."""
ServerNames = ServerName | Annotated[tuple[ServerName, ...], Field(min_length=1)]
"""One server, or several that share a version's traffic."""

RuntimeKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$", max_length=200)]
NginxVariable = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)]
NginxKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_${}.:|/-]+$", max_length=200)]
"""Text with variables of nginx in it, nothing that could end it."""


class PersistParameters(DocumentModel):
    """
    Where the weights are kept across a reload.
    """

    state_file: Template
    """The file that the backend's `load-server-state-from-file` reads; written anew after each weight that was set."""


class HaproxyParameters(PartParameters):
    """
    A backend of HAProxy whose servers' weights are the split.
    """

    socket: Template
    """The stats socket, `level admin`: a path, or `tcp://HOST:PORT`."""
    backend: Template
    canary: ServerNames
    """The server, or the servers, of the new version."""
    baseline: ServerNames
    """The server, or the servers, of the stable version."""
    timeout: Timeout = Field(default=timedelta(seconds=5), json_schema_extra={"default": "5s"})
    """For setting or reading all weights as a whole."""
    persist: PersistParameters | None = None

    @property
    def secrets(self) -> Mapping[Path, Template]:
        """
        What should not stand in the document itself, by its path; of a url, the password in it.
        """
        return {("socket",): self.socket}

    @property
    def canary_servers(self) -> tuple[str, ...]:
        return _listed(self.canary)

    @property
    def baseline_servers(self) -> tuple[str, ...]:
        return _listed(self.baseline)

    @model_validator(mode="after")
    def _is_a_socket(self) -> HaproxyParameters:
        first = self.socket.parts[0]
        if not isinstance(first, Reference) and not first.startswith(_SOCKETS):
            message = f"`{self.socket}` is no socket: expected a path from `/` on, or an address such as `tcp://127.0.0.1:9999`"
            raise fault("invalid-text", message, "socket")
        return self

    @model_validator(mode="after")
    def _names_each_server_once(self) -> HaproxyParameters:
        seen: set[str] = set()
        for key, names in (("canary", self.canary_servers), ("baseline", self.baseline_servers)):
            for name in names:
                if name in seen:
                    raise fault("duplicate-name", f"the server `{name}` is named twice: each is of one version", key)
                seen.add(name)
        return self


class EnvoyParameters(PartParameters):
    """
    An Envoy whose split is a runtime key, or the weights in a file of routes.
    """

    admin: Url
    """The address of its admin interface."""
    runtime_key: RuntimeKey | None = None
    """The key that a route's `runtime_fraction` reads; the route leads to the canary."""
    route_file: Template | None = None
    """The JSON file of routes that Envoy watches."""
    canary: ServerName | None = None
    """The cluster of the new version, as the route file names it."""
    baseline: ServerName | None = None
    """The cluster of the stable version, as the route file names it."""
    timeout: Timeout = Field(default=timedelta(seconds=5), json_schema_extra={"default": "5s"})
    """For setting or reading the split as a whole."""

    @property
    def secrets(self) -> Mapping[Path, Template]:
        """
        What should not stand in the document itself, by its path; of a url, the password in it.
        """
        return {("admin",): self.admin}

    @model_validator(mode="after")
    def _is_split_in_one_way(self) -> EnvoyParameters:
        given = [name for name in ("runtime_key", "route_file") if getattr(self, name) is not None]
        if len(given) != 1:
            found = " and ".join(f"`{name}`" for name in given) or "neither"
            raise fault("not-one-choice", f"an Envoy is split by `runtime_key` or by `route_file`, found {found}")
        for name in ("canary", "baseline"):
            if self.route_file is not None and getattr(self, name) is None:
                raise fault("missing-key", f"beside `route_file` stands `{name}`, the name of a cluster")
            if self.route_file is None and getattr(self, name) is not None:
                raise fault("unknown-key", f"`{name}` stands beside `route_file` only: a runtime key names no cluster", name)
        if self.route_file is not None and self.canary == self.baseline:
            raise fault("duplicate-name", f"the cluster `{self.canary}` is named twice: each is of one version", "baseline")
        return self


class NginxParameters(PartParameters):
    """
    An nginx whose split is a `split_clients` block in a file of its own.
    """

    include: Template
    """The path of the file that nginx's configuration includes, and that is written anew with each weight."""
    key: NginxKey = "$request_id"
    """What is hashed: each request has its own id; `$remote_addr` keeps a client on its version."""
    variable: NginxVariable
    """The variable that is the version's upstream; `NAME_percent` beside it is the canary's percent."""
    canary: ServerName
    """The upstream of the new version."""
    baseline: ServerName
    """The upstream of the stable version."""
    pid_file: Template
    program: Template = Field(default=parse_template("nginx"), json_schema_extra={"default": "nginx"})
    """What tests the configuration before nginx is told to read it."""
    arguments: tuple[Template, ...] = ()
    """Of the test, such as `-p` and `-c`: those that the running nginx was started with."""
    probe_url: Url
    """A location that returns `$NAME_percent`."""
    timeout: Timeout = Field(default=timedelta(seconds=10), json_schema_extra={"default": "10s"})
    """For setting or reading the split as a whole."""

    @property
    def secrets(self) -> Mapping[Path, Template]:
        """
        What should not stand in the document itself, by its path; of a url, the password in it.
        """
        return {("probe_url",): self.probe_url}

    @model_validator(mode="after")
    def _names_two_upstreams(self) -> NginxParameters:
        if self.canary == self.baseline:
            raise fault("duplicate-name", f"the upstream `{self.canary}` is named twice: each is of one version", "baseline")
        return self


def _listed(names: ServerNames) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names
