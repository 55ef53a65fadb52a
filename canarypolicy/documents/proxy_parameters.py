"""
What users write about the proxies that share traffic out: HAProxy.

How each is told and asked is in `canarypolicy/actuators/`, one file a kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from canarypolicy.documents.fields import DocumentModel, fault
from canarypolicy.documents.part_parameters import PartParameters, Timeout
from canarypolicy.documents.secrets import Reference, Template

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path

_SOCKETS = ("/", "unix@/", "tcp://", "ipv4@", "ipv6@")

ServerName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]+$", max_length=200)]
"""A name as HAProxy allows it."""
ServerNames = ServerName | Annotated[tuple[ServerName, ...], Field(min_length=1)]
"""One server, or several that share a version's traffic."""


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


def _listed(names: ServerNames) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names
