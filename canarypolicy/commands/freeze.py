"""
`canarypolicy freeze`: let no rollout go on, of one policy or of all in the store.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from canarypolicy.commands.asking import takes_by
from canarypolicy.commands.clock import now_us
from canarypolicy.commands.outputs import takes_output
from canarypolicy.commands.parameters import Duration, Instant
from canarypolicy.commands.stores import open_store_of, takes_store
from canarypolicy.documents.wording import code, suggestion
from canarypolicy.exit_status import ExitStatus
from canarypolicy.live.storing import NewFreeze
from canarypolicy.reports.result import FreezeList

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.commands.outputs import Outputs
    from canarypolicy.commands.stores import StoreChoice
    from canarypolicy.live.storing import Store


@click.command("freeze")
@click.option("--policy", metavar="NAME", help="Freeze the rollouts of this policy.")
@click.option("--all", "is_all", is_flag=True, help="Freeze all rollouts in the store.")
@click.option("--reason", metavar="TEXT", help="Why; whoever is held by it reads it.")
@click.option("--until", "until_us", type=Instant(), help="When the freeze ends by itself.")
@click.option("--for", "for_us", type=Duration(), help="How long the freeze lasts.")
@click.option("--list", "lists", is_flag=True, help="Print the freezes in force, and change nothing.")
@takes_by
@takes_store
@takes_output(FreezeList)
def command(*, outputs: Outputs, store: StoreChoice, by: str, lists: bool, **options: Any) -> ExitStatus:
    """
    Let no rollout go on, of one policy or of all in the store: running ones hold, new ones do not begin.

    A rollback that is due goes ahead all the same. Without --until and --for the freeze lasts until it is lifted.

    Exit status: 0 frozen, or listed.
    """
    now = now_us()
    if lists:
        _nothing_beside(options)
        with closing(open_store_of(store, outputs.console)) as opened:
            freezes = tuple(opened.freezes(options["policy"], now))
        return outputs.deliver(FreezeList(change=None, freezes=freezes), ExitStatus.ADVANCE)
    if (options["policy"] is None) != options["is_all"]:
        raise click.UsageError("give --policy NAME or --all, one of them")
    if not options["reason"]:
        raise click.UsageError("give --reason: whoever is held by the freeze reads it")
    until_us = _until(options, now)
    with closing(open_store_of(store, outputs.console)) as opened:
        new = NewFreeze(policy=options["policy"], at_us=now, by=by, reason=options["reason"], until_us=until_us)
        placed = opened.freeze(new)
        _warn_of_unknown(outputs, opened, options["policy"], now)
    return outputs.deliver(FreezeList(change="frozen", freezes=(placed,)), ExitStatus.ADVANCE)


def _nothing_beside(options: Mapping[str, Any]) -> None:
    beside = {
        "--all": options["is_all"],
        "--reason": options["reason"],
        "--until": options["until_us"],
        "--for": options["for_us"],
    }
    for name, value in beside.items():
        if value:
            raise click.UsageError(f"--list changes nothing: {name} has no meaning beside it")


def _until(options: Mapping[str, Any], now: int) -> int | None:
    until_us, for_us = options["until_us"], options["for_us"]
    if until_us is not None and for_us is not None:
        raise click.UsageError("give --until TIME or --for DURATION, one of them")
    if for_us is not None:
        until_us = now + for_us
    if until_us is not None and until_us <= now:
        raise click.UsageError("the freeze would end before it begins")
    return until_us  # type: ignore[no-any-return]  # click gives what `Instant` converts


def _warn_of_unknown(outputs: Outputs, store: Store, policy: str | None, now: int) -> None:
    known = {row.policy for row in store.runs(now)}
    if policy is None or policy in known or not known:
        return
    others = suggestion(policy, sorted(known), "policies")
    outputs.console.notice(f"canarypolicy: note: the store has no run of the policy {code(policy)} yet; {others}")
