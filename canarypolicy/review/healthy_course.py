"""
The course of a rollout in which every signal stays at its healthy value: whether it comes through, and when.

Nothing is proved here: the engine folds one history, and what it decides is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_duration, microseconds
from canarypolicy.documents.wording import listed
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.engine import decide
from canarypolicy.engine.event import ApproveEvent, StepEvent
from canarypolicy.engine.rollout import begin
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.review.alone import healthy_of, own_witness
from canarypolicy.review.findings import Certainty, Remark
from canarypolicy.review.histories import ORIGIN_US

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Value
    from canarypolicy.documents.span import Span
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.program import Program, ProgramStep
    from canarypolicy.engine.rollout import State
    from canarypolicy.review.histories import Item

MOST_SAMPLES = 4_000
"""A rollout that takes more is not tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """
    A step that the healthy rollout left, or did not leave.
    """

    step: ProgramStep
    first_us: int
    """The time in the step at the first sample at which `min` has passed."""
    last: Decision
    """At the sample at which it was left, or the last one that was tried."""
    before: Decision | None
    """At the sample before that."""

    @property
    def is_left(self) -> bool:
        return self.last.verdict is Verdict.ADVANCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """
    The healthy rollout, step by step.
    """

    items: tuple[Item, ...]
    steps: tuple[Left, ...]

    def reached_us(self, name: str) -> int | None:
        """
        Give how long after its start the rollout enters a step; None if it does not.
        """
        elapsed_us = 0
        for left in self.steps:
            if left.step.name == name:
                return elapsed_us
            elapsed_us += left.last.elapsed_us
        return None


def healthy_course(program: Program) -> Course | None:
    """
    Fold a rollout of healthy samples up to its end, or to where it does not go on; None if that takes too many samples.
    """
    lead_us = _longest_window_us(program)
    most_us = lead_us + sum(patience_us(program, step) for step in program.steps)
    if most_us // program.every_us > MOST_SAMPLES:
        return None
    fold = _Fold(program=program, state=begin(program, start_us=ORIGIN_US), healthy=healthy_of(program))
    fold.lead(lead_us)
    return fold.course()


def patience_us(program: Program, step: ProgramStep) -> int:
    """
    Give after which time in a step nothing that any rule asks for can still be lacking.
    """
    asked = [rule.asked for rule in (*program.slos, *program.watches)]
    counted = max((each.of or 0) * program.every_us for each in asked)
    lasting = max(max(each.for_us or 0, each.after_us or 0) for each in asked)
    longest = max(step.min_us, step.max_us or 0, lasting, counted, _longest_window_us(program))
    return longest + 2 * program.max_gap_us


def _longest_window_us(program: Program) -> int:
    return sum(microseconds(each.parameters.over) for each in program.derived)


@dataclass(slots=True, kw_only=True)
class _Fold:
    """
    A fold under way, and the history that it has taken in.
    """

    program: Program
    state: State
    healthy: Mapping[str, Value]
    items: list[Item] = field(default_factory=list)

    def take(self, item: Item) -> Decision | None:
        self.items.append(item)
        admitted = admit_sample(item, self.program.declared) if isinstance(item, RawSample) else item
        decision, self.state = decide(self.program, self.state, admitted)
        return decision

    def sample(self, at_us: int) -> Decision | None:
        return self.take(RawSample(at_us=at_us, signals=self.healthy))

    def lead(self, lead_us: int) -> None:
        """
        Take the samples before the rollout's start, so that derived signals have their values in it.
        """
        for ago in range(-(-lead_us // self.program.every_us), 0, -1):
            self.sample(ORIGIN_US - ago * self.program.every_us)

    def course(self) -> Course:
        """
        Go from step to step, each approved at its entry.
        """
        steps = []
        first_us = entered_us = ORIGIN_US
        for step in self.program.steps:
            self.take(StepEvent(at_us=entered_us, step=step.name))
            if step.needs_approval:
                self.take(ApproveEvent(at_us=entered_us, step=step.name))
            left = self._stay(step, first_us)
            steps.append(left)
            if not left.is_left:
                break
            entered_us, first_us = left.last.at_us, left.last.at_us + self.program.every_us
        return Course(items=tuple(self.items), steps=tuple(steps))

    def _stay(self, step: ProgramStep, at_us: int) -> Left:
        """
        Take samples until a step is left, the rollout ends, or nothing can be lacking any more.
        """
        before: Decision | None = None
        passed_us: int | None = None
        most_us = patience_us(self.program, step)
        while True:
            decision = self.sample(at_us)
            assert decision is not None
            if passed_us is None and decision.elapsed_us >= step.min_us:
                passed_us = decision.elapsed_us
            if decision.verdict is not Verdict.HOLD or decision.elapsed_us > most_us:
                return Left(step=step, first_us=passed_us or 0, last=decision, before=before)
            before, at_us = decision, at_us + self.program.every_us


def healthy_remarks(program: Program, course: Course | None) -> Iterator[Remark]:
    """
    Say where the healthy rollout does not come through, and which step it leaves later than its `min`.
    """
    if course is None:
        place = program.steps[0].location
        why = f"a healthy rollout takes more than {MOST_SAMPLES} samples"
        sentence = "whether a healthy rollout comes through was not tried"
        yield Remark(name="not-answered", sentence=sentence, place=place, certainty=Certainty.UNKNOWN, why=why)
        return
    for left in course.steps:
        if not left.is_left:
            yield _stuck(program, course, left)
        elif left.last.elapsed_us > left.first_us and left.before is not None:
            yield _late(program, course, left)


def _stuck(program: Program, course: Course, left: Left) -> Remark:
    by, place = _because(left.last, left.step.location)
    elapsed = format_duration(left.last.elapsed_us)
    what = (
        f"is rolled back in step `{left.step.name}`"
        if left.last.verdict is Verdict.ROLLBACK
        else f"does not leave step `{left.step.name}` in {elapsed}"
    )
    return Remark(
        name="stuck-when-healthy",
        sentence=f"a rollout in which every signal is at its healthy value {what}: {by}",
        place=place,
        certainty=Certainty.WITNESS,
        witness=own_witness(program, course.items, left.last),
        is_fault=True,
    )


def _late(program: Program, course: Course, left: Left) -> Remark:
    assert left.before is not None
    by, place = _because(left.before, left.step.location)
    items = tuple(item for item in course.items if item.at_us <= left.last.at_us)
    return Remark(
        name="late-when-healthy",
        sentence=(
            f"a healthy rollout leaves step `{left.step.name}` after {format_duration(left.last.elapsed_us)}, "
            f"and not at its min of {format_duration(left.step.min_us)}: until then {by}"
        ),
        place=place,
        certainty=Certainty.WITNESS,
        witness=own_witness(program, items, left.last),
    )


def _because(decision: Decision, otherwise: Span) -> tuple[str, Span]:
    """
    Name the reasons of a decision, and where the first of them is written.
    """
    names = listed(dict.fromkeys(reason.rule for reason in decision.reasons))
    place = next((reason.location for reason in decision.reasons if reason.location is not None), otherwise)
    word = "is" if len({reason.rule for reason in decision.reasons}) == 1 else "are"
    return f"{names} {word} the reason", place
