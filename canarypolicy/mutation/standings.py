"""
A scenario's course, kept sample by sample, and where one rule stands along it.

As long as a changed rule stands as the one that it was made of, every decision is the same, so the next sample is judged in
the same step; hence a mutant parts from the policy at the first sample at which the two stand differently, and never before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.documents.rule import RuleKind
from canarypolicy.engine.engine import decide, look
from canarypolicy.engine.observation import moment_of, truth_of
from canarypolicy.engine.rollout import NOT_YET_US, Phase, begin, is_in_step_at
from canarypolicy.engine.sample import RawSample, Sample, admit_sample
from canarypolicy.engine.sustained import NO_STREAK, Standing, gather, gathered, watch, watched
from canarypolicy.testing.result import Course
from canarypolicy.testing.running import judged_at
from canarypolicy.testing.scenes import scene_of

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.program import Program, ProgramRule
    from canarypolicy.engine.rollout import State
    from canarypolicy.engine.sustained import Moment, Streak
    from canarypolicy.testing.checked import CheckedScenario
    from canarypolicy.testing.result import Judged
    from canarypolicy.testing.scenes import Scene

Stand: TypeAlias = tuple[Standing, bool] | None
"""A standing, and whether it is an unknown one that is ignored; None where the rule does not act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """
    One sample at which rules are watched: what they see, and where the rollout is.
    """

    place: int
    """Its place among the items."""
    values: Mapping[str, Value]
    moment: Moment
    step: str
    entered_us: int | None
    is_judged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """
    A scenario's course with a program, and the state before each item.
    """

    scene: Scene
    items: tuple[Sample | Event, ...]
    states: tuple[State, ...]
    judged: tuple[Judged | None, ...]
    """What was decided at each item, if anything was."""
    watching: tuple[Watching, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """
    Where a rule stands at each sample at which it is watched, and its streak before that sample.
    """

    stands: tuple[Stand, ...]
    streaks: tuple[Streak, ...]


def kept_course(program: Program, each: CheckedScenario) -> Kept:
    """
    Fold a scenario and keep all of it.
    """
    signals = {name: signal for name, signal in program.signals.items() if name in program.declared}
    scene = scene_of(each, signals, program.every_us)
    items = tuple(admit_sample(item, program.declared) if isinstance(item, RawSample) else item for item in scene.items)
    start_us = NOT_YET_US if scene.start_us is None else scene.start_us
    state = begin(program, start_us=start_us, gated=scene.gated)
    states, judged, watching = [], [], []
    for place, item in enumerate(items):
        states.append(state)
        if isinstance(item, Sample):
            watching += _watching(program, state, item, place)
        decision, after = decide(program, state, item)
        judged.append(None if decision is None else judged_at(program, state, item, decision))
        state = after
    return Kept(scene=scene, items=items, states=tuple(states), judged=tuple(judged), watching=tuple(watching))


def course_from(kept: Kept, program: Program, place: int, state: State) -> Course:
    """
    Give the course of a program that decides as the kept one up to an item, and is in a state before it.
    """
    judged = [each for each in kept.judged[:place] if each is not None]
    for item in kept.items[place:]:
        decision, after = decide(program, state, item)
        if decision is not None:
            judged.append(judged_at(program, state, item, decision))
        state = after
    return Course(scene=kept.scene, judged=tuple(judged), phase=state.course.phase, gates=frozenset())


def _watching(program: Program, state: State, sample: Sample, place: int) -> list[Watching]:
    if state.course.final is not None:
        return []
    seen, after = look(program, state, sample)
    if seen.course.phase is not Phase.IN_STEP:
        return []
    found = Watching(
        place=place,
        values=seen.values,
        moment=moment_of(program, replace(after, previous_us=state.previous_us), sample.at_us),
        step=seen.step.name,
        entered_us=seen.course.entered_us,
        is_judged=is_in_step_at(seen.course, sample.at_us),
    )
    return [found]


def row_of(rule: ProgramRule, watching: Sequence[Watching]) -> Row:
    """
    Give where a rule stands along a course.
    """
    stands: list[Stand] = []
    streaks: list[Streak] = []
    streak, entered_us = NO_STREAK, None
    is_slo = rule.kind is RuleKind.SLO
    for each in watching:
        if is_slo and each.entered_us != entered_us:
            streak, entered_us = NO_STREAK, each.entered_us
        streaks.append(streak)
        acts = each.is_judged and each.step in rule.acts_in
        if is_slo and not acts:
            stands.append(None)
            continue
        truth = truth_of(rule, each.values)
        streak = (gather if is_slo else watch)(rule.asked, streak, truth, each.moment)
        standing = (gathered if is_slo else watched)(rule.asked, streak, truth, each.moment.at_us)
        stands.append((standing, standing is Standing.UNKNOWN and rule.ignores_unknown) if acts else None)
    return Row(stands=tuple(stands), streaks=tuple(streaks))


def with_streak(state: State, index: int, streak: Streak | None) -> State:
    """
    Give a state in which one rule, counted over SLOs and then the others, has another streak; None leaves the rule out.
    """
    streaks = [*state.slos, *state.watches]
    count = len(state.slos)
    if streak is None:
        del streaks[index]
        count -= index < count
    else:
        streaks[index] = streak
    return replace(state, slos=tuple(streaks[:count]), watches=tuple(streaks[count:]))
