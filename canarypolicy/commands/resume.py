"""
`canarypolicy resume`: let a paused rollout go on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from canarypolicy.commands.asking import takes_request

if TYPE_CHECKING:
    from canarypolicy.commands.asking import Operator
    from canarypolicy.exit_status import ExitStatus


@click.command("resume")
@takes_request
def command(*, operator: Operator) -> ExitStatus:
    """
    Let a paused rollout go on.

    Exit status: 0 taken in, or left for a run that no process carries out now; 1 not taken in in time; 3 the run has ended.
    """
    return operator.ask({"event": "resume", "by": operator.by})
