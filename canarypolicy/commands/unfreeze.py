"""
`canarypolicy unfreeze`: lift the freezes of one policy, or those of all.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from canarypolicy.commands.asking import takes_by
from canarypolicy.commands.clock import now_us
from canarypolicy.commands.outputs import takes_output
from canarypolicy.commands.stores import open_store_of, takes_store
from canarypolicy.exit_status import ExitStatus
from canarypolicy.reports.result import FreezeList
from canarypolicy.reports.run_words import freeze_text

if TYPE_CHECKING:
    from canarypolicy.commands.outputs import Outputs
    from canarypolicy.commands.stores import StoreChoice


@click.command("unfreeze")
@click.option("--policy", metavar="NAME", help="Lift the freezes of this policy.")
@click.option("--all", "is_all", is_flag=True, help="Lift the freezes of all rollouts; those of single policies stay.")
@takes_by
@takes_store
@takes_output(FreezeList)
def command(*, outputs: Outputs, store: StoreChoice, by: str, policy: str | None, is_all: bool) -> ExitStatus:
    """
    Lift the freezes of one policy, or those that were placed on all.

    What is lifted is printed with who placed it; what holds still is said as well.

    Exit status: 0 lifted, or nothing was frozen.
    """
    if (policy is None) != is_all:
        raise click.UsageError("give --policy NAME or --all, one of them")
    now = now_us()
    with closing(open_store_of(store, outputs.console)) as opened:
        lifted = tuple(opened.unfreeze(policy, by, now))
        left = opened.freezes(policy, now)
    for freeze in left:
        outputs.console.notice(f"canarypolicy: note: still in force: {freeze_text(freeze)}")
    return outputs.deliver(FreezeList(change="unfrozen", freezes=lifted), ExitStatus.ADVANCE)
