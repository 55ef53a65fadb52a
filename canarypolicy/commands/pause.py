"""
`canarypolicy pause`: hold a rollout until it is resumed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from canarypolicy.commands.asking import takes_request

if TYPE_CHECKING:
    from canarypolicy.commands.asking import Operator
    from canarypolicy.exit_status import ExitStatus


@click.command("pause")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it goes into the journal.")
@takes_request
def command(*, operator: Operator, reason: str) -> ExitStatus:
    """
    Hold a rollout where it is until it is resumed; a rollback goes ahead all the same.

    Exit status: 0 taken in, or left for a run that no process carries out now; 1 not taken in in time; 3 the run has ended.
    """
    return operator.ask({"event": "pause", "by": operator.by, "reason": reason})
