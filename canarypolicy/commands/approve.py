"""
`canarypolicy approve`: say that a step may be left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from canarypolicy.commands.asking import takes_request
from canarypolicy.documents.wording import code, suggestion

if TYPE_CHECKING:
    from canarypolicy.commands.asking import Operator
    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.exit_status import ExitStatus


@click.command("approve")
@click.option("--step", metavar="NAME", help="The step that is approved; default the present one.")
@takes_request
def command(*, operator: Operator, step: str | None) -> ExitStatus:
    """
    Approve that a step is left; everything else that is asked of it is asked still.

    Exit status: 0 taken in, or left for a run that no process carries out now; 1 not taken in in time; 3 the run has ended.
    """
    if step is None:
        return operator.ask({"event": "approve", "by": operator.by})

    def check(checked: CheckedPolicy) -> None:
        names = [each.name for each in checked.policy.plan.steps]
        if step not in names:
            known = suggestion(step, names, "steps")
            raise click.BadParameter(f"the run's policy has no step {code(step)}; {known}", param_hint="--step")

    return operator.ask({"event": "approve", "step": step, "by": operator.by}, check)
