"""
Replaying short histories through both policies: the judge of every witness.

It is the fold that replays recordings, following the recorded steps; nothing is taken on trust.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from canarypolicy.documents.signals import SignalType
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.engine import decide
from canarypolicy.engine.event import ApproveEvent, GateEvent, StepEvent
from canarypolicy.engine.rollout import Follow, begin
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.history.recorded_steps import in_recorded_order, recorded_entries
from canarypolicy.lints.healthy import health_of

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.program import Program
    from canarypolicy.engine.rollout import State
    from canarypolicy.engine.sample import Sample
    from canarypolicy.review.histories import Item

Told = TypeVar("Told", bound="Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """
    The two policies of a review, and what the old one calls the new one's steps.
    """

    old: Program
    new: Program
    old_names: Mapping[str, str] = field(default_factory=dict)
    """New name -> old name, where they differ."""
    healthy: Mapping[str, Value] = field(init=False)
    """The healthy value of every measured signal of either policy; where they differ, the new one's."""
    at_health: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    """`old` and `new` -> the values of all its signals, derived ones too, where all is well; what takes too long is left out."""

    def __post_init__(self) -> None:
        signals = {**self.old.signals, **self.new.signals}
        healthy = {
            name: float(signal.healthy) if signal.type is SignalType.DOUBLE else signal.healthy
            for name, signal in signals.items()
            if name in self.old.declared or name in self.new.declared
        }
        object.__setattr__(self, "healthy", healthy)
        if not self.at_health:
            sides = (("old", self.old), ("new", self.new))
            object.__setattr__(self, "at_health", {name: health_of(program.checked).values for name, program in sides})

    def old_name(self, step: str) -> str:
        """
        Give the old policy's name of a step.
        """
        return self.old_names.get(step, step)

    def in_old_words(self, items: Iterable[Told]) -> tuple[Told, ...]:
        """
        Give a history with the old policy's names of steps.
        """
        return tuple(self._in_old_words(item) for item in items)

    def _in_old_words(self, item: Told) -> Told:
        if isinstance(item, (StepEvent, ApproveEvent)) and item.step is not None:
            return replace(item, step=self.old_name(item.step))
        return item


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """
    What a policy decides at the last sample of a history.
    """

    verdict: Verdict
    step: str
    is_whole: bool
    """Whether no signal is missing there."""
    is_fresh: bool
    """Whether it was not settled by an earlier sample or event already."""
    is_clean: bool
    """Whether no earlier sample of the last step was decided otherwise than hold."""
    explained: Callable[[], Decision]
    """Gives the whole decision."""

    @property
    def decision(self) -> Decision:
        return self.explained()


def judged(program: Program, items: Sequence[Item]) -> Judgement | None:
    """
    Give what a policy decides at the last sample of a history; None if that is not judged or the history has a step not its own.
    """
    known = {step.name for step in program.steps}
    if any(isinstance(item, StepEvent) and item.step not in known for item in items):
        return None
    standing, admitted = _beginning(program, items), _Admitted(program=program)
    for item in in_recorded_order(items, recorded_entries(items)):
        standing = _after(program, standing, item, admitted)
    decision = standing.decision
    return None if decision is None else judgement_of(decision, settled_us=standing.settled_us, left=standing.left)


def replayed(pair: Pair, items: Sequence[Item]) -> tuple[Judgement, Judgement] | None:
    """
    Give what both policies decide at the last sample of a history; None where either does not judge it.
    """
    old, new = judged(pair.old, pair.in_old_words(items)), judged(pair.new, items)
    return None if old is None or new is None else (old, new)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """
    A state of the fold, and what was decided on the way to it.
    """

    state: State
    decision: Decision | None = None
    """At the last sample."""
    settled_us: int | None = None
    left: frozenset[str] = frozenset()
    """The steps that an earlier sample would have left."""


def _beginning(program: Program, items: Iterable[Item]) -> _Standing:
    start_us = next((item.at_us for item in items if isinstance(item, StepEvent)), None)
    is_gated = any(isinstance(item, GateEvent) for item in items)
    return _Standing(state=begin(program, start_us=start_us, follow=Follow.RECORDING, gated=is_gated))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Admitted:
    """
    Samples as a policy admits them; those that follow one another with the same values, and nothing else, are admitted once.
    """

    program: Program
    last: list[tuple[RawSample, Sample]] = field(default_factory=list)

    def of(self, raw: RawSample) -> Sample:
        if self.last:
            before, found = self.last[0]
            if raw.signals is before.signals and raw == replace(before, at_us=raw.at_us) and not raw.times_us:
                return replace(found, at_us=raw.at_us)
        self.last[:] = [(raw, admit_sample(raw, self.program.declared))]
        return self.last[0][1]


def _after(program: Program, before: _Standing, item: Item, admitted: _Admitted) -> _Standing:
    decision, state = decide(program, before.state, admitted.of(item) if isinstance(item, RawSample) else item)
    settled_us = before.settled_us
    if settled_us is None and state.course.final is not None:
        settled_us = item.at_us
    if not isinstance(item, RawSample):
        return replace(before, state=state, settled_us=settled_us)
    left = before.left
    if before.decision is not None and before.decision.verdict is Verdict.ADVANCE:
        left |= {before.decision.step}
    return _Standing(state=state, decision=decision, settled_us=settled_us, left=left)


def judgement_of(decision: Decision, *, settled_us: int | None, left: frozenset[str]) -> Judgement:
    """
    Give the judgement of a decision, from when all was settled and which steps would have been left before.
    """
    is_fresh = settled_us is None or settled_us == decision.at_us
    return Judgement(
        verdict=decision.verdict,
        step=decision.step,
        is_whole=not decision.missing,
        is_fresh=is_fresh,
        is_clean=is_fresh and decision.step not in left,
        explained=lambda: decision,
    )
