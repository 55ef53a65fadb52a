"""
`canarypolicy evaluate`: the decision at the last sample, for a pipeline whose step ends as the decision says.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from canarypolicy.commands.clock import now_us
from canarypolicy.commands.inputs import read_file, read_policy
from canarypolicy.commands.outputs import takes_output
from canarypolicy.commands.parameters import Instant, SignalValue
from canarypolicy.documents.duration import format_instant
from canarypolicy.documents.wording import suggestion
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.program import build
from canarypolicy.engine.sample import RawSample, admit
from canarypolicy.errors import InvalidInput
from canarypolicy.exit_status import ExitStatus
from canarypolicy.history.evaluation import Whereabouts, evaluate, recorded_entry, until
from canarypolicy.history.recording import read_recordings
from canarypolicy.reports.decision_text import WITHOUT_GATES
from canarypolicy.reports.result import Evaluation, Explanation, lacks_gates, mark_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from canarypolicy.commands.console import Console
    from canarypolicy.commands.outputs import Outputs
    from canarypolicy.engine.observation import Observation
    from canarypolicy.engine.program import Program, ProgramRule
    from canarypolicy.history.evaluation import Judged
    from canarypolicy.history.recording import Recording

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
def command(
    *, outputs: Outputs, policy: str, metrics: str | None, environment: str | None, **options: Any
) -> ExitStatus:
    """
    Decide at the last sample: advance, hold or rollback.

    Without --step, the steps are those that the history records or, without any, those of the policy's own decisions from
    the start. With --step, what lies before --since counts for derived signals and rollback rules only.

    Exit status: 0 advance or complete, 4 hold, 5 rollback; 3 the policy or the metrics are invalid; 1 nothing could be read.
    """
    if (metrics is None) == (environment is None):
        raise click.UsageError("give --metrics FILE or --environment ENV, one of them")
    program = build(read_policy(policy))
    where = _whereabouts(program, options["step"], options["since_us"], options["start_us"])
    given = _given(program, options["signals"])
    at_us: int | None = options["at_us"]
    if metrics is not None:
        read = read_recordings(read_file(metrics), metrics, now_us=now_us() if at_us is None else at_us)
        recording = _with_signals(_chosen(read, options["rollout"], metrics), given)
    else:
        recording = _from_environment(program, str(environment), where, given, now_us() if at_us is None else at_us)
    if at_us is not None:
        recording = until(recording, at_us)
    judged = _judge(program, recording, where)
    _tell(outputs.console, recording, where)
    result = Evaluation(
        decision=judged.decision,
        policy=mark_of(program.checked),
        lacks_gates=lacks_gates(program, is_gated=judged.is_gated),
        explanations=tuple(_explanations(judged)) if options["explain"] else (),
    )
    if result.lacks_gates and outputs.format != "text":
        outputs.console.notice(f"canarypolicy: note: {WITHOUT_GATES}")
    return outputs.deliver(result, ExitStatus.ADVANCE if options["exit_zero"] else _STATUSES[judged.decision.verdict])
