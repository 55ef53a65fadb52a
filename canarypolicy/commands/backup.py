"""
`canarypolicy backup`: backups of a database by hand, and the only way to have one restored.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

import click

from canarypolicy.backups import BACKUPS
from canarypolicy.commands.clock import now_us
from canarypolicy.commands.inputs import read_environment_file, world_here
from canarypolicy.commands.outputs import takes_output
from canarypolicy.commands.parameters import Duration
from canarypolicy.documents.duration import SECOND_US, format_duration, format_instant
from canarypolicy.documents.run_checks import is_backup
from canarypolicy.documents.wording import code, listed, suggestion
from canarypolicy.errors import Unavailable, Unsupported
from canarypolicy.exit_status import ExitStatus
from canarypolicy.kinds import made
from canarypolicy.live.archive import Archive, Consent, Kept
from canarypolicy.live.protocols import NotDone
from canarypolicy.reports.backup_result import BackupList, BackupRestored

if TYPE_CHECKING:
    from collections.abc import Callable

    from canarypolicy.commands.outputs import Command, Outputs
    from canarypolicy.documents.environment import CheckedEnvironment
    from canarypolicy.live.protocols import Backup


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """
    The actuator that is meant.
    """

    label: str
    kind: str
    backup: Backup

    @property
    def archive(self) -> Archive:
        """
        The backup as one that keeps what it takes; one that does not is `Unsupported`.
        """
        if not hasattr(self.backup, "kept"):
            raise Unsupported(
                f"the actuator {code(self.label)} only takes backups: {code(self.kind)} cannot list or restore them"
            )
        return cast("Archive", self.backup)

    def find(self, name: str) -> Kept:
        """
        Find a backup by its name; one that is not there is a usage error.
        """
        kept = self.archive.kept()
        for each in kept:
            if each.snapshot == name:
                return each
        known = suggestion(name, [each.snapshot for each in kept], "kept") or "it keeps none"
        raise click.UsageError(f"{code(self.label)} keeps no backup {code(name)}; {known}")


@click.group("backup", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """
    Backups of a database: take, list, verify and restore them.

    ACTUATOR is the name of one in ENV; where only one takes backups, it may be left out.
    """
    if ctx.invoked_subcommand is None:
        raise click.UsageError("say what to do: `create`, `list`, `verify` or `restore`", ctx)


def _takes_actuator(*, has_backup: bool) -> Callable[[Command], Command]:
    """
    Give a command the Environment, the actuator and, where it works on one, the name of a backup.
    """

    def decorate(command: Command) -> Command:
        @click.argument("environment", metavar="ENV")
        @click.argument("names", nargs=-1, metavar="[ACTUATOR] BACKUP" if has_backup else "[ACTUATOR]")
        @wraps(command)
        def with_actuator(*, environment: str, names: tuple[str, ...], **given: Any) -> ExitStatus:
            if has_backup:
                wants_backup = not given.get("resumes")
                name = names[-1] if names and wants_backup else None
                names = names[:-1] if wants_backup else names
                if wants_backup and name is None:
                    raise click.UsageError("say which backup: `canarypolicy backup list` shows them")
                given["name"] = name
            if len(names) > 1:
                raise click.UsageError(f"{listed(names)} are too many names: expected one actuator")
            try:
                return command(chosen=_choose(read_environment_file(environment), names), **given)
            except NotDone as error:
                raise Unavailable(error.why) from None

        return with_actuator

    return decorate


@command.command("create")
@_takes_actuator(has_backup=False)
@takes_output(BackupList)
def create(*, outputs: Outputs, chosen: _Chosen) -> ExitStatus:
    """
    Take a backup; when it is whole, the oldest beyond `keep` are removed.

    Exit status: 0 it is whole and kept; 1 it is not, and nothing was removed.
    """
    taken = chosen.backup.create()
    if hasattr(chosen.backup, "kept"):
        kept = chosen.find(taken.snapshot)
    else:
        kept = Kept(snapshot=taken.snapshot, database=None, started_us=None, finished_us=None, size_bytes=None, fault=None)
    return _deliver(outputs, chosen, "taken", (kept,), taken.detail)


@command.command("list")
@_takes_actuator(has_backup=False)
@takes_output(BackupList)
def list_(*, outputs: Outputs, chosen: _Chosen) -> ExitStatus:
    """
    Print the backups that are kept, the youngest first, and what is wrong with those that are not whole.

    Exit status: 0 they are listed; 1 they cannot be.
    """
    return _deliver(outputs, chosen, None, tuple(chosen.archive.kept()), "")


@command.command("verify")
@_takes_actuator(has_backup=True)
@click.option("--load", "loads", is_flag=True, help="Also load it beside the database, compare, and drop that again.")
@takes_output(BackupList)
def verify(*, outputs: Outputs, chosen: _Chosen, name: str, loads: bool) -> ExitStatus:
    """
    Read a backup to its end and hold it against what was noted when it was taken.

    Exit status: 0 it is whole; 1 it is not, or it cannot be read.
    """
    chosen.find(name)
    kept = chosen.archive.verify(name)
    detail = chosen.archive.rehearse(name, _teller(outputs)) if loads else ""
    return _deliver(outputs, chosen, "verified", (kept,), detail)


@command.command("restore")
@_takes_actuator(has_backup=True)
@click.option("--accept-data-loss", "accepted_us", type=Duration(), help="The longest time whose changes may be lost.")
@click.option("--database", metavar="NAME", help="The name of the database that is overwritten, typed once more.")
@click.option("--resume", "resumes", is_flag=True, help="Bring a restore to its end that was interrupted; without BACKUP.")
@takes_output(BackupRestored)
def restore(*, outputs: Outputs, chosen: _Chosen, name: str | None, **options: Any) -> ExitStatus:
    """
    Put a backup in the place of the database. What was changed since that backup began is lost.

    A backup of what is overwritten is taken first. The dump is loaded beside the database, compared, and put in its
    place only then; a restore that is killed leaves the old database or the new one.

    Exit status: 0 it is restored; 1 it is not, and the database is as it was; 2 the loss or the name was not given.
    """
    archive = chosen.archive
    if options["resumes"]:
        done = archive.resume(_teller(outputs))
        if done is None:
            outputs.console.notice("canarypolicy: the database is as it was before; what lay about is removed")
            return ExitStatus.ADVANCE
        return outputs.deliver(BackupRestored(restored=done), ExitStatus.ADVANCE)
    assert name is not None, "only `--resume` goes without a backup"
    kept = chosen.find(name)
    accepted_us = _accepted(kept, options["accepted_us"], outputs)
    _check_database(archive.database, options["database"])
    consent = Consent(loss_us=accepted_us, tell=_teller(outputs))
    return outputs.deliver(BackupRestored(restored=archive.restore(name, consent)), ExitStatus.ADVANCE)


def _choose(environment: CheckedEnvironment, names: tuple[str, ...]) -> _Chosen:
    actuators = {name: choice for name, choice in environment.environment.actuators.items() if is_backup(choice)}
    path = code(environment.source.path)
    if not actuators:
        raise click.UsageError(f"{path} has no actuator that takes backups")
    if not names and len(actuators) > 1:
        raise click.UsageError(f"{path} has several actuators that take backups, say which: {listed(actuators)}")
    label = names[0] if names else next(iter(actuators))
    if label not in actuators:
        known = suggestion(label, actuators, "declared")
        raise click.UsageError(f"{path} has no actuator {code(label)} that takes backups; {known}")
    choice = actuators[label]
    world = world_here()
    return _Chosen(label=label, kind=choice.name, backup=made(BACKUPS, choice, label, world))


def _accepted(kept: Kept, accepted_us: int | None, outputs: Outputs) -> int:
    if kept.started_us is None:
        raise Unavailable(f"the backup {code(kept.snapshot)} is not whole: {kept.fault}")
    loss_us = -((kept.started_us - now_us()) // SECOND_US) * SECOND_US
    window = f"{format_duration(loss_us)}, since {format_instant(kept.started_us)[:19]}Z"
    outputs.console.notice(f"canarypolicy: what was changed in the last {window}, will be lost")
    if accepted_us is None:
        raise click.UsageError(
            f"a restore loses what was changed in the last {window}: accept it with --accept-data-loss DURATION, and leave"
            " time for the restore itself"
        )
    if accepted_us < loss_us:
        raise click.UsageError(f"--accept-data-loss {format_duration(accepted_us)} is too little: the loss is {window}")
    return accepted_us


def _check_database(database: str, typed: str | None) -> None:
    if typed is None and sys.stdin.isatty():
        typed = click.prompt("the name of the database to overwrite", err=True)
    if typed is None:
        raise click.UsageError("give --database NAME, the name of the database that is overwritten")
    if typed != database:
        raise click.UsageError(f"{code(typed)} is not the name of the database that is overwritten")


def _teller(outputs: Outputs) -> Callable[[str], None]:
    return lambda text: outputs.console.notice(f"canarypolicy: {text}")


def _deliver(outputs: Outputs, chosen: _Chosen, change: str | None, kept: tuple[Kept, ...], detail: str) -> ExitStatus:
    result = BackupList(actuator=chosen.label, change=change, kept=kept, detail=detail, now_us=now_us())
    return outputs.deliver(result, ExitStatus.ADVANCE)
