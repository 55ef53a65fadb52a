"""
`canarypolicy abort`: end a rollout and give all traffic back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from canarypolicy.commands.asking import takes_request

if TYPE_CHECKING:
    from canarypolicy.commands.asking import Operator
    from canarypolicy.exit_status import ExitStatus


@click.command("abort")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it goes into the journal.")
@takes_request
def command(*, operator: Operator, reason: str) -> ExitStatus:
    """
    End a rollout: all traffic to the stable version, at once and for good.

    Exit status: 0 taken in, or left for a run that no process carries out now; 1 not taken in in time; 3 the run has ended.
    """
    return operator.ask({"event": "abort", "by": operator.by, "reason": reason})
