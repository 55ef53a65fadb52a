"""
Where one rule stands at each sample of a scenario, the rest of the policy being as it was.

As long as a changed rule stands as the one that it was made of, every decision is the same, so the next sample is judged in
the same step; hence two equal rows of standings prove that a scenario cannot tell the two rules apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.documents.rule import RuleKind
from canarypolicy.engine.engine import decide
from canarypolicy.engine.observation import moment_of, observe, truth_of
from canarypolicy.engine.rollout import NOT_YET_US, Phase, begin, is_in_step_at, start
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.engine.sustained import NO_STREAK, Standing, gather, gathered, watch, watched
from canarypolicy.testing.scenes import scene_of

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.program import Program, ProgramRule
    from canarypolicy.engine.rollout import State
    from canarypolicy.engine.sample import Sample
    from canarypolicy.engine.sustained import Moment
    from canarypolicy.testing.checked import CheckedScenario

Stand: TypeAlias = tuple[Standing, bool] | None
"""A standing, and whether it is an unknown one that is ignored; None where the rule does not act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """
    One sample at which rules are watched: what they see, and where the rollout is.
    """

    values: Mapping[str, Value]
    moment: Moment
    step: str
    entered_us: int | None
    is_judged: bool


def trace(program: Program, each: CheckedScenario) -> tuple[Moved, ...]:
    """
    Fold a scenario and keep what the rules were shown at each sample.
    """
    scene = scene_of(each, program.signals, program.every_us)
    start_us = NOT_YET_US if scene.start_us is None else scene.start_us
    state = begin(program, start_us=start_us, gated=scene.gated)
    seen: list[Moved] = []
    for item in scene.items:
        if isinstance(item, RawSample):
            admitted = admit_sample(item, program.signals)
            moved = _moved(program, state, admitted)
            if moved is not None:
                seen.append(moved)
            _, state = decide(program, state, admitted)
        else:
            _, state = decide(program, state, item)
    return tuple(seen)


def _moved(program: Program, state: State, sample: Sample) -> Moved | None:
    course = state.course
    if course.final is not None:
        return None
    if course.phase is Phase.AHEAD and (course.start_us is None or sample.at_us >= course.start_us):
        state = start(program, state, sample.at_us)
    if state.course.phase is not Phase.IN_STEP:
        return None
    seen, _ = observe(program, state, sample)
    return Moved(
        values=seen.values,
        moment=moment_of(program, state, sample.at_us),
        step=seen.step.name,
        entered_us=seen.course.entered_us,
        is_judged=is_in_step_at(seen.course, sample.at_us),
    )


def standings(rule: ProgramRule, seen: tuple[Moved, ...]) -> tuple[Stand, ...]:
    """
    Give where a rule stands at each sample of a trace.
    """
    return tuple(_evidence(rule, seen) if rule.kind is RuleKind.SLO else _watched(rule, seen))


def _watched(rule: ProgramRule, seen: tuple[Moved, ...]) -> list[Stand]:
    stands: list[Stand] = []
    streak = NO_STREAK
    for each in seen:
        truth = truth_of(rule, each.values)
        streak = watch(rule.asked, streak, truth, each.moment)
        acts = each.is_judged and each.step in rule.acts_in
        stands.append(_stand(rule, watched(rule.asked, streak, truth, each.moment.at_us)) if acts else None)
    return stands


def _evidence(rule: ProgramRule, seen: tuple[Moved, ...]) -> list[Stand]:
    stands: list[Stand] = []
    streak, entered_us = NO_STREAK, None
    for each in seen:
        if each.entered_us != entered_us:
            streak, entered_us = NO_STREAK, each.entered_us
        if not each.is_judged or each.step not in rule.acts_in:
            stands.append(None)
            continue
        truth = truth_of(rule, each.values)
        streak = gather(rule.asked, streak, truth, each.moment)
        stands.append(_stand(rule, gathered(rule.asked, streak, truth, each.moment.at_us)))
    return stands


def _stand(rule: ProgramRule, standing: Standing) -> Stand:
    return standing, standing is Standing.UNKNOWN and rule.ignores_unknown
