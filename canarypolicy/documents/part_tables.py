"""
The kinds of parts that an Environment may name, each with the model of its parameters.

How a part works is in the room of its kind, one file a member; the tables there have the same names. Installed plug-ins
are in both: the entry point names a class with `name` and `Parameters`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import Field

from canarypolicy.documents.actuator_parameters import DryRunParameters
from canarypolicy.documents.backup_parameters import MysqldumpParameters, PgDumpParameters
from canarypolicy.documents.backup_probe_parameters import BackupProbeParameters
from canarypolicy.documents.cluster_parameters import ArgoRolloutsParameters, GatewayApiParameters
from canarypolicy.documents.fields import KebabName
from canarypolicy.documents.part_parameters import PartParameters
from canarypolicy.documents.probe_parameters import (
    MysqlProbeParameters,
    PostgresqlProbeParameters,
    PrometheusProbeParameters,
    RedisProbeParameters,
)
from canarypolicy.documents.program_parameters import (
    CommandActuatorParameters,
    CommandNotifierParameters,
    CommandProbeParameters,
)
from canarypolicy.documents.proxy_parameters import EnvoyParameters, HaproxyParameters, NginxParameters
from canarypolicy.documents.request_parameters import HttpProbeParameters
from canarypolicy.documents.source_parameters import (
    CommandSourceParameters,
    HttpSourceParameters,
    PrometheusParameters,
    RecordingParameters,
)
from canarypolicy.documents.webhook_parameters import (
    AlertmanagerParameters,
    WebhookActuatorParameters,
    WebhookNotifierParameters,
)
from canarypolicy.errors import Unavailable
from canarypolicy.kinds import joined

ProbeNames = Annotated[tuple[KebabName, ...], Field(min_length=1)]
"""The names of other probes."""


def _with_plug_ins(group: str, members: Mapping[str, Any]) -> Mapping[str, Any]:
    """
    Give the models of a kind and of its plug-ins, sorted; a plug-in whose model is none is `Unavailable`.
    """
    models = dict(joined(group, members))
    for name, member in models.items():
        if name not in members:
            models[name] = member.Parameters
            if not (isinstance(member.Parameters, type) and issubclass(member.Parameters, PartParameters)):
                raise Unavailable(f"the plug-in `{name}` of `{group}`: its `Parameters` is no subclass of `PartParameters`")
    return MappingProxyType(models)


def _either(traffic: Mapping[str, Any], backups: Mapping[str, Any]) -> Mapping[str, Any]:
    """
    Give the models of all that stands under `actuators`; a name in both kinds has one model, which tells them apart.
    """
    for name in traffic.keys() & backups.keys():
        if traffic[name] is not backups[name] or not hasattr(traffic[name], "is_backup"):
            raise Unavailable(
                f"the name `{name}` is that of an actuator and of a backup, which do not share parameters with `is_backup`"
            )
    return MappingProxyType(dict(sorted({**traffic, **backups}.items())))


SOURCE_PARAMETERS = _with_plug_ins(
    "canarypolicy.sources",
    {
        "command": CommandSourceParameters,
        "http": HttpSourceParameters,
        "prometheus": PrometheusParameters,
        "recording": RecordingParameters,
    },
)

ACTUATOR_PARAMETERS = _with_plug_ins(
    "canarypolicy.actuators",
    {
        "argo_rollouts": ArgoRolloutsParameters,
        "command": CommandActuatorParameters,
        "dry_run": DryRunParameters,
        "envoy": EnvoyParameters,
        "gateway_api": GatewayApiParameters,
        "haproxy": HaproxyParameters,
        "nginx": NginxParameters,
        "webhook": WebhookActuatorParameters,
    },
)
"""What sets a weight."""

BACKUP_PARAMETERS = _with_plug_ins(
    "canarypolicy.backups", {"command": CommandActuatorParameters, "mysqldump": MysqldumpParameters, "pg_dump": PgDumpParameters}
)
"""What takes a snapshot; written under `actuators`, too."""

UNDER_ACTUATORS = _either(ACTUATOR_PARAMETERS, BACKUP_PARAMETERS)

PROBE_PARAMETERS = _with_plug_ins(
    "canarypolicy.probes",
    {
        "all": ProbeNames,
        "backup": BackupProbeParameters,
        "command": CommandProbeParameters,
        "mysql": MysqlProbeParameters,
        "postgresql": PostgresqlProbeParameters,
        "prometheus": PrometheusProbeParameters,
        "redis": RedisProbeParameters,
        "http": HttpProbeParameters,
    },
)

NOTIFIER_PARAMETERS = _with_plug_ins(
    "canarypolicy.notifiers",
    {"alertmanager": AlertmanagerParameters, "command": CommandNotifierParameters, "webhook": WebhookNotifierParameters},
)
