"""
`canarypolicy run`: carries a rollout out, and goes on with one that was interrupted.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from canarypolicy.commands.clock import SystemClock
from canarypolicy.commands.inputs import read_environment_file, read_policy, world_here
from canarypolicy.commands.outputs import takes_output
from canarypolicy.commands.parameters import ArtefactVersion, Listen, RunName
from canarypolicy.commands.stores import VARIABLE, StoreChoice, open_store_in, open_store_of
from canarypolicy.documents.duration import format_instant
from canarypolicy.documents.environment_checks import check_against_policy
from canarypolicy.documents.run_checks import check_for_run
from canarypolicy.engine.program import build
from canarypolicy.errors import InvalidInput, Unavailable
from canarypolicy.exit_status import ExitStatus
from canarypolicy.history.decision_record import number
from canarypolicy.live.beginning import Occasion, Whereabouts, begin_journal, continue_journal, go_on, program_of, service_of
from canarypolicy.live.loop import carry_out
from canarypolicy.live.notices import Notices
from canarypolicy.live.protocols import NotDone
from canarypolicy.live.run import Run, patience_us
from canarypolicy.live.steering import Steering
from canarypolicy.reports.rollout_result import RunEnded
from canarypolicy.store.holder import holder_of_this_process
from canarypolicy.telemetry.log import LogFormat, LogStyle, LogWatcher
from canarypolicy.telemetry.watchers import OfRun, watchers_of
from canarypolicy.wiring import wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.commands.console import Console
    from canarypolicy.commands.outputs import Outputs
    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.documents.environment import CheckedEnvironment
    from canarypolicy.engine.program import Program
    from canarypolicy.live.journal import Journal
    from canarypolicy.store.database import DatabaseStore
    from canarypolicy.telemetry.watchers import Watchers
    from canarypolicy.wiring import Parts

_STATUSES = {
    "complete": ExitStatus.ADVANCE,
    "refused": ExitStatus.HOLD,
    "rolled-back": ExitStatus.ROLLBACK,
    None: ExitStatus.COULD_NOT_RUN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    """
    What a run is carried out with.
    """

    program: Program
    environment: CheckedEnvironment
    store: DatabaseStore
    clock: SystemClock
    watchers: Watchers
    is_dry: bool

    @property
    def where(self) -> Whereabouts:
        return Whereabouts(store=self.store, holder=holder_of_this_process(), clock=self.clock)


@click.command("run")
@click.argument("policy", metavar="POLICY")
@click.argument("environment", metavar="ENV")
@click.option("--continue", "continued", metavar="RUN", help="Go on with a run that was interrupted.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Move no traffic, take no snapshot, tell nobody.")
@click.option("--name", type=RunName(), help="The run's name; default the policy's name and the time.")
@click.option("--artefact", type=ArtefactVersion(), help="The version that is rolled out, for the journal and the checklist.")
@click.option("--by", metavar="WHO", help="Who began it, for the journal.")
@click.option("--store", "store_url", metavar="URL", help=f"The store, instead of ENV's; also {VARIABLE}.")
@click.option("--listen", type=Listen(), metavar="HOST:PORT", help="Serve /metrics and /healthz there.")
@click.option("--log-format", type=click.Choice([each.value for each in LogFormat]), default="text", show_default=True)
@takes_output(RunEnded)
def command(*, outputs: Outputs, policy: str, environment: str, continued: str | None, **options: Any) -> ExitStatus:
    """
    Carry a rollout out: observe, decide, act and record, until it is complete or rolled back.

    What happens is told on stderr and kept in the store's journal. Ctrl-C and SIGTERM stop it and leave the traffic where
    it is; --continue goes on, after a crash, too.

    Exit status: 0 complete, 4 refused, 5 rolled back; 1 interrupted, to be continued; 3 the documents are invalid.
    """
    _refuse_what_is_settled(continued, options)
    checked = read_policy(policy)
    described = read_environment_file(environment)
    clock = SystemClock()
    store = _store(options["store_url"], described, outputs.console)
    style = LogStyle(
        format=LogFormat(options["log_format"]),
        has_color=outputs.console.has_color(sys.stderr),
        is_quiet=outputs.console.is_quiet,
    )
    log = LogWatcher(sys.stderr, clock.now_us, style)
    with store, clock.stopped_by_signals(), watchers_of(log, options["listen"]) as watchers:
        stage = _Stage(
            program=build(checked), environment=described, store=store, clock=clock, watchers=watchers, is_dry=options["is_dry"]
        )
        ended = _begin(stage, outputs.console, options) if continued is None else _go_on(stage, outputs.console, continued)
    return outputs.deliver(ended, _STATUSES[ended.outcome])


def _store(url: str | None, environment: CheckedEnvironment, console: Console) -> DatabaseStore:
    if url is None and not os.environ.get(VARIABLE):
        return open_store_in(environment, console)
    return open_store_of(StoreChoice(url=url, environment=None), console)


def _refuse_what_is_settled(continued: str | None, options: Mapping[str, Any]) -> None:
    """
    Refuse to change what a run's first entry says already.
    """
    for name in ("name", "artefact", "by", "is_dry"):
        if continued is not None and options[name]:
            option = "--dry-run" if name == "is_dry" else f"--{name}"
            raise click.UsageError(f"`{option}` is for a new run: the journal of `{continued}` says it already")


def _begin(stage: _Stage, console: Console, options: Mapping[str, Any]) -> RunEnded:
    """
    Begin a run, unless rollouts are frozen or one of this service is still open.
    """
    checked = stage.program.checked
    _check(stage.environment, checked, console, is_dry=stage.is_dry)
    parts = _parts(stage, stage.clock.now_us())
    policy, now_us = checked.policy.metadata.name, stage.clock.now_us()
    run = options["name"] or f"{policy}-{format_instant(now_us)[:19].replace('-', '').replace(':', '').replace('T', '-')}"
    freezes = stage.store.freezes(policy, now_us)
    if freezes:
        first = freezes[0]
        why = f"frozen by {first.by or 'somebody'} since {format_instant(first.at_us)}: {first.reason or 'no reason given'}"
        return RunEnded(run=run, outcome="refused", why=f"{why}; `canarypolicy unfreeze` lifts it")
    _refuse_if_open(stage, policy)
    if not stage.is_dry:
        _check_weight(stage.program, parts)
    occasion = Occasion(
        run=run,
        environment=stage.environment.environment.metadata.name,
        is_dry=stage.is_dry,
        by=options["by"],
        artefact=options["artefact"],
    )
    journal = begin_journal(stage.program, stage.where, occasion)
    living = _run(stage, parts, journal)
    living.tell(
        "info",
        "began",
        f"run {run} of `{policy}` begins{_with(occasion.artefact)}{' as a dry run' if stage.is_dry else ''}",
        run=run,
        policy=policy,
    )
    return _carry_out(living, parts)


def _with(artefact: str | None) -> str:
    return "" if artefact is None else f" with `{artefact}`"


def _go_on(stage: _Stage, console: Console, name: str) -> RunEnded:
    """
    Continue a run with the policy of its journal; another one given is refused.
    """
    row = stage.store.find(name, stage.clock.now_us())
    if row.state in _STATUSES:
        return RunEnded(run=row.run, outcome=row.state, why="it had ended before")
    entries = stage.store.entries(row.run)
    program = program_of(row, entries)
    given = stage.program.checked
    if given.digest != row.digest:
        raise Unavailable(
            f"`{given.source.path}` is not the policy with which `{row.run}` began",
            help="a run keeps its policy: give the file as it was, or abort the run and begin another",
        )
    environment = stage.environment.environment.metadata.name
    if environment != row.environment:
        raise Unavailable(f"`{row.run}` is carried out in the environment `{row.environment}`, not in `{environment}`")
    is_dry = bool(entries[0].body["dry_run"])
    stage = replace(stage, program=program, is_dry=is_dry)
    _check(stage.environment, program.checked, console, is_dry=is_dry)
    parts = _parts(stage, row.started_us)
    journal = continue_journal(program, stage.where, row.run)
    living = _run(stage, parts, journal)
    if is_dry and journal.record.weight is not None:
        parts.traffic.set(journal.record.weight)
    go_on(living, max(journal.record.last_us, journal.record.fold.last_us))
    return _carry_out(living, parts)


def _check(environment: CheckedEnvironment, checked: CheckedPolicy, console: Console, *, is_dry: bool) -> None:
    console.findings(check_against_policy(environment, checked))
    lacking = check_for_run(environment, checked, is_dry=is_dry)
    if lacking:
        raise InvalidInput(lacking)


def _parts(stage: _Stage, started_us: int) -> Parts:
    world = world_here(started_us)
    return wire(stage.environment, stage.program.checked, world, patience_us(stage.program), is_dry=stage.is_dry)


def _run(stage: _Stage, parts: Parts, journal: Journal) -> Run:
    watcher = OfRun(stage.watchers, journal.lease.run, stage.program.checked.policy.metadata.name)
    return Run(
        program=stage.program,
        journal=journal,
        steering=Steering(parts.traffic, journal, watcher, stage.program.every_us),
        signals=parts.signals,
        probes=parts.probes,
        backup=parts.backup,
        notices=Notices(parts.notifiers, journal, watcher),
        watcher=watcher,
        is_dry=stage.is_dry,
    )


def _refuse_if_open(stage: _Stage, policy: str) -> None:
    """
    Refuse a run beside one that goes on, or was not finished: its traffic, or its rollback, would be forgotten.
    """
    service = service_of(policy, stage.environment.environment.metadata.name)
    for row in stage.store.runs(stage.clock.now_us()):
        if row.service != service or row.state in _STATUSES or row.head_seq == 0:  # without an entry, it never began
            continue
        if row.is_held and row.holder is not None:
            raise Unavailable(
                f"run `{row.run}` of the same service is being carried out, by process {row.holder.pid} on `{row.holder.host}`",
                help=f"see `canarypolicy status {row.run}`; one run of a service goes on at a time",
            )
        raise Unavailable(
            f"run `{row.run}` of the same service was not finished",
            help=f"go on with `--continue {row.run}`; `canarypolicy abort {row.run}` first makes that a rollback",
        )


def _check_weight(program: Program, parts: Parts) -> None:
    """
    Refuse to begin where the canary has more of the traffic already than the first step would give it.
    """
    try:
        seen = parts.traffic.read_back()
    except NotDone as error:
        raise Unavailable(f"the traffic's weight cannot be read: {error.why}") from error
    except Exception as error:  # a plug-in's mistake
        raise Unavailable(f"the traffic's weight cannot be read: a fault in it: {type(error).__name__}") from error
    first = program.steps[0]
    if seen > first.weight:
        raise Unavailable(
            f"the canary has {number(seen)} % of the traffic already, and the first step would give it {number(first.weight)} %",
            help="make what is running the baseline, or give the traffic back, before another rollout begins",
        )


def _carry_out(run: Run, parts: Parts) -> RunEnded:
    try:
        outcome = carry_out(run)
    finally:
        parts.signals.close()
    weight = run.record.weight
    if outcome is None:
        where = "nothing is released" if weight is None else f"the canary keeps {number(weight)} % of the traffic"
        return RunEnded(run=run.name, outcome=None, why=f"{where}; go on with `--continue {run.name}`")
    decision = run.fold.decision
    why = "; ".join(f"{reason.rule}: {reason.message}" for reason in decision.reasons) if decision is not None else ""
    return RunEnded(run=run.name, outcome=outcome, why=why, recovery=run.record.recovery)
