"""
A sample as the policy sees it: derived values joined, every rule evaluated and its streak taken on.

Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import methodcaller
from typing import TYPE_CHECKING

from canarypolicy.derived.window import Missing, Tick
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.engine import reasons
from canarypolicy.engine.program import RuleStanding
from canarypolicy.engine.rollout import Phase, State, entry_belongs, is_in_step_at, lapse
from canarypolicy.engine.sample import admit
from canarypolicy.engine.sustained import NO_STREAK, Moment, Standing, gather, gathered, watch, watched

if TYPE_CHECKING:
    from typing import Any

    from canarypolicy.cel.expression import Truth
    from canarypolicy.documents.signal_type import Value
    from canarypolicy.engine.decision import Reason
    from canarypolicy.engine.program import Program, ProgramRule, ProgramStep
    from canarypolicy.engine.rollout import Course
    from canarypolicy.engine.sample import Sample
    from canarypolicy.engine.sustained import Streak


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """
    All that a decision is made from.
    """

    at_us: int
    course: Course
    step: ProgramStep
    values: Mapping[str, Value]
    missing: Mapping[str, str]
    clipped: Mapping[str, str]
    watches: tuple[RuleStanding, ...] = ()
    """The rollback and hold rules that act in this step."""
    slos: tuple[RuleStanding, ...] = ()
    """The SLOs of this step."""

    @property
    def entered_us(self) -> int:
        return self.at_us if self.course.entered_us is None else self.course.entered_us

    @property
    def spent_us(self) -> int:
        """
        The time in this step, less the time paused or frozen.
        """
        return self.at_us - self.entered_us - self.course.idle_until(self.at_us)

    @property
    def is_overdue(self) -> bool:
        return self.step.max_us is not None and self.spent_us > self.step.max_us

    @property
    def is_every_slo_met(self) -> bool:
        return bool(self.slos) and all(each.standing is Standing.MET for each in self.slos)

    @property
    def stirring(self) -> list[RuleStanding]:
        """
        The rollback and hold rules that are not quiet.
        """
        return [each for each in self.watches if each.standing is not Standing.QUIET]

    def reason(self, standing: RuleStanding) -> Reason:
        """
        Give the reason that a rule is at this sample.
        """
        return reasons.of_rule(standing.rule, standing.standing, standing.streak, self.at_us, self.values)


def observe(
    program: Program, state: State, sample: Sample, truth: Callable[[ProgramRule, Mapping[str, Value]], Truth] | None = None
) -> tuple[Observation, State]:
    """
    Take a sample into the derived signals and the streaks.

    Before the first step it is only history: no rule is watched. `truth` evaluates a rule in the engine's place.
    """
    at_us = sample.at_us
    course = lapse(state.course, at_us)
    values, missing, clipped = _by_hand(program, course, sample)
    derived = (
        _fold_derived(program, _tick(program, state, course, at_us), state.derived, values, missing) if program.derived else ()
    )
    step = program.steps[course.step]
    watches, slos = state.watches, state.slos
    watching: tuple[RuleStanding, ...] = ()
    gathering: tuple[RuleStanding, ...] = ()
    if course.phase is Phase.IN_STEP:
        values.update(_built_in(course, step, at_us))
        moment = moment_of(program, state, at_us)
        known = methodcaller("truth", values) if truth is None else lambda rule: truth(rule, values)
        watching, watches = _watch(program, step.name, watches, known, moment)
        if is_in_step_at(course, at_us):
            gathering, slos = _gather(program, step.name, slos, known, moment)
    seen = Observation(
        at_us=at_us,
        course=course,
        step=step,
        values=values,
        missing=missing,
        clipped=clipped,
        watches=watching,
        slos=gathering,
    )
    return seen, State(course=course, previous_us=at_us, watches=watches, slos=slos, derived=derived)


def _by_hand(program: Program, course: Course, sample: Sample) -> tuple[dict[str, Value], dict[str, str], dict[str, str]]:
    """
    Copy the sample's values, with those that an operator set standing in for the measured ones.
    """
    values, missing, clipped = {**sample.values}, {**sample.missing}, {**sample.clipped}
    for name, raw in course.by_hand.items():
        if name not in program.declared:
            continue
        value, why = admit(raw, program.declared[name])
        for table in (values, missing, clipped):
            table.pop(name, None)
        if value is None:
            missing[name] = why
            continue
        values[name] = value
        if why:
            clipped[name] = why
    return values, missing, clipped


def _tick(program: Program, state: State, course: Course, at_us: int) -> Tick:
    return Tick(
        at_us=at_us,
        previous_us=state.previous_us,
        entered_us=course.entered_us if is_in_step_at(course, at_us) else None,
        entry_belongs=entry_belongs(course),
        entries=course.entries,
        max_gap_us=program.max_gap_us,
    )


def _fold_derived(
    program: Program, tick: Tick, states: tuple[Any, ...], values: dict[str, Value], missing: dict[str, str]
) -> tuple[Any, ...]:
    """
    Fold each derived signal in the order in which they read one another, and join its value.
    """
    after = []
    for each, before in zip(program.derived, states, strict=True):
        inputs = tuple(values[name] if name in values else Missing(why=missing.get(name, "no value")) for name in each.reads)
        value, folded = each.function.fold(before, tick, inputs)
        after.append(folded)
        if isinstance(value, Missing):
            missing[each.name] = value.why
        else:
            values[each.name] = value
    return tuple(after)


def _built_in(course: Course, step: ProgramStep, at_us: int) -> dict[str, Value]:
    entered_us = at_us if course.entered_us is None else course.entered_us
    started_us = at_us if course.started_us is None else course.started_us
    return {
        "rollout.weight": step.weight,
        "rollout.step": step.name,
        "rollout.step_elapsed_seconds": (at_us - entered_us) / SECOND_US,
        "rollout.elapsed_seconds": (at_us - started_us) / SECOND_US,
    }


def _watch(
    program: Program, step: str, streaks: tuple[Streak, ...], known: Callable[[ProgramRule], Truth], moment: Moment
) -> tuple[tuple[RuleStanding, ...], tuple[Streak, ...]]:
    """
    Evaluate every rollback and hold rule, also those that act in other steps.

    Nearly always nearly all of them are quiet and stay so: only what stirs is made anew.
    """
    stirring: dict[int, RuleStanding] = {}
    after: list[Streak] | None = None
    for index, rule in enumerate(program.watches):
        truth, before, asked = known(rule), streaks[index], rule.asked
        if truth is False and before is NO_STREAK and asked.of is None:
            continue
        streak = watch(asked, before, truth, moment)
        if streak is not before:
            after = list(streaks) if after is None else after
            after[index] = streak
        stirring[id(rule)] = RuleStanding(rule, watched(asked, streak, truth, moment.at_us), streak)
    resting = program.resting[step]
    if stirring:
        resting = tuple(stirring.get(id(each.rule), each) for each in resting)
    return resting, streaks if after is None else tuple(after)


def _gather(
    program: Program, step: str, streaks: tuple[Streak, ...], known: Callable[[ProgramRule], Truth], moment: Moment
) -> tuple[tuple[RuleStanding, ...], tuple[Streak, ...]]:
    """
    Evaluate the SLOs of the present step.
    """
    gathering: list[RuleStanding] = []
    after: list[Streak] = []
    for rule, before in zip(program.slos, streaks, strict=True):
        streak = before
        if step in rule.acts_in:
            truth, asked = known(rule), rule.asked
            streak = gather(asked, before, truth, moment)
            gathering.append(RuleStanding(rule, gathered(asked, streak, truth, moment.at_us), streak))
        after.append(streak)
    return tuple(gathering), tuple(after)


def moment_of(program: Program, state: State, at_us: int) -> Moment:
    """
    Say how long nothing was heard before this sample; before the first one, silence counts from the start.
    """
    started_us, previous_us = state.course.started_us, state.previous_us
    silent_since_us = None
    if previous_us is None or (started_us is not None and previous_us < started_us):
        if started_us is not None and at_us - started_us > program.max_gap_us:
            silent_since_us = started_us
    elif at_us - previous_us > program.max_gap_us:
        silent_since_us = previous_us + program.max_gap_us
    return Moment(at_us=at_us, previous_us=previous_us, silent_since_us=silent_since_us)


def truth_of(rule: ProgramRule, values: Mapping[str, Value]) -> Truth:
    """
    Evaluate a rule at one sample.
    """
    truth: Truth = rule.truth(values)
    return truth
