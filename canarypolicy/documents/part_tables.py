"""
The kinds of parts that an Environment may name, each with the model of its parameters.

How a part works is in the room of its kind, one file a member; the tables there have the same names. Installed plug-ins
are in both: the entry point names a class with `name` and `Parameters`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from canarypolicy.documents.actuator_parameters import DryRunParameters
from canarypolicy.documents.fields import KebabName
from canarypolicy.documents.part_parameters import PartParameters
from canarypolicy.documents.proxy_parameters import HaproxyParameters
from canarypolicy.documents.source_parameters import PrometheusParameters
from canarypolicy.kinds import plug_ins


class Planned(PartParameters):
    """
    A kind of the contract that this version does not carry out: its parameters are any mapping.
    """

    model_config = ConfigDict(extra="allow")


ProbeNames = Annotated[tuple[KebabName, ...], Field(min_length=1)]
"""The names of other probes."""


def _with_plug_ins(group: str, members: Mapping[str, Any]) -> Mapping[str, Any]:
    found = {name: each.Parameters for name, each in plug_ins(group).items()}
    return MappingProxyType(dict(sorted({**found, **members}.items())))


SOURCE_PARAMETERS = _with_plug_ins("canarypolicy.sources", {"prometheus": PrometheusParameters})

ACTUATOR_PARAMETERS = _with_plug_ins(
    "canarypolicy.actuators",
    {
        "dry_run": DryRunParameters,
        "haproxy": HaproxyParameters,
    },
)
"""What sets a weight."""

BACKUP_PARAMETERS = _with_plug_ins("canarypolicy.backups", {"mysqldump": Planned, "pg_dump": Planned})
"""What takes a snapshot; written under `actuators`, too."""

PROBE_PARAMETERS = _with_plug_ins(
    "canarypolicy.probes",
    {"all": ProbeNames, **dict.fromkeys(("backup", "http", "mysql", "postgresql", "prometheus", "redis"), Planned)},
)

NOTIFIER_PARAMETERS = _with_plug_ins("canarypolicy.notifiers", {"alertmanager": Planned})
