"""
Replaying short histories through both policies: the judge of every witness.

It is the fold that replays recordings, following the recorded steps. States are remembered by what led to them, so that
histories with a common beginning are folded once; nothing else is taken on trust.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from canarypolicy.documents.signals import SignalType
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.engine import decide
from canarypolicy.engine.event import ApproveEvent, GateEvent, StepEvent
from canarypolicy.engine.rollout import Follow, begin
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.history.recorded_steps import in_recorded_order, recorded_entries
from canarypolicy.lints.healthy import health_of
from canarypolicy.review.histories import ORIGIN_US, Row, events, in_order, rows, sample

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.program import Program
    from canarypolicy.engine.rollout import State
    from canarypolicy.review.histories import Item, Shape, Spacing


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

    def in_old_words(self, items: Iterable[Item]) -> tuple[Item, ...]:
        """
        Give a history with the old policy's names of steps.
        """
        return tuple(self._in_old_words(item) for item in items)

    def _in_old_words(self, item: Item) -> Item:
        if isinstance(item, (StepEvent, ApproveEvent)) and item.step is not None:
            return replace(item, step=self.old_name(item.step))
        return item


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """
    What a policy decides at the last sample of a history.
    """

    decision: Decision
    is_fresh: bool
    """Whether it was not settled by an earlier sample or event already."""
    is_clean: bool
    """Whether no earlier sample of the last step was decided otherwise than hold."""


def judged(program: Program, items: Sequence[Item]) -> Judgement | None:
    """
    Give what a policy decides at the last sample of a history; None if that is not judged or the history has a step not its own.
    """
    known = {step.name for step in program.steps}
    if any(isinstance(item, StepEvent) and item.step not in known for item in items):
        return None
    standing = _beginning(program, items)
    for item in in_recorded_order(items, recorded_entries(items)):
        standing = _after(program, standing, item)
    return _judgement(standing)


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
    at_us: int = 0
    decision: Decision | None = None
    """At the last sample."""
    settled_us: int | None = None
    left: frozenset[str] = frozenset()
    """The steps that an earlier sample would have left."""


def _beginning(program: Program, items: Iterable[Item | Row]) -> _Standing:
    start_us = next((item.at_us for item in items if isinstance(item, StepEvent)), None)
    is_gated = any(isinstance(item, GateEvent) for item in items)
    return _Standing(state=begin(program, start_us=start_us, follow=Follow.RECORDING, gated=is_gated))


def _after(program: Program, before: _Standing, item: Item) -> _Standing:
    admitted = admit_sample(item, program.declared) if isinstance(item, RawSample) else item
    decision, state = decide(program, before.state, admitted)
    settled_us = before.settled_us
    if settled_us is None and state.course.final is not None:
        settled_us = item.at_us
    if not isinstance(item, RawSample):
        return replace(before, state=state, settled_us=settled_us)
    left = before.left
    if before.decision is not None and before.decision.verdict is Verdict.ADVANCE:
        left |= {before.decision.step}
    return _Standing(state=state, at_us=item.at_us, decision=decision, settled_us=settled_us, left=left)


def _judgement(standing: _Standing) -> Judgement | None:
    decision = standing.decision
    if decision is None:
        return None
    is_fresh = standing.settled_us is None or standing.settled_us == standing.at_us
    return Judgement(decision=decision, is_fresh=is_fresh, is_clean=is_fresh and decision.step not in standing.left)


class Folder:
    """
    A policy's fold over shapes, which remembers the states behind their beginnings.
    """

    def __init__(self, program: Program, pair: Pair, *, is_old: bool) -> None:
        self._program, self._pair, self._is_old = program, pair, is_old
        self._healthy = pair.healthy
        self._behind: dict[tuple[int, Item | Row], int] = {}
        self._standings: list[_Standing] = []
        self._roots: dict[bool, int] = {}

    def judge(self, shape: Shape, spacing: Spacing) -> Judgement | None:
        """
        Give what the policy decides at the last sample of a shape; None also if the rollout has ended before.
        """
        told: Sequence[Item] = tuple(events(shape))
        if self._is_old:
            told = self._pair.in_old_words(told)
        place, end_us = self._root(told), ORIGIN_US + shape.total_us
        for item in _merged(told, rows(shape, spacing)):
            key = (place, item)
            if key not in self._behind:
                real = sample(item, self._healthy) if isinstance(item, Row) else item
                self._behind[key] = self._add(_after(self._program, self._standings[place], real))
            place = self._behind[key]
            settled_us = self._standings[place].settled_us
            if settled_us is not None and settled_us < end_us:
                return None
        return _judgement(self._standings[place])

    def _root(self, told: Sequence[Item]) -> int:
        is_gated = any(isinstance(item, GateEvent) for item in told)
        if is_gated not in self._roots:
            self._roots[is_gated] = self._add(_beginning(self._program, told))
        return self._roots[is_gated]

    def _add(self, standing: _Standing) -> int:
        self._standings.append(standing)
        return len(self._standings) - 1


def _merged(told: Sequence[Item], taken: Iterable[Row]) -> tuple[Item | Row, ...]:
    """
    Put the events among the rows as a followed recording has them: at the time of a later step's entry, the sample comes first.
    """
    entries = [item for item in told if isinstance(item, StepEvent)]
    others = [item for item in told if not isinstance(item, StepEvent)]
    return in_order([*entries[:1], *others, *taken, *entries[1:]])
