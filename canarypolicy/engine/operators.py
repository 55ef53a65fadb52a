"""
Events taken into a rollout's course: steps, gates, and what operators do.

An abort and a failed gate are decided at once; all else shows at the next sample.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, assert_never

from canarypolicy.engine import reasons
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.event import (
    AbortEvent,
    ApproveEvent,
    DriftEvent,
    FreezeEvent,
    GateEvent,
    PauseEvent,
    ResumeEvent,
    SignalEvent,
    StepEvent,
    UnfreezeEvent,
)
from canarypolicy.engine.outcome import at_event
from canarypolicy.engine.rollout import (
    Follow,
    GateState,
    Happening,
    Phase,
    enter,
    finish,
    idle,
    is_waiting_for_gates,
    lapse,
    start,
)

if TYPE_CHECKING:
    from canarypolicy.engine.decision import Decision, Reason
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.program import Program, ProgramGate
    from canarypolicy.engine.rollout import Course, State


def take_in(program: Program, state: State, event: Event) -> tuple[Decision | None, State]:
    """
    Take in an event; what comes before the start, gates excepted, is ignored.
    """
    course = state.course
    if course.final is not None:
        return None, state
    if course.phase is Phase.AHEAD and _starts_at(course, event):
        state = start(program, state, event.at_us)
        course = state.course
    match event:
        case GateEvent():
            return _take_gate(program, state, event)
        case StepEvent():
            return None, _take_step(program, state, event)
    if course.phase is Phase.AHEAD:
        return None, state
    if isinstance(event, AbortEvent):
        because = (reasons.aborted(event.by, event.reason, event.at_us),)
        return _end(program, state, event.at_us, Happening.ROLLBACK, because)
    return None, replace(state, course=_by_operator(program, course, event))


def _starts_at(course: Course, event: Event) -> bool:
    if course.start_us is None:
        return isinstance(event, StepEvent)
    return event.at_us >= course.start_us


def _take_step(program: Program, state: State, event: StepEvent) -> State:
    """
    Enter the recorded step where the recording is followed; entering the present step again changes nothing.
    """
    course = state.course
    if course.follow is Follow.POLICY:
        return state
    step = program.step_named(event.step)
    if course.phase is Phase.AHEAD:
        return replace(state, course=replace(course, step=step.index, is_under_way=True))
    if course.phase is Phase.IN_STEP and course.step == step.index:
        return state
    return enter(program, state, step.index, event.at_us)


def _take_gate(program: Program, state: State, event: GateEvent) -> tuple[Decision | None, State]:
    """
    Note a gate's result: the latest counts, and one after the rollout passes in the last step only.
    """
    course = state.course
    before = next((gate for gate in program.before_gates if gate.name == event.gate), None)
    after = next((gate for gate in program.after_gates if gate.name == event.gate), None)
    gate = before or after
    if gate is None:
        return None, state
    course = replace(course, gated=True)
    state = replace(state, course=course)
    outcome = _gate_state(gate, event)
    is_early = before is None and (course.phase is not Phase.IN_STEP or course.step != len(program.steps) - 1)
    if is_early and outcome is not GateState.FAILED:
        return None, state
    state = replace(state, course=replace(course, gates={**course.gates, gate.name: outcome}))
    if outcome is GateState.FAILED:
        return _gate_failed(program, state, event.at_us, gate, is_before=before is not None)
    if course.phase is Phase.BEFORE and course.follow is Follow.POLICY and not is_waiting_for_gates(program, state.course):
        return None, enter(program, state, 0, event.at_us)
    return None, state


def _gate_state(gate: ProgramGate, event: GateEvent) -> GateState:
    """
    Judge a gate: whatever says that it failed wins, and what cannot be judged has not passed.
    """
    if event.passed is False:
        return GateState.FAILED
    if event.result is None:
        return GateState.PASSED if event.passed else GateState.UNKNOWN
    met = gate.require.evaluate(_admit_result(event.result))
    if met is True:
        return GateState.PASSED
    return GateState.FAILED if met is False else GateState.UNKNOWN


def _admit_result(result: Mapping[str, Any]) -> dict[str, Any]:
    """
    Keep the fields of a result that have their type; a wrong one is missing.
    """
    fits = {
        "passed": lambda value: isinstance(value, int) and not isinstance(value, bool),
        "failed": lambda value: isinstance(value, int) and not isinstance(value, bool),
        "checks": lambda value: isinstance(value, (list, tuple)),
    }
    return {f"result.{name}": value for name, value in result.items() if name in fits and fits[name](value)}


def _gate_failed(
    program: Program, state: State, at_us: int, gate: ProgramGate, *, is_before: bool
) -> tuple[Decision | None, State]:
    because = (reasons.of_gate(gate, GateState.FAILED),)
    if is_before and state.course.phase in (Phase.AHEAD, Phase.BEFORE):
        return _end(program, state, at_us, Happening.GATE_FAILED, because)
    if gate.rolls_back_on_fail and state.course.phase is Phase.IN_STEP:
        return _end(program, state, at_us, Happening.ROLLBACK, because)
    return None, state


def _end(program: Program, state: State, at_us: int, happening: Happening, because: tuple[Reason, ...]) -> tuple[Decision, State]:
    verdict = Verdict.ROLLBACK if happening is Happening.ROLLBACK else Verdict.HOLD
    decision = at_event(program, state.course, at_us, verdict, because)
    return decision, finish(state, happening, decision)


def _by_operator(
    program: Program,
    course: Course,
    event: PauseEvent | ResumeEvent | ApproveEvent | FreezeEvent | UnfreezeEvent | SignalEvent | DriftEvent,
) -> Course:
    course = lapse(course, event.at_us)
    match event:
        case PauseEvent():
            course = replace(course, pause=event if course.pause is None else course.pause)
        case ResumeEvent():
            course = replace(course, pause=None)
        case FreezeEvent():
            course = replace(course, freeze=event)
        case UnfreezeEvent():
            course = replace(course, freeze=None)
        case ApproveEvent():
            course = _approve(program, course, event)
        case SignalEvent():
            by_hand = {**course.by_hand, **event.signals}
            course = replace(course, by_hand={name: value for name, value in by_hand.items() if value is not None})
        case DriftEvent():
            course = replace(course, drifted=True)
        case _:  # pragma: no cover - the type checker's business
            assert_never(event)
    return idle(course, event.at_us)


def _approve(program: Program, course: Course, event: ApproveEvent) -> Course:
    """
    Note an approval; one without a step is for the present step, and before the first there is none.
    """
    if event.step is None and course.phase is not Phase.IN_STEP:
        return course
    return replace(course, approvals=course.approvals | {event.step or program.steps[course.step].name})
