"""
From an Environment to the living parts of a run: sources, traffic, probes, backup and notifiers.

Nothing is asked and nothing is set here; a secret that is not there is `Unavailable`, before anything has begun.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from canarypolicy.actuators import ACTUATORS
from canarypolicy.actuators.dry_run import DryRun
from canarypolicy.backups import BACKUPS
from canarypolicy.documents.actuator_parameters import DryRunParameters
from canarypolicy.documents.run_checks import traffic_of
from canarypolicy.kinds import made
from canarypolicy.notifiers import NOTIFIERS
from canarypolicy.probes import PROBES
from canarypolicy.probes.all import AllProbes
from canarypolicy.sources.together import LiveSignals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.documents.environment import CheckedEnvironment
    from canarypolicy.documents.secrets import World
    from canarypolicy.live.protocols import Backup, Notifier, Probe, Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """
    The living parts of a run.
    """

    signals: LiveSignals
    traffic: Traffic
    probes: Mapping[str, Probe]
    """Those that gates look at, by name."""
    backup: Backup | None
    notifiers: Mapping[str, Notifier]
    """By kind and number: `webhook-1`."""


def wire(environment: CheckedEnvironment, checked: CheckedPolicy, world: World, deadline_us: int, *, is_dry: bool) -> Parts:
    """
    Make the parts of an Environment that has passed `check_for_run`.
    """
    plan = checked.policy.plan
    probes = {gate.probe: probe_of(environment, gate.probe, world) for gate in (*plan.gates.before, *plan.gates.after)}
    return Parts(
        signals=LiveSignals(environment, checked, world, deadline_us),
        traffic=_traffic(environment, world, is_dry=is_dry),
        probes=probes,
        backup=None if plan.snapshot is None or is_dry else backup_of(environment, plan.snapshot.actuator, world),
        notifiers={} if is_dry else _notifiers(environment, world),
    )


def _traffic(environment: CheckedEnvironment, world: World, *, is_dry: bool) -> Traffic:
    if is_dry:
        return DryRun("dry-run", DryRunParameters(), world)
    label = traffic_of(environment)
    assert label is not None, "an Environment without traffic has findings"
    traffic: Traffic = made(ACTUATORS, environment.environment.actuators[label], label, world)
    return traffic


def probe_of(environment: CheckedEnvironment, name: str, world: World) -> Probe:
    """
    Make one probe, with those that it asks.
    """
    choice = environment.environment.probes[name]
    if choice.name == "all":
        return AllProbes({each: probe_of(environment, each, world) for each in choice.parameters})
    probe: Probe = made(PROBES, choice, name, world)
    return probe


def backup_of(environment: CheckedEnvironment, name: str, world: World) -> Backup:
    """
    Make one backup.
    """
    backup: Backup = made(BACKUPS, environment.environment.actuators[name], name, world)
    return backup


def _notifiers(environment: CheckedEnvironment, world: World) -> dict[str, Notifier]:
    labels = (f"{choice.name}-{index}" for index, choice in enumerate(environment.environment.notify, start=1))
    return {
        label: made(NOTIFIERS, choice, label, world) for label, choice in zip(labels, environment.environment.notify, strict=True)
    }
