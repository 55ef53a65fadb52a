"""
`canarypolicy checklist`: the closing GO checklist of a run, with the evidence that ticks each item.
"""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

import click

from canarypolicy.commands.clock import now_us
from canarypolicy.commands.looking import policy_in
from canarypolicy.commands.outputs import takes_output
from canarypolicy.commands.stores import open_store_of, takes_store
from canarypolicy.engine.program import build
from canarypolicy.exit_status import ExitStatus
from canarypolicy.live.checklist import checklist
from canarypolicy.live.storing import StoreDown
from canarypolicy.reports.rollout_result import Checklist

if TYPE_CHECKING:
    from canarypolicy.commands.outputs import Outputs
    from canarypolicy.commands.stores import StoreChoice
    from canarypolicy.live.storing import Store

_REFRESH_SECONDS = 1.0


@click.command("checklist")
@click.argument("run", metavar="RUN")
@click.option("--watch", is_flag=True, help="Show the list anew each second, until q or Ctrl-C.")
@takes_store
@takes_output(Checklist)
def command(*, outputs: Outputs, store: StoreChoice, run: str, watch: bool) -> ExitStatus:
    """
    Print the closing checklist of a run: which gate, which samples, which snapshot tick each item.

    Exit status: 0 every item is ticked; 3 an item is open; 1 there is no such run, or the store cannot be read.
    """
    if watch and not (sys.stdout.isatty() and outputs.format == "text"):
        raise click.UsageError("--watch needs a terminal and the format text: without it, `checklist RUN` prints once")
    with closing(open_store_of(store, outputs.console)) as opened:
        found = _watch(outputs, opened, run) if watch else _read(opened, run)
    return outputs.deliver(found, ExitStatus.ADVANCE if found.is_go else ExitStatus.FINDINGS)


def _read(store: Store, run: str) -> Checklist:
    row = store.find(run, now_us())
    entries = store.entries(row.run)
    program = build(policy_in(entries))
    return Checklist(
        run=row.run,
        state=row.state,
        artefact=entries[0].body.get("artefact"),
        started_us=row.started_us,
        ticks=checklist(program, entries),
    )


def _watch(outputs: Outputs, store: Store, run: str) -> Checklist:
    """
    Show the list anew each second, and give it as it was seen last.
    """
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.live import Live  # noqa: PLC0415 - as above
    from rich.text import Text  # noqa: PLC0415 - as above

    from canarypolicy.commands.keys import Keys  # noqa: PLC0415 - as above
    from canarypolicy.reports.checklist_text import render_checklist  # noqa: PLC0415 - as above

    color = outputs.console.has_color(sys.stdout)
    found = _read(store, run)
    console = Console(no_color=not color, highlight=False)
    try:
        with Keys() as keys, Live(console=console, screen=True, auto_refresh=False) as live:
            live.update(Text.from_ansi(render_checklist(found, color=color)), refresh=True)
            while keys.pressed(_REFRESH_SECONDS).lower() != "q":
                trouble = ""
                try:
                    found = _read(store, run)
                except StoreDown as error:
                    trouble = f"\n{error.message}"
                live.update(Text.from_ansi(render_checklist(found, color=color) + trouble), refresh=True)
    except KeyboardInterrupt:
        pass
    return found
