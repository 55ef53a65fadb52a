"""
`canarypolicy journal`: whether a run's journal is whole, and the recording in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from canarypolicy.commands.clock import now_us
from canarypolicy.commands.outputs import takes_output, write_file
from canarypolicy.commands.stores import open_store_of, takes_store
from canarypolicy.exit_status import ExitStatus
from canarypolicy.reports.result import JournalCheck, JournalRecording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canarypolicy.commands.outputs import Outputs
    from canarypolicy.commands.stores import StoreChoice
    from canarypolicy.live.entry import Entry
    from canarypolicy.live.storing import RunRow


@click.group("journal", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """
    The journal of a run: every sample, event, decision and act, in a chain of hashes.
    """
    if ctx.invoked_subcommand is None:
        raise click.UsageError("say what to do with a journal: `verify` or `export`", ctx)


@command.command("verify")
@click.argument("run", metavar="RUN")
@click.option("--head", metavar="HASH", help="The hash of an entry, as somebody noted it elsewhere.")
@takes_store
@takes_output(JournalCheck)
def verify(*, outputs: Outputs, store: StoreChoice, run: str, head: str | None) -> ExitStatus:
    """
    Prove that no entry of a journal was changed, moved or lost, and that its decisions are those of the engine.

    RUN is the name of a run, or the beginning of only one.

    Exit status: 0 nothing is wrong; 3 with each fault; 1 there is no such run, or the store cannot be read.
    """
    from canarypolicy.live.verifying import verify as faults_of  # noqa: PLC0415 - `--help` needs no engine

    row, entries = _journal(outputs, store, run)
    faults = faults_of(row, entries, head)
    result = JournalCheck(run=row.run, entries=len(entries), head=row.head_hash, faults=faults)
    return outputs.deliver(result, ExitStatus.FINDINGS if faults else ExitStatus.ADVANCE)


@command.command("export")
@click.argument("run", metavar="RUN")
@click.option("-o", "path", metavar="FILE", help="Write the recording to a file, and not to stdout.")
@takes_store
@takes_output(JournalRecording, default="jsonl")
def export(*, outputs: Outputs, store: StoreChoice, run: str, path: str | None) -> ExitStatus:
    """
    Write the recording that a journal holds, to be replayed.

    `canarypolicy replay POLICY FILE --follow recording` then gives the journal's decisions again.

    Exit status: 0 it is written; 1 there is no such run, or something cannot be read or written.
    """
    from canarypolicy.live.exporting import recording_text  # noqa: PLC0415 - `--help` needs no engine

    row, entries = _journal(outputs, store, run)
    text = recording_text(row, entries)
    if path is None or path == "-":
        return outputs.deliver(JournalRecording(text=text), ExitStatus.ADVANCE)
    write_file(path, text)
    outputs.console.notice(f"canarypolicy: `{path}` is the recording of `{row.run}`")
    return ExitStatus.ADVANCE


def _journal(outputs: Outputs, store: StoreChoice, run: str) -> tuple[RunRow, Sequence[Entry]]:
    with open_store_of(store, outputs.console) as opened:
        return opened.journal(run, now_us())
