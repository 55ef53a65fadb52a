"""
Whether an Environment has all that a policy needs to be carried out: probes of gates, the snapshot, what moves traffic.

What is not there is found before anything is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.part_tables import ACTUATOR_PARAMETERS, BACKUP_PARAMETERS
from canarypolicy.documents.wording import code, suggestion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from canarypolicy.documents.checked import CheckedPolicy, Path
    from canarypolicy.documents.environment import ActuatorChoice, CheckedEnvironment
    from canarypolicy.documents.span import Span

TRAFFIC = "traffic"
"""The actuator that is meant where several set weights."""


def is_backup(choice: ActuatorChoice) -> bool:
    """
    Tell whether what stands under `actuators` takes snapshots and moves no traffic.
    """
    if choice.name in ACTUATOR_PARAMETERS and choice.name in BACKUP_PARAMETERS:
        return bool(choice.parameters.is_backup)
    return choice.name in BACKUP_PARAMETERS


def traffic_of(environment: CheckedEnvironment) -> str | None:
    """
    Name the actuator that moves the traffic: the only one that sets weights, or the one called `traffic`; None if unclear.
    """
    names = [name for name, choice in environment.environment.actuators.items() if not is_backup(choice)]
    if TRAFFIC in names or len(names) != 1:
        return TRAFFIC if TRAFFIC in names else None
    return names[0]


def check_for_run(environment: CheckedEnvironment, checked: CheckedPolicy, *, is_dry: bool) -> tuple[Finding, ...]:
    """
    Give everything that a run would lack; in a dry run, no traffic is moved and no snapshot taken.
    """
    found = [*_gates(environment, checked)]
    if not is_dry:
        found += [*_snapshot(environment, checked), *_traffic(environment)]
    return tuple(found)


def _gates(environment: CheckedEnvironment, checked: CheckedPolicy) -> Iterator[Finding]:
    probes, gates = environment.environment.probes, checked.policy.plan.gates
    for where, group in (("before", gates.before), ("after", gates.after)):
        for index, gate in enumerate(group):
            place = checked.places["plan", "gates", where, index, "probe"]
            if gate.probe not in probes:
                message = f"{environment.source.path} has no probe {code(gate.probe)}"
                yield _error(
                    "undeclared-probe", message, place, suggestion(gate.probe, probes, "declared") or "add it under `probes`"
                )


def _snapshot(environment: CheckedEnvironment, checked: CheckedPolicy) -> Iterator[Finding]:
    snapshot, actuators = checked.policy.plan.snapshot, environment.environment.actuators
    if snapshot is None:
        return
    place = checked.places["plan", "snapshot", "actuator"]
    choice = actuators.get(snapshot.actuator)
    if choice is None:
        help_ = suggestion(snapshot.actuator, actuators, "declared") or "add it under `actuators`"
        yield _error("undeclared-actuator", f"{environment.source.path} has no actuator {code(snapshot.actuator)}", place, help_)
    elif not is_backup(choice):
        yield _error("no-backup", f"the actuator {code(snapshot.actuator)} sets weights, it takes no snapshot", place)


def _traffic(environment: CheckedEnvironment) -> Iterator[Finding]:
    if traffic_of(environment) is None:
        actuators = environment.environment.actuators
        several = any(not is_backup(choice) for choice in actuators.values())
        message = "several actuators set weights, and none is called `traffic`" if several else "no actuator sets weights"
        place = _place(environment.keys, ("actuators",), environment.places[()])
        yield _error("no-traffic", message, place, "a run moves traffic by one, called `traffic`")


def _place(keys: Mapping[Path, Span], path: Path, otherwise: Span) -> Span:
    return keys.get(path, otherwise)


def _error(name: str, message: str, place: Span, help: str | None = None) -> Finding:  # noqa: A002 - the word of the messages
    return Finding(name=name, message=message, span=place, severity=Severity.ERROR, help=help)
