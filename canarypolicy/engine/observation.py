"""
A sample as the policy sees it: derived values joined, every rule evaluated and its streak taken on.

Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from canarypolicy.derived.window import Missing, Tick
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.engine import reasons
from canarypolicy.engine.operators import lapse
from canarypolicy.engine.rollout import Phase, entry_belongs, is_in_step_at
from canarypolicy.engine.sample import admit
from canarypolicy.engine.sustained import Moment, Standing, gather, gathered, watch, watched

if TYPE_CHECKING:
    from typing import Any

    from canarypolicy.cel.expression import Truth
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.decision import Reason
    from canarypolicy.engine.program import Program, ProgramRule, ProgramStep
    from canarypolicy.engine.rollout import Course, State
    from canarypolicy.engine.sample import Sample
    from canarypolicy.engine.sustained import Streak


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleStanding:
    """
    A rule that acts in the present step, and where it stands.
    """

    rule: ProgramRule
    standing: Standing
    streak: Streak


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

    def reason(self, standing: RuleStanding) -> Reason:
        """
        Give the reason that a rule is at this sample.
        """
        return reasons.of_rule(standing.rule, standing.standing, standing.streak, self.at_us, self.values)


def observe(program: Program, state: State, sample: Sample) -> tuple[Observation, State]:
    """
    Take a sample into the derived signals and the streaks.

    Before the first step it is only history: no rule is watched.
    """
    course = lapse(state.course, sample.at_us)
    values, missing, clipped = _by_hand(program, course, sample)
    derived = _fold_derived(program, state, sample.at_us, values, missing)
    state = replace(state, course=course, derived=derived)
    step = program.steps[course.step]
    seen = Observation(at_us=sample.at_us, course=course, step=step, values=values, missing=missing, clipped=clipped)
    if course.phase is Phase.IN_STEP:
        values.update(_built_in(seen))
        seen, state = _watch_rules(program, state, seen)
    return seen, replace(state, previous_us=sample.at_us)


def _by_hand(program: Program, course: Course, sample: Sample) -> tuple[dict[str, Value], dict[str, str], dict[str, str]]:
    """
    Copy the sample's values, with those that an operator set standing in for the measured ones.
    """
    values, missing, clipped = dict(sample.values), dict(sample.missing), dict(sample.clipped)
    for name, raw in course.by_hand.items():
        if name not in program.signals:
            continue
        value, why = admit(raw, program.signals[name])
        for table in (values, missing, clipped):
            table.pop(name, None)
        if value is None:
            missing[name] = why
            continue
        values[name] = value
        if why:
            clipped[name] = why
    return values, missing, clipped


def _fold_derived(
    program: Program, state: State, at_us: int, values: dict[str, Value], missing: dict[str, str]
) -> tuple[Any, ...]:
    """
    Fold each derived signal in the order in which they read one another, and join its value.
    """
    if not program.derived:
        return ()
    course = state.course
    in_step = is_in_step_at(course, at_us)
    tick = Tick(
        at_us=at_us,
        previous_us=state.previous_us,
        entered_us=course.entered_us if in_step else None,
        entry_belongs=entry_belongs(course),
        entries=course.entries,
        max_gap_us=program.max_gap_us,
    )
    after = []
    for each, before in zip(program.derived, state.derived, strict=True):
        inputs = tuple(values[name] if name in values else Missing(why=missing.get(name, "no value")) for name in each.reads)
        value, folded = each.function.fold(before, tick, inputs)
        after.append(folded)
        if isinstance(value, Missing):
            missing[each.name] = value.why
        else:
            values[each.name] = value
    return tuple(after)


def _built_in(seen: Observation) -> dict[str, Value]:
    started_us = seen.at_us if seen.course.started_us is None else seen.course.started_us
    return {
        "rollout.weight": seen.step.weight,
        "rollout.step": seen.step.name,
        "rollout.step_elapsed_seconds": (seen.at_us - seen.entered_us) / SECOND_US,
        "rollout.elapsed_seconds": (seen.at_us - started_us) / SECOND_US,
    }


def _watch_rules(program: Program, state: State, seen: Observation) -> tuple[Observation, State]:
    """
    Evaluate every rollback and hold rule, and the SLOs of the present step.
    """
    step, at_us = seen.step.name, seen.at_us
    moment = moment_of(program, state, at_us)
    watches, standings = [], []
    for rule, before in zip(program.watches, state.watches, strict=True):
        truth = truth_of(rule, seen.values)
        after = watch(rule.asked, before, truth, moment)
        watches.append(after)
        if step in rule.acts_in:
            standings.append(RuleStanding(rule=rule, standing=watched(rule.asked, after, truth, at_us), streak=after))
    slos, evidence = [], []
    in_step = is_in_step_at(seen.course, at_us)
    for rule, before in zip(program.slos, state.slos, strict=True):
        if not in_step or step not in rule.acts_in:
            slos.append(before)
            continue
        truth = truth_of(rule, seen.values)
        after = gather(rule.asked, before, truth, moment)
        slos.append(after)
        evidence.append(RuleStanding(rule=rule, standing=gathered(rule.asked, after, truth, at_us), streak=after))
    seen = replace(seen, watches=tuple(standings), slos=tuple(evidence))
    return seen, replace(state, watches=tuple(watches), slos=tuple(slos))


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
    Evaluate a rule at one sample (SPEC section 2.3): an exemption needs proof, an unknown one exempts nobody.
    """
    when: Truth = rule.when.evaluate(values)
    if when is False or rule.unless is None:
        return when
    return False if rule.unless.evaluate(values) is True else when
