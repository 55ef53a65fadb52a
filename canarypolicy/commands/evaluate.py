"""
`canarypolicy evaluate`: the decision at the last sample, for a pipeline whose step ends as the decision says.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from canarypolicy.commands.clock import now_us
from canarypolicy.commands.inputs import chosen_rollout, read_environment_file, read_file, read_program, world_here
from canarypolicy.commands.outputs import takes_output
from canarypolicy.commands.parameters import Instant, SignalValue
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.documents.finding import Finding
from canarypolicy.documents.rule_kind import RuleKind
from canarypolicy.documents.span import SourceText
from canarypolicy.documents.wording import code, listed, suggestion
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.sample import RawSample, admit
from canarypolicy.errors import InvalidInput
from canarypolicy.exit_status import ExitStatus
from canarypolicy.history.decision_record import mark_of_program
from canarypolicy.history.evaluation import Whereabouts, evaluate, until
from canarypolicy.history.recording import read_recordings
from canarypolicy.reports.decision_text import WITHOUT_GATES
from canarypolicy.reports.evaluation_result import Evaluation, Explanation, lacks_gates

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from canarypolicy.commands.console import Console
    from canarypolicy.commands.outputs import Outputs
    from canarypolicy.engine.program import Program
    from canarypolicy.history.evaluation import Judged
from canarypolicy.history.recording import Recording

_PRESENT_US = 60 * SECOND_US
"""A time of so long ago still counts as now for sources that know only the present: pipelines say --at, too."""

_STATUSES = {
    Verdict.ADVANCE: ExitStatus.ADVANCE,
    Verdict.HOLD: ExitStatus.HOLD,
    Verdict.ROLLBACK: ExitStatus.ROLLBACK,
}


@click.command("evaluate")
@click.argument("policy", metavar="POLICY")
@click.option("--metrics", metavar="FILE", help="A recording or one sample; `-` is stdin.")
@click.option("--environment", metavar="ENV", help="An Environment whose sources are asked.")
@click.option("--rollout", metavar="NAME", help="Which rollout of the file, where it has several.")
@click.option("--at", "at_us", type=Instant(), help="Decide at the last sample up to then; default the last one, or now.")
@click.option("--step", metavar="NAME", help="The step that the rollout is in.")
@click.option("--since", "since_us", type=Instant(), help="When that step was entered.")
@click.option("--start", "start_us", type=Instant(), help="When the rollout started; what lies before is history.")
@click.option("--signal", "signals", type=SignalValue(), multiple=True, help="A signal's value, at every sample.")
@click.option("--explain", is_flag=True, help="Show the value of each part of each rule.")
@click.option("--exit-zero", is_flag=True, help="End in status 0 whatever is decided.")
@takes_output(Evaluation)
def command(*, outputs: Outputs, policy: str, metrics: str | None, environment: str | None, **options: Any) -> ExitStatus:
    """
    Decide at the last sample: advance, hold or rollback.

    Without --step, the steps are those that the history records or, without any, those of the policy's own decisions from
    the start. With --step, what lies before --since counts for derived signals and rollback rules only.

    Exit status: 0 advance or complete, 4 hold, 5 rollback; 3 the policy or the metrics are invalid; 1 nothing could be read.
    """
    if (metrics is None) == (environment is None):
        raise click.UsageError("give --metrics FILE or --environment ENV, one of them")
    program = read_program(policy)
    where = _whereabouts(program, options)
    given = _given(program, options["signals"])
    at_us: int | None = options["at_us"]
    if metrics is not None:
        read = read_recordings(read_file(metrics), metrics, now_us=now_us() if at_us is None else at_us)
        recording = _with_signals(chosen_rollout(read, options["rollout"], metrics), given)
    else:
        at_us = now_us() if at_us is None else at_us
        recording, where = _from_environment(outputs.console, program, str(environment), where, (at_us, given))
    if at_us is not None:
        recording = until(recording, at_us)
    judged = _judge(program, recording, where)
    _tell(outputs.console, program, recording)
    result = Evaluation(
        decision=judged.decision,
        decided_us=judged.decided_us,
        policy=mark_of_program(program),
        lacks_gates=lacks_gates(program, is_gated=judged.is_gated),
        explanations=tuple(_explanations(judged)) if options["explain"] else (),
    )
    if result.lacks_gates and outputs.format != "text":
        outputs.console.notice(f"canarypolicy: note: {WITHOUT_GATES}")
    return outputs.deliver(result, ExitStatus.ADVANCE if options["exit_zero"] else _STATUSES[judged.decision.verdict])


def _whereabouts(program: Program, options: Mapping[str, Any]) -> Whereabouts:
    step: str | None = options["step"]
    names = [each.name for each in program.steps]
    if step is not None and step not in names:
        raise click.BadParameter(f"the policy has no step {code(step)}; {suggestion(step, names, 'steps')}", param_hint="--step")
    if step is None and options["since_us"] is not None:
        raise click.UsageError("--since needs --step: it says when that step was entered")
    return Whereabouts(step=step, since_us=options["since_us"], start_us=options["start_us"])


def _given(program: Program, signals: Sequence[tuple[str, object]]) -> dict[str, object]:
    for name, value in signals:
        if name not in program.declared:
            known = suggestion(name, program.declared, "declared")
            raise click.BadParameter(f"signal {code(name)} is not declared; {known}", param_hint="--signal")
        admitted, why = admit(value, program.declared[name])
        if admitted is None and value is not None:
            raise click.BadParameter(f"signal {code(name)} cannot have this value: {why}", param_hint="--signal")
    return dict(signals)


def _with_signals(recording: Recording, given: Mapping[str, object]) -> Recording:
    if not given:
        return recording
    return replace(
        recording, items=tuple(_given_to(item, given) if isinstance(item, RawSample) else item for item in recording.items)
    )


def _given_to(sample: RawSample, given: Mapping[str, object]) -> RawSample:
    times_us = {name: at_us for name, at_us in sample.times_us.items() if name not in given}
    return replace(sample, signals={**sample.signals, **given}, times_us=times_us)


def _from_environment(
    console: Console, program: Program, path: str, where: Whereabouts, asked: tuple[int, Mapping[str, object]]
) -> tuple[Recording, Whereabouts]:
    """
    Ask the sources for the window that the decision needs, and say where in it the rollout is.

    When the step was entered is evidence like any other: without it the step counts as entered just now.
    """
    from canarypolicy.documents.environment_checks import check_against_policy  # noqa: PLC0415 - snapshots need no sources
    from canarypolicy.sources.reading import Occasion, read_environment  # noqa: PLC0415 - as above

    environment = read_environment_file(path)
    console.findings(check_against_policy(environment, program.checked))
    at_us, given = asked
    step = program.steps[0].name if where.step is None else where.step
    is_past = at_us < now_us() - _PRESENT_US
    occasion = Occasion(at_us=at_us, step=step, entered_us=where.since_us, is_past=is_past, given=given)
    world = world_here()
    recording = read_environment(environment, program.checked, occasion, world)
    if where.since_us is not None:
        return recording, replace(where, step=step)
    console.notice(
        f"canarypolicy: note: without --step and --since, step `{step}` counts as entered just now: "
        "this can hold or roll back, and does not advance on time that nobody has told"
    )
    first_us, last_us = recording.items[0].at_us, recording.items[-1].at_us
    just_now_us = max(first_us, last_us - program.every_us)
    return recording, Whereabouts(
        step=step, since_us=just_now_us, start_us=first_us if where.start_us is None else where.start_us
    )


def _judge(program: Program, recording: Recording, where: Whereabouts) -> Judged:
    judged = evaluate(program, recording, where)
    if judged is None:
        span = SourceText(path=recording.source, text="").span(0, 0)
        message = "no sample can be judged: there is none at or after the rollout's start, up to the time asked for"
        raise InvalidInput((Finding(name="nothing-judged", message=message, span=span, help="check --at, --since and --start"),))
    return judged


def _tell(console: Console, program: Program, recording: Recording) -> None:
    """
    Pass on what the source says, and point at names that only look like declared ones.
    """
    console.findings(recording.notes)
    measured = {name for item in recording.items if isinstance(item, RawSample) for name in item.signals}
    strange = sorted(measured - program.declared.keys())
    if strange and not measured >= program.declared.keys():
        shown = f"{listed(strange[:8])}{f' and {len(strange) - 8} more' if len(strange) > 8 else ''}"
        console.notice(f"canarypolicy: note: {recording.source} also has what the policy does not declare: {shown}")


def _explanations(judged: Judged) -> Iterator[Explanation]:
    from canarypolicy.cel.explain import explain  # noqa: PLC0415 - only --explain takes expressions apart

    seen = judged.observation
    if seen is None:
        return
    for standing in (*seen.slos, *seen.watches):
        rule = standing.rule
        key = "require" if rule.kind is RuleKind.SLO else "when"
        for part, expression in ((key, rule.when), ("unless", rule.unless)):
            if expression is not None:
                yield Explanation(rule=rule.name, kind=rule.kind.value, key=part, steps=explain(expression, seen.values))
