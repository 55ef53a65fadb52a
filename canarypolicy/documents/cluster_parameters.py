"""
What users write about Kubernetes: where its API is, and which object shares traffic out.

How it is asked and changed is in `canarypolicy/actuators/cluster_api.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StrictBool, model_validator

from canarypolicy.documents.fields import fault
from canarypolicy.documents.http_parameters import Url
from canarypolicy.documents.part_parameters import PartParameters, Timeout
from canarypolicy.documents.secrets import Template

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path

ObjectName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", max_length=253)]
"""A name as Kubernetes allows it."""


class ClusterParameters(PartParameters):
    """
    Where the API server is, and who asks.
    """

    in_cluster: StrictBool = False
    """Take server, token, certificates and namespace from the service account of this pod."""
    server: Url | None = None
    """The address of the API server."""
    token: Template | None = None
    """A bearer token; read anew for each request, as tokens in files are exchanged."""
    ca_file: Template | None = None
    """A PEM file with the certificates to trust."""
    namespace: ObjectName | None = None
    timeout: Timeout = Field(default=timedelta(seconds=10), json_schema_extra={"default": "10s"})
    """For setting or reading a weight as a whole, conflicts included."""

    @property
    def secrets(self) -> Mapping[Path, Template]:
        """
        What should not stand in the document itself, by its path; of a url, the password in it.
        """
        secrets: dict[Path, Template] = {} if self.token is None else {("token",): self.token}
        return secrets if self.server is None else {**secrets, ("server",): self.server}

    @model_validator(mode="after")
    def _says_where_once(self) -> ClusterParameters:
        given = [name for name in ("server", "token", "ca_file") if getattr(self, name) is not None]
        if self.in_cluster and given:
            raise fault("not-one-cluster", f"`in_cluster` brings `{given[0]}` with it, found both", given[0])
        if not self.in_cluster and (self.server is None or self.namespace is None):
            absent = "server" if self.server is None else "namespace"
            raise fault("not-one-cluster", f"expected `in_cluster: true`, or `server` and `namespace`; `{absent}` is not there")
        return self


class GatewayApiParameters(ClusterParameters):
    """
    A route of the Gateway API whose backends' weights are the split.
    """

    route: ObjectName
    """The name of the HTTPRoute."""
    canary: ObjectName
    """The name of the new version's backend."""
    baseline: ObjectName
    """The name of the stable version's backend."""

    @model_validator(mode="after")
    def _has_two_versions(self) -> GatewayApiParameters:
        if self.canary == self.baseline:
            raise fault("duplicate-name", f"the backend `{self.canary}` is named twice: each is of one version", "baseline")
        return self


class ArgoRolloutsParameters(ClusterParameters):
    """
    A Rollout of Argo Rollouts with the canary strategy.
    """

    rollout: ObjectName
    """The name of the Rollout."""
