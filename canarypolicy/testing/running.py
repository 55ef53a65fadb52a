"""
Scenarios run through the engine: the same fold as a replay.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from canarypolicy.engine.engine import decide
from canarypolicy.engine.observation import observe
from canarypolicy.engine.rollout import NOT_YET_US, Phase, begin, start
from canarypolicy.engine.sample import RawSample, Sample, admit_sample
from canarypolicy.testing.judging import failures_of
from canarypolicy.testing.result import Course, Judged, ScenarioResult
from canarypolicy.testing.scenes import scene_of
from canarypolicy.testing.slices import Slices

if TYPE_CHECKING:
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.observation import Observation
    from canarypolicy.engine.program import Program
    from canarypolicy.engine.rollout import GateState, State
    from canarypolicy.testing.checked import CheckedPolicyTest, CheckedScenario


def run_all(program: Program, test: CheckedPolicyTest) -> tuple[ScenarioResult, ...]:
    """
    Run every scenario of a checked PolicyTest, its recordings attached, against a policy.

    The policy need not be the one that the test names: names that it lacks fail an expectation, and raise nothing.
    """
    slices = Slices(program)
    return tuple(run_scenario(slices, test, each) for each in test.scenarios)


def run_scenario(slices: Slices, test: CheckedPolicyTest, each: CheckedScenario) -> ScenarioResult:
    """
    Run one scenario; one that fails is run again with every rule, so that all reasons can be shown.
    """
    part = slices.part_for(each)
    course = run_course(part, each)
    failures = failures_of(test, each, course)
    if failures and part is not slices.program:
        part, course = slices.program, run_course(slices.program, each)
        failures = failures_of(test, each, course)
    return ScenarioResult(scenario=each, course=course, failures=failures, is_whole=part is slices.program)


def run_course(program: Program, each: CheckedScenario) -> Course:
    """
    Fold the history of a scenario, with every rule of a program.
    """
    signals = {name: signal for name, signal in program.signals.items() if name in program.declared}
    scene = scene_of(each, signals, program.every_us)
    start_us = NOT_YET_US if scene.start_us is None else scene.start_us
    state = begin(program, start_us=start_us, gated=scene.gated)
    judged: list[Judged] = []
    gates: set[tuple[str, GateState]] = set()
    for item in scene.items:
        admitted = admit_sample(item, program.declared) if isinstance(item, RawSample) else item
        decision, after = decide(program, state, admitted)
        gates.update(after.course.gates.items())
        if decision is not None:
            judged.append(judged_at(program, state, admitted, decision))
        state = after
    return Course(scene=scene, judged=tuple(judged), phase=state.course.phase, gates=frozenset(gates))


def judged_at(program: Program, state: State, item: Sample | Event, decision: Decision) -> Judged:
    """
    Put beside a decision what it was made from, to be looked at when a failure is told.
    """
    is_restated = state.course.final is not None
    return Judged(
        decision=decision,
        look=partial(_look, program, state, item),
        measured=item.values if isinstance(item, Sample) else {},
        is_restated=is_restated,
    )


def _look(program: Program, state: State, item: Sample | Event) -> Observation | None:
    if not isinstance(item, Sample) or state.course.final is not None:
        return None  # the fold has ended: no derived signal is taken on
    if state.course.phase is Phase.AHEAD:
        state = start(program, state, item.at_us)
    return observe(program, state, item)[0]
