"""
`canarypolicy record`: a recording of what sources say, live or of the past.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from canarypolicy.commands.clock import SystemClock, now_us
from canarypolicy.commands.inputs import read_environment_file, read_policy, world_here
from canarypolicy.commands.outputs import takes_output, write_file
from canarypolicy.commands.parameters import Duration, Instant
from canarypolicy.documents.duration import SECOND_US, format_duration, microseconds
from canarypolicy.errors import Unavailable, Unsupported
from canarypolicy.exit_status import ExitStatus
from canarypolicy.history.recording_csv import csv_header, csv_row
from canarypolicy.history.recording_text import header_line, sample_line, text_of_line
from canarypolicy.history.window import Window
from canarypolicy.reports.result import Recorded, RecordedSignal
from canarypolicy.sources.reading import MOST_SAMPLES
from canarypolicy.sources.samples import Wanted
from canarypolicy.sources.together import Together

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from canarypolicy.commands.console import Console
    from canarypolicy.commands.outputs import Outputs
    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.documents.environment import CheckedEnvironment
    from canarypolicy.engine.sample import RawSample

_EVERY_US = 30 * SECOND_US
_SHORTEST_US = 100_000
_MOST_AT_ONCE = 10_000
_ENDINGS = (".jsonl", ".csv")


@click.command("record")
@click.argument("environment", metavar="ENV")
@click.option("-o", "--out", "path", metavar="FILE", required=True, help="The recording: `.jsonl` or `.csv`.")
@click.option("--policy", metavar="POLICY", help="Record its signals every `plan.every`; default all of ENV, every 30s.")
@click.option("--every", "every_us", type=Duration(), help="How often a sample is taken.")
@click.option("--for", "for_us", type=Duration(), help="End after so long; default at Ctrl-C or SIGTERM.")
@click.option("--start", "start_us", type=Instant(), help="Read the past: from then")
@click.option("--end", "end_us", type=Instant(), help="to then; default now.")
@click.option("--rollout", metavar="NAME", help="The rollout's name in the recording; default that of ENV.")
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@takes_output(Recorded)
def command(*, outputs: Outputs, environment: str, path: str, policy: str | None, **options: Any) -> ExitStatus:
    """
    Write a recording of what the sources of an Environment say: live, or with --start of the past.

    Live, a sample is taken every --every, and its line is in the file before the next one is taken. Of the past, only
    sources that know it are asked; the signals of others are missing.

    Exit status: 0 recorded; 1 a file or source cannot be used; 3 the documents are invalid.
    """
    start_us, end_us = _times(options)
    _check_ending(path)
    described = read_environment_file(environment)
    job = _job(described, None if policy is None else read_policy(policy), path, options)
    if Path(path).exists() and not options["force"]:
        raise _is_there(path)
    console = outputs.console
    if path.lower().endswith(".csv") and any(each.is_timed for each in job.sources.asked):
        console.notice("canarypolicy: note: a table does not say when values were measured, so no `max_age` is held against them")
    try:
        samples = _live(job, console, options["for_us"]) if start_us is None else _past(job, start_us, end_us)
    finally:
        job.sources.close()
    return outputs.deliver(_recorded(path, job.names, samples), ExitStatus.ADVANCE)


def _times(options: dict[str, Any]) -> tuple[int | None, int]:
    start_us, end_us = options["start_us"], options["end_us"]
    if start_us is None and end_us is not None:
        raise click.UsageError("--end needs --start: it says from when the past is read")
    if start_us is not None and options["for_us"] is not None:
        raise click.UsageError("--for ends a live recording; the past ends at --end")
    end_us = now_us() if end_us is None else end_us
    if start_us is not None and start_us > end_us:
        raise click.UsageError("--start lies behind --end")
    every_us = options["every_us"]
    if every_us is not None and every_us < _SHORTEST_US:
        raise click.BadParameter(f"a sample is taken every {format_duration(_SHORTEST_US)} at most", param_hint="--every")
    return start_us, end_us


def _check_ending(path: str) -> None:
    if not path.lower().endswith(_ENDINGS):
        raise click.BadParameter(f"`{path}` does not end in {' or '.join(f'`{each}`' for each in _ENDINGS)}", param_hint="-o")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """
    What is recorded, and how it is written.
    """

    sources: Together
    names: Sequence[str]
    every_us: int
    path: str
    rollout: str
    is_forced: bool

    @property
    def head(self) -> str:
        return csv_header(self.names) if self._is_table else text_of_line(header_line(self.rollout))

    def line(self, raw: RawSample) -> str:
        return csv_row(self.names, raw) if self._is_table else text_of_line(sample_line(raw))

    @property
    def _is_table(self) -> bool:
        return self.path.lower().endswith(".csv")


def _job(environment: CheckedEnvironment, checked: CheckedPolicy | None, path: str, options: dict[str, Any]) -> _Job:
    """
    Make the sources; without a policy all signals of the Environment are recorded, whatever they are.
    """
    every_us: int = options["every_us"] or (_EVERY_US if checked is None else microseconds(checked.policy.plan.every))
    if checked is None:
        wanted = Wanted(signals=dict.fromkeys(environment.environment.signals), every_us=every_us, max_gap_us=3 * every_us)
    else:
        wanted = Wanted.by(checked)
    world = world_here(_started_us(options))
    deadline_us = every_us * 4 // 5 if options["start_us"] is None else None
    return _Job(
        sources=Together(environment, wanted, world, deadline_us),
        names=tuple(wanted.signals),
        every_us=every_us,
        path=path,
        rollout=options["rollout"] or environment.environment.metadata.name,
        is_forced=options["force"],
    )


def _started_us(options: dict[str, Any]) -> int:
    return now_us() if options["start_us"] is None else int(options["start_us"])


@dataclass(slots=True)
class _Tally:
    """
    What has been recorded so far.
    """

    first_us: int | None = None
    last_us: int = 0
    count: int = 0
    missing: dict[str, int] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    """Why a signal was missing last."""

    def add(self, raw: RawSample) -> None:
        self.first_us = raw.at_us if self.first_us is None else self.first_us
        self.last_us = raw.at_us
        self.count += 1
        for name, why in raw.why.items():
            self.missing[name] = self.missing.get(name, 0) + 1
            self.why[name] = why


def _live(job: _Job, console: Console, for_us: int | None) -> _Tally:
    clock, tally = SystemClock(), _Tally()
    lacking: frozenset[str] = frozenset()
    until_us = None if for_us is None else clock.now_us() + for_us
    console.notice(
        f"canarypolicy: recording {len(job.names)} signal{'s' if len(job.names) != 1 else ''} every "
        f"{format_duration(job.every_us)} into `{job.path}`{'; Ctrl-C ends it' if until_us is None else ''}"
    )
    with clock.stopped_by_signals(), _open(job) as file:
        _write(file, job.head, job.path)
        next_us = clock.now_us()
        while not clock.is_stopping() and (until_us is None or next_us <= until_us):
            raw = job.sources.sample(max(clock.now_us(), tally.last_us + 1))
            _write(file, job.line(raw), job.path)
            tally.add(raw)
            for name in sorted(raw.why.keys() - lacking):
                console.notice(f"canarypolicy: `{name}` is missing: {raw.why[name]}")
            for name in sorted(lacking - raw.why.keys()):
                console.notice(f"canarypolicy: `{name}` is there again")
            lacking = frozenset(raw.why)
            next_us += job.every_us * max(1, -(-(clock.now_us() - next_us) // job.every_us))  # a late one skips what it missed
            clock.sleep_until(next_us if until_us is None else min(next_us, until_us))
    return tally


def _open(job: _Job) -> TextIO:
    try:
        return Path(job.path).open("w" if job.is_forced else "x", encoding="utf-8", newline="\n")
    except FileExistsError:
        raise _is_there(job.path) from None
    except OSError as error:
        raise _not_written(job.path, error) from error


def _is_there(path: str) -> Unavailable:
    return Unavailable(f"`{path}` is already there", help="give another name, or --force to replace it")


def _write(file: TextIO, text: str, path: str) -> None:
    """
    Write a whole line, so that a process that is killed leaves a file that can be read.
    """
    try:
        file.write(text)
        file.flush()
    except OSError as error:
        raise _not_written(path, error) from error


def _not_written(path: str, error: OSError) -> Unavailable:
    return Unavailable(f"cannot write `{path}`: {(error.strerror or str(error)).lower()}")


def _past(job: _Job, start_us: int, end_us: int) -> _Tally:
    """
    Read the past in parts; if no source says anything of it, no file is written.
    """
    times = range(start_us - start_us % 1000, end_us + 1, job.every_us)
    if len(times) > MOST_SAMPLES:
        raise Unsupported(
            f"{len(times)} samples lie between --start and --end, {MOST_SAMPLES} at most are read",
            help="take them less often with --every, or read the past in parts",
        )
    texts, tally = [job.head], _Tally()
    whys: dict[str, None] = {}
    for index in range(0, len(times), _MOST_AT_ONCE):
        part = times[index : index + _MOST_AT_ONCE]
        past = job.sources.past(Window(start_us=part[0], end_us=part[-1], every_us=job.every_us))
        whys |= dict.fromkeys(past.why)
        for raw in past.samples:
            texts.append(job.line(raw))
            tally.add(raw)
    if not tally.count:
        raise Unavailable("no source says anything of the time between --start and --end", help="; ".join(whys) or None)
    write_file(job.path, "".join(texts))
    return tally


def _recorded(path: str, names: Sequence[str], tally: _Tally) -> Recorded:
    return Recorded(
        path=path,
        samples=tally.count,
        first_us=tally.first_us,
        last_us=tally.last_us if tally.count else None,
        signals=tuple(RecordedSignal(name=name, missing=tally.missing.get(name, 0), why=tally.why.get(name)) for name in names),
    )
