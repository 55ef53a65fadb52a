"""
`canarypolicy probe`: one probe of an Environment, looked at by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from canarypolicy.commands.inputs import read_environment_file, world_here
from canarypolicy.commands.outputs import takes_output
from canarypolicy.documents.wording import code, suggestion
from canarypolicy.exit_status import ExitStatus
from canarypolicy.reports.rollout_result import Probed
from canarypolicy.wiring import probe_of

if TYPE_CHECKING:
    from canarypolicy.commands.outputs import Outputs


@click.command("probe")
@click.argument("environment", metavar="ENV")
@click.argument("name", metavar="NAME")
@takes_output(Probed)
def command(*, outputs: Outputs, environment: str, name: str) -> ExitStatus:
    """
    Look at one probe of an Environment now, and print each of its checks.

    Exit status: 0 every check passed; 3 one failed, or there was none; 1 the Environment cannot be used.
    """
    described = read_environment_file(environment)
    probes = described.environment.probes
    if name not in probes:
        known = suggestion(name, probes, "declared") or "it declares none"
        raise click.BadParameter(f"{environment} has no probe {code(name)}; {known}", param_hint="NAME")
    world = world_here()
    result = probe_of(described, name, world).look().as_record()
    is_fine = result["failed"] == 0 and bool(result["checks"])
    return outputs.deliver(Probed(name=name, result=result), ExitStatus.ADVANCE if is_fine else ExitStatus.FINDINGS)
