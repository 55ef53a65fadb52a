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
@click.option("--item", metavar="NAME", help="Tick an item of the closing checklist instead, also when the run has ended.")
@takes_request
def command(*, operator: Operator, step: str | None, item: str | None) -> ExitStatus:
    """
    Approve that a step is left; everything else that is asked of it is asked still. With --item, tick the checklist.

    Exit status: 0 taken in, or left for a run that no process carries out now; 1 not taken in in time; 3 the run has ended.
    """
    if item is not None:
        if step is not None:
            raise click.UsageError("give --step or --item, one of them")
        return operator.tick(item, lambda checked: _check_item(checked, item))
    if step is None:
        return operator.ask({"event": "approve", "by": operator.by})

    def check(checked: CheckedPolicy) -> None:
        names = [each.name for each in checked.policy.plan.steps]
        if step not in names:
            known = suggestion(step, names, "steps")
            raise click.BadParameter(f"the run's policy has no step {code(step)}; {known}", param_hint="--step")

    return operator.ask({"event": "approve", "step": step, "by": operator.by}, check)


def _check_item(checked: CheckedPolicy, item: str) -> None:
    items = {each.name: each for each in checked.policy.plan.checklist}
    if item not in items:
        known = suggestion(item, items, "items")
        raise click.BadParameter(f"the run's policy has no checklist item {code(item)}; {known}", param_hint="--item")
    if items[item].manual is None:
        raise click.BadParameter(f"the item {code(item)} is ticked by its evidence, not by a person", param_hint="--item")
