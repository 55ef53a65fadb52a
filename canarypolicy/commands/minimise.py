"""
`canarypolicy minimise`: an incident turned into the smallest PolicyTest that shows it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from canarypolicy.commands.inputs import STDIN, chosen_rollout, read_file, read_policy
from canarypolicy.commands.outputs import takes_output, write_file
from canarypolicy.commands.parameters import Instant
from canarypolicy.documents.finding import Finding
from canarypolicy.documents.span import SourceText
from canarypolicy.engine.program import build
from canarypolicy.errors import InvalidInput, Unavailable, Unsupported
from canarypolicy.exit_status import ExitStatus
from canarypolicy.history.recording import read_recordings
from canarypolicy.reports.minimised_result import MinimisedTest
from canarypolicy.testing.even_history import columns_off
from canarypolicy.testing.incident import incident_of
from canarypolicy.testing.minimising import minimise
from canarypolicy.testing.scenes import healthy_value
from canarypolicy.testing.written_test import Titles, faults_of, policy_test_of

if TYPE_CHECKING:
    from canarypolicy.commands.console import Console
    from canarypolicy.commands.outputs import Outputs
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.program import Program
    from canarypolicy.history.recording import Recording
    from canarypolicy.testing.even_history import EvenHistory
    from canarypolicy.testing.incident import Incident
    from canarypolicy.testing.minimising import Minimised, Progress

_TOLD_EVERY = 5_000
"""A line on stderr comes after so many folded samples."""


@click.command("minimise")
@click.argument("path", metavar="RECORDING")
@click.option("--policy", metavar="POLICY", required=True, help="The policy whose decision is kept.")
@click.option("--rollout", metavar="NAME", help="Which rollout of the file, where it has several.")
@click.option("--at", "at_us", type=Instant(), help="Keep the last decision up to then; default the rollout's last one.")
@click.option("--start", "start_us", type=Instant(), help="When the rollout started; what lies before is history.")
@click.option("--name", metavar="TEXT", help="What the test is called; default the rollout and what is decided.")
@click.option("-o", "target", metavar="FILE", help="Write the test to a file; default stdout.")
@click.option("--force", is_flag=True, help="Replace a file that is already there.")
@takes_output(MinimisedTest)
def command(*, outputs: Outputs, path: str, policy: str, **options: Any) -> ExitStatus:
    """
    Turn an incident into the smallest test that shows it.

    The test keeps one decision of the policy on the recording, in the same step and for the same reasons: the rollback, or
    the rollout's last decision. It has the fewest samples, the fewest signals off healthy and the roundest numbers that
    were found, passes on the policy, and fails without a rule that it names.

    Exit status: 0 the test was made; 3 a document or the recording is invalid; 1 a file cannot be used, or no test shows it.
    """
    target: str | None = options["target"]
    program = build(read_policy(policy))
    if target is not None and Path(target).exists() and not options["force"]:
        raise Unavailable(f"`{target}` is already there", help="give another name, or --force to replace it")
    recording = chosen_rollout(read_recordings(read_file(path), path), options["rollout"], path)
    outputs.console.findings(recording.notes)
    incident = _incident(program, recording, options["at_us"], options["start_us"])
    minimised = _minimised(outputs.console, program, incident)
    titles = Titles(name=options["name"], rollout=recording.rollout, policy=_seen_from(target, policy))
    text = policy_test_of(minimised, program, titles)
    if faults := faults_of(text, program):
        raise Unsupported(f"the smallest history makes no test: {faults[0]}")
    if target is not None:
        write_file(target, text)
    result = MinimisedTest(
        rollout=recording.rollout,
        path=target,
        text=text,
        decision=minimised.decision,
        samples=minimised.history.length,
        recorded_samples=minimised.recorded_samples,
        signals=_off(program, minimised.history),
        is_smallest=minimised.is_smallest,
    )
    return outputs.deliver(result, ExitStatus.ADVANCE)


def _incident(program: Program, recording: Recording, at_us: int | None, start_us: int | None) -> Incident:
    incident = incident_of(program, recording, at_us=at_us, start_us=start_us)
    if incident is None:
        span = SourceText(path=recording.source, text="").span(0, 0)
        message = "no sample can be judged: there is none at or after the rollout's start, up to the time asked for"
        raise InvalidInput((Finding(name="nothing-judged", message=message, span=span, help="check --at and --start"),))
    return incident


def _minimised(console: Console, program: Program, incident: Incident) -> Minimised:
    minimised = minimise(program, incident, progress=_progress(console))
    if minimised is None:
        raise Unsupported(
            f"no history at equal distances keeps the decision: {_said(incident.decision)}",
            help="a test may also name the recording itself: `recording: FILE`",
        )
    if not minimised.is_smallest:
        console.notice("canarypolicy: note: trying was given up: there may be a smaller history")
    return minimised


def _said(decision: Decision) -> str:
    because = ", ".join(f"`{name}`" for name in dict.fromkeys(reason.rule for reason in decision.reasons))
    return f"{decision.verdict.value} in `{decision.step}` because of {because}"


def _progress(console: Console) -> Progress:
    """
    Tell now and then how small the history has become; quick searches say nothing.
    """
    told = 0

    def tell(history: EvenHistory, folded: int) -> None:
        nonlocal told
        if folded - told >= _TOLD_EVERY:
            told = folded
            console.notice(f"canarypolicy: {folded:,} samples folded, {history.length} are left in the history")

    return tell


def _off(program: Program, history: EvenHistory) -> tuple[str, ...]:
    names = sorted(program.signals)
    healthy = tuple(healthy_value(program.signals[name]) for name in names)
    return tuple(names[column] for column in columns_off(history, healthy))


def _seen_from(target: str | None, policy: str) -> str:
    """
    Give the policy's path as the test must name it.
    """
    if policy == STDIN:
        return "policy.yaml"
    if target is None:
        return policy.replace(os.sep, "/")
    folder = os.path.dirname(target) or "."  # noqa: PTH120 - as the user wrote it
    try:
        return os.path.relpath(policy, folder).replace(os.sep, "/")
    except ValueError:  # it is on another drive of Windows
        return str(Path(policy).resolve()).replace(os.sep, "/")
