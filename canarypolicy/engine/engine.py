"""
`decide`: the fold that is the whole product (SPEC section 2.4).

No clock, no I/O, no randomness. What happens to events is in `canarypolicy.engine.operators`,
what rules mean in time in `canarypolicy.engine.sustained`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.rule_kind import RuleKind
from canarypolicy.engine import reasons
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.earliest import earliest_advance
from canarypolicy.engine.observation import Observation, observe
from canarypolicy.engine.outcome import conclude, restate, waiting
from canarypolicy.engine.rollout import (
    Follow,
    GateState,
    Happening,
    Phase,
    enter,
    finish,
    is_in_step_at,
    is_waiting_for_gates,
    start,
    undrifted,
)
from canarypolicy.engine.sample import Sample
from canarypolicy.engine.sustained import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from canarypolicy.cel.expression import Truth
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.decision import Decision, Reason
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.program import Program, ProgramRule, RuleStanding
    from canarypolicy.engine.rollout import State


def decide(program: Program, state: State, item: Sample | Event) -> tuple[Decision | None, State]:
    """
    Take in one sample or event and give what is decided at it.

    None: nothing was judged, as before the start and at most events.
    Samples rise in time and events do not go back; otherwise it is a `ValueError`.
    """
    if not isinstance(item, Sample):
        from canarypolicy.engine.operators import take_in  # noqa: PLC0415 - most histories have samples only

        return take_in(program, state, item)
    if state.previous_us is not None and item.at_us <= state.previous_us:
        raise ValueError("samples must rise in time")
    if state.course.final is not None:
        return restate(state.course.final, state.course, item), state
    seen, state = look(program, state, item)
    match state.course.phase:
        case Phase.BEFORE:
            return waiting(program, seen), state
        case Phase.IN_STEP if is_in_step_at(state.course, item.at_us):
            return judge(program, state, seen)
    return None, state


def look(
    program: Program, state: State, sample: Sample, truth: Callable[[ProgramRule, Mapping[str, Value]], Truth] | None = None
) -> tuple[Observation, State]:
    """
    Take a sample into a rollout that has not ended, as far as that goes before anything is decided.

    `truth` evaluates a rule in the engine's place; whoever gives one answers for it.
    """
    course = state.course
    if course.phase is Phase.AHEAD and (course.start_us is None or sample.at_us >= course.start_us):
        state = start(program, state, sample.at_us)
    return observe(program, state, sample, truth)


def judge(program: Program, state: State, seen: Observation) -> tuple[Decision, State]:
    """
    Judge a sample of the present step: rollback, else hold, else advance.
    """
    step = program.steps[state.course.step]
    if because := tuple(rollback_reasons(seen)):
        decision = conclude(seen, Verdict.ROLLBACK, because)
        return decision, finish(state, Happening.ROLLBACK, decision)
    if because := tuple(hold_reasons(program, seen)):
        earliest_us = earliest_advance(program, seen)
        decision = conclude(seen, Verdict.HOLD, because, earliest_us=earliest_us)
        return decision, undrifted(state)
    is_last = step.index == len(program.steps) - 1
    decision = conclude(seen, Verdict.ADVANCE, why_advance(seen), earliest_us=seen.at_us, is_complete=is_last)
    if is_last:
        return decision, finish(state, Happening.LAST_ADVANCE, decision)
    if state.course.follow is Follow.POLICY:
        return decision, enter(program, state, step.index + 1, seen.at_us)
    return decision, state


def verdict_of(program: Program, seen: Observation) -> Verdict:
    """
    Give what `judge` decides of a sample, without all of why.
    """
    if next(rollback_reasons(seen), None) is not None:
        return Verdict.ROLLBACK
    return Verdict.ADVANCE if next(hold_reasons(program, seen), None) is None else Verdict.HOLD


def rollback_reasons(seen: Observation) -> Iterator[Reason]:
    """
    Give every reason to roll back at this sample.

    A rollback names no SLO; the abort and the failed gate of SPEC 2.4 are decided at their event.
    """
    for each in seen.stirring:
        fires = each.standing is Standing.FIRES and each.rule.kind is RuleKind.ROLLBACK
        if fires or each.standing is Standing.UNKNOWN_TOO_LONG:
            yield seen.reason(each)
    if seen.step.rolls_back_on_timeout and seen.is_overdue and not seen.is_every_slo_met:
        yield reasons.overdue(seen.step, seen.entered_us, seen.spent_us, rolls_back=True)


def hold_reasons(program: Program, seen: Observation) -> Iterator[Reason]:
    """
    Give every reason not to advance at this sample.
    """
    yield from _halts(seen)
    for each in seen.stirring:
        if not _is_ignored(each):
            yield seen.reason(each)
    for each in seen.slos:
        if each.standing is not Standing.MET:
            yield seen.reason(each)
    if not seen.slos:
        yield reasons.unguarded(seen.step)
    if seen.is_overdue and not seen.is_every_slo_met:
        yield reasons.overdue(seen.step, seen.entered_us, seen.spent_us, rolls_back=False)
    if seen.at_us - seen.entered_us < seen.step.min_us:
        yield reasons.min_duration(seen.step, seen.entered_us, seen.at_us)
    if seen.step.needs_approval and seen.step.name not in seen.course.approvals:
        yield reasons.approval(seen.step)
    yield from _unpassed_gates(program, seen)


def _halts(seen: Observation) -> Iterator[Reason]:
    """
    Give the reasons that lie outside the policy: a freeze, a pause, a weight that is not what it should be.
    """
    course = seen.course
    if course.freeze is not None:
        yield reasons.frozen(course.freeze)
    if course.pause is not None:
        yield reasons.paused(course.pause)
    if course.drifted:
        yield reasons.weight_drift(seen.step)


def why_advance(seen: Observation) -> tuple[Reason, ...]:
    """
    Give the evidence for an advance: each SLO that is met, and the time that was asked.
    """
    return (
        *(seen.reason(each) for each in seen.slos),
        reasons.min_duration(seen.step, seen.entered_us, seen.at_us),
    )


def _is_ignored(rule: RuleStanding) -> bool:
    return rule.standing is Standing.UNKNOWN and rule.rule.ignores_unknown


def _unpassed_gates(program: Program, seen: Observation) -> list[Reason]:
    """
    Name the gates that hold: those before the first step if it was entered without them, and in the last step those after it.
    """
    course = seen.course
    if not course.gated:
        return []
    gates = list(program.before_gates) if is_waiting_for_gates(program, course) else []
    if seen.step.index == len(program.steps) - 1:
        gates += program.after_gates
    return [
        reasons.of_gate(each, course.gates.get(each.name))
        for each in gates
        if course.gates.get(each.name) is not GateState.PASSED
    ]
