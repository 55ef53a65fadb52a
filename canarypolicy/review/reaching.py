"""
How soon a step can be reached: a bound from below, and the healthy rollout's own time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.cel.terms import real
from canarypolicy.documents.duration import format_duration, microseconds
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.alone import own_witness
from canarypolicy.review.findings import Certainty, Remark
from canarypolicy.review.histories import ORIGIN_US
from canarypolicy.review.replaying import judged
from canarypolicy.review.solver import Answer

if TYPE_CHECKING:
    from canarypolicy.documents.policy import NeverBefore
    from canarypolicy.documents.span import Span
    from canarypolicy.engine.program import Program, ProgramStep
    from canarypolicy.review.findings import Witness
    from canarypolicy.review.healthy_course import Course
    from canarypolicy.review.own import Own


def never_before(own: Own, invariant: NeverBefore, place: Span, course: Course | None) -> Remark:
    """
    Answer whether a step can be reached before a time since the rollout's start.
    """
    step, before_us = own.program.step_named(invariant.never.reach), microseconds(invariant.before)
    name = f"invariant `{invariant.name}`"
    if earliest_us(own.program, step.index) >= before_us or _is_later(own, step, before_us):
        sentence = f"{name} is proved: step `{step.name}` is never reached before {format_duration(before_us)}"
        return Remark(name="invariant-holds", sentence=sentence, place=place, certainty=Certainty.PROVED)
    reached_us = None if course is None else course.reached_us(step.name)
    if course is not None and reached_us is not None and reached_us < before_us:
        return Remark(
            name="invariant-broken",
            sentence=f"{name} does not hold: a healthy rollout reaches step `{step.name}` after {format_duration(reached_us)}",
            place=place,
            certainty=Certainty.WITNESS,
            witness=_entry(own.program, course, step),
            is_fault=True,
        )
    return Remark(
        name="invariant-open",
        sentence=f"{name} is not proved",
        place=place,
        certainty=Certainty.UNKNOWN,
        why=f"nothing excludes that step `{step.name}` is reached sooner, and the healthy rollout does not reach it so soon",
        is_fault=True,
    )


def earliest_us(program: Program, index: int) -> int:
    """
    Give a time before which no rollout enters a step: each step before it lasts its `min`, and as long as its SLOs ask for.
    """
    return sum(_least_us(program, step) for step in program.steps[:index])


def _least_us(program: Program, step: ProgramStep) -> int:
    asked = [rule.asked.for_us or 0 for rule in program.slos if step.name in rule.acts_in]
    return max(step.min_us, *asked, 0)


def _is_later(own: Own, step: ProgramStep, before_us: int) -> bool:
    """
    Tell whether no advance into the step is possible so soon, whatever the rules say of the time since the start.
    """
    if step.index == 0:
        return before_us <= 0
    index, clock = step.index - 1, own.encoded.snapshot.clock
    before = real("before-step#")
    answered = own.ask(
        own.here(index),
        own.steps[index].of(Verdict.ADVANCE),
        clock.total == clock.elapsed + before,
        before >= earliest_us(own.program, index),
        clock.total <= before_us - 1,  # times are whole microseconds
    )
    return answered.answer is Answer.IMPOSSIBLE


def _entry(program: Program, course: Course, step: ProgramStep) -> Witness:
    """
    Give the healthy rollout up to the sample at which it enters a step.
    """
    entered_us = ORIGIN_US if step.index == 0 else course.steps[step.index - 1].last.at_us
    items = tuple(item for item in course.items if item.at_us <= entered_us)
    found = judged(program, items)
    assert found is not None, "the healthy rollout was judged at each of its samples"
    return own_witness(program, items, found.decision)
