"""
`canarypolicy status`: the runs of a store, or one of them, once or as a live view.
"""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

import click

from canarypolicy.commands.clock import now_us
from canarypolicy.commands.looking import Look, summary_of
from canarypolicy.commands.outputs import takes_output
from canarypolicy.commands.stores import open_store_of, takes_store
from canarypolicy.exit_status import ExitStatus
from canarypolicy.live.record import ENDINGS
from canarypolicy.live.storing import StoreDown
from canarypolicy.reports.result import RunList, RunStatus

if TYPE_CHECKING:
    from canarypolicy.commands.outputs import Outputs
    from canarypolicy.commands.stores import StoreChoice
    from canarypolicy.live.storing import RunRow, Store

_SHOWN_ENDED = 10
_REFRESH_SECONDS = 1.0


@click.command("status")
@click.argument("run", required=False)
@click.option("--watch", is_flag=True, help="Show the run anew each second, until q or Ctrl-C.")
@click.option("--all", "is_all", is_flag=True, help="List also the runs that ended long ago.")
@takes_store
@takes_output(RunList, RunStatus)
def command(*, outputs: Outputs, store: StoreChoice, run: str | None, watch: bool, is_all: bool) -> ExitStatus:
    """
    Print the runs of a store or, with RUN, where one is: step, decision, rules, what is open, what happened last.

    RUN may be the beginning of a name, as long as it is the only one. With --watch and without RUN, the one that goes on.

    Exit status: 0 printed; 1 the store cannot be read, or there is no such run.
    """
    if watch and not (sys.stdout.isatty() and outputs.format == "text"):
        raise click.UsageError("--watch needs a terminal and the format text: without it, `status RUN` prints once")
    with closing(open_store_of(store, outputs.console)) as opened:
        if watch:
            return outputs.deliver(_watch(outputs, opened, run or _only_one(opened)), ExitStatus.ADVANCE)
        if run is not None:
            return outputs.deliver(Look(opened, run).read(now_us()), ExitStatus.ADVANCE)
        return outputs.deliver(_runs(opened, is_all=is_all), ExitStatus.ADVANCE)


def _runs(store: Store, *, is_all: bool) -> RunList:
    now = now_us()
    rows = store.runs(now)
    ended = [row for row in rows if row.state in ENDINGS]
    shown = ended if is_all else ended[:_SHOWN_ENDED]
    return RunList(
        going_on=tuple(summary_of(store, row).of(row) for row in rows if row.state not in ENDINGS),
        ended=tuple(shown),
        unshown=len(ended) - len(shown),
        freezes=tuple(store.freezes(None, now)),
        now_us=now,
    )


def _only_one(store: Store) -> str:
    """
    Give the only run that goes on.
    """
    going_on: list[RunRow] = [row for row in store.runs(now_us()) if row.state not in ENDINGS]
    if len(going_on) != 1:
        raise click.UsageError(f"{len(going_on)} runs go on: say which RUN is to be watched")
    return going_on[0].run


def _watch(outputs: Outputs, store: Store, run: str) -> RunStatus:
    """
    Show a run anew each second, and give it as it was seen last. A store that is silent for a while is said.
    """
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.live import Live  # noqa: PLC0415 - as above

    from canarypolicy.commands.keys import Keys  # noqa: PLC0415 - as above
    from canarypolicy.reports.run_view import run_view  # noqa: PLC0415 - as above

    look = Look(store, run)
    status = look.read(now_us())
    console = Console(no_color=not outputs.console.has_color(sys.stdout), highlight=False)
    try:
        # The keyboard first: what is pressed once the view is there must not get lost.
        with Keys() as keys, Live(run_view(status), console=console, screen=True, auto_refresh=False) as live:
            while keys.pressed(_REFRESH_SECONDS).lower() != "q":
                trouble = None
                try:
                    status = look.read(now_us())
                except StoreDown as error:
                    trouble = error.message
                live.update(run_view(status, trouble=trouble), refresh=True)
    except KeyboardInterrupt:
        pass
    return status
