"""
`canarypolicy replay`: recordings played through a policy, and what another policy makes of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from canarypolicy.commands.inputs import expand, read_file, read_policy
from canarypolicy.commands.outputs import takes_output
from canarypolicy.commands.parameters import Instant
from canarypolicy.engine.program import build
from canarypolicy.engine.rollout import Follow
from canarypolicy.errors import InvalidInput
from canarypolicy.exit_status import ExitStatus
from canarypolicy.history.decision_record import mark_of
from canarypolicy.history.recording import read_recordings
from canarypolicy.history.replay import Outcome
from canarypolicy.history.replay import replay as play
from canarypolicy.reports.evaluation_result import lacks_gates
from canarypolicy.reports.limits import limits_of
from canarypolicy.reports.result import Replay, ReplayedRollout

if TYPE_CHECKING:
    from collections.abc import Iterable

    from canarypolicy.commands.outputs import Outputs
    from canarypolicy.documents.finding import Finding
    from canarypolicy.engine.program import Program
    from canarypolicy.history.recording import Recording
    from canarypolicy.history.replay import Timeline

_ENDINGS = (".jsonl", ".jsonl.gz", ".csv", ".csv.gz", ".parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """
    How each recording is played: whose steps are followed, and from when on.
    """

    follow: Follow
    start_us: int | None

    def play(self, program: Program, recording: Recording) -> Timeline:
        """
        Play one recording through a policy.
        """
        return play(program, recording, follow=self.follow, start_us=self.start_us)


@click.command("replay")
@click.argument("policy", metavar="POLICY")
@click.argument("recordings", metavar="RECORDING...", nargs=-1, required=True)
@click.option(
    "--follow",
    type=click.Choice([follow.value for follow in Follow]),
    default=Follow.POLICY.value,
    show_default=True,
    help="Go through the policy's own steps, or through those that were recorded.",
)
@click.option("--start", type=Instant(), help="When the rollouts start; what lies before is history.")
@click.option("--against", metavar="OTHER_POLICY", help="Show what another policy decides on the same recordings.")
@click.option("--all", "shows_all", is_flag=True, help="Show every decision, and not only the changes.")
@click.option("--expect", type=click.Choice([outcome.value for outcome in Outcome]), help="End in 3 if a rollout ends otherwise.")
@click.option("--html", metavar="FILE", help="Write one self-contained page as well.")
@takes_output(Replay)
def command(*, outputs: Outputs, policy: str, recordings: tuple[str, ...], against: str | None, **options: Any) -> ExitStatus:
    """
    Play recordings through a policy and print each timeline.

    A folder stands for every .jsonl, .csv and .parquet file in and below it, compressed or not; `-` is stdin.

    Exit status: 0 it ran; 3 a recording is invalid or, with --expect, a rollout ended otherwise; 1 a file cannot be read.
    """
    program = build(read_policy(policy))
    other = None if against is None else build(read_policy(against))
    course = Course(follow=Follow(options["follow"]), start_us=options["start"])
    read, findings = _read(expand(recordings, _ENDINGS))
    rollouts, unfit = _replayed(program, other, course, read)
    result = Replay(
        policy=mark_of(program.checked),
        against=None if other is None else mark_of(other.checked),
        rollouts=tuple(rollouts),
        shows_all=options["shows_all"],
        expected=None if options["expect"] is None else Outcome(options["expect"]),
        findings=(*findings, *unfit),
        max_gap_us=program.max_gap_us,
        limits=limits_of(program),
    )
    outputs.console.findings(result.findings)
    outputs.console.findings(note for rollout in result.rollouts for note in rollout.timeline.notes)
    return outputs.with_file("html", options["html"]).deliver(result, _status(result))


def _read(paths: Iterable[str]) -> tuple[list[Recording], list[Finding]]:
    """
    Read all recordings; what is wrong with one keeps no other from being replayed.
    """
    read: list[Recording] = []
    findings: list[Finding] = []
    for path in paths:
        try:
            read += read_recordings(read_file(path), path)
        except InvalidInput as invalid:
            findings += invalid.findings
    return read, findings


def _replayed(
    program: Program, other: Program | None, course: Course, recordings: Iterable[Recording]
) -> tuple[list[ReplayedRollout], list[Finding]]:
    """
    Replay all recordings; one whose steps do not fit the policy keeps no other from being replayed.
    """
    rollouts: list[ReplayedRollout] = []
    findings: list[Finding] = []
    for recording in recordings:
        try:
            rollouts.append(_rollout(program, other, course, recording))
        except InvalidInput as invalid:
            findings += invalid.findings
    return rollouts, findings


def _rollout(program: Program, other: Program | None, course: Course, recording: Recording) -> ReplayedRollout:
    timeline = course.play(program, recording)
    return ReplayedRollout(
        recording=recording,
        timeline=timeline,
        lacks_gates=lacks_gates(program, is_gated=timeline.is_gated),
        against=None if other is None else course.play(other, recording),
    )


def _status(result: Replay) -> ExitStatus:
    outcomes = {rollout.timeline.outcome for rollout in result.rollouts}
    is_unexpected = result.expected is not None and outcomes != {result.expected}
    return ExitStatus.FINDINGS if result.findings or is_unexpected else ExitStatus.ADVANCE
