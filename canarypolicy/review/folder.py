"""
The engine's fold over shapes, as fast as a search needs it: hundreds of histories that are much alike.

States are remembered by what led to them, a rule's truth by the values that it reads, and nobody asks why before the last
sample. What is found this way is replayed from its first sample to its last before it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from canarypolicy.documents.signals import BUILT_IN_SIGNALS
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.engine import decide, judge, look, verdict_of
from canarypolicy.engine.event import GateEvent, StepEvent
from canarypolicy.engine.observation import truth_of
from canarypolicy.engine.rollout import Follow, Phase, begin, is_in_step_at
from canarypolicy.engine.sample import RawSample, Sample, admit_sample
from canarypolicy.review.histories import ORIGIN_US, Row, events, in_order, rows, sample
from canarypolicy.review.replaying import Judgement, judgement_of

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Truth
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.observation import Observation
    from canarypolicy.engine.program import Program, ProgramRule
    from canarypolicy.engine.rollout import State
    from canarypolicy.review.histories import Item, Shape, Snapshot, Spacing
    from canarypolicy.review.replaying import Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class _Behind:
    """
    The state behind the beginning of a history, and what was decided on the way to it.
    """

    state: State
    at_us: int = 0
    seen: Observation | None = None
    """At the last sample, if that was judged."""
    verdict: Verdict | None = None
    otherwise: Decision | None = None
    """At the last sample, if that lies before the first step or after the end."""
    settled_us: int | None = None
    left: frozenset[str] = frozenset()
    """The steps that an earlier sample would have left."""


class Folder:
    """
    A policy's fold over shapes, which remembers the states behind their beginnings.
    """

    def __init__(self, program: Program, pair: Pair, *, is_old: bool) -> None:
        self._program, self._pair, self._is_old = program, pair, is_old
        self._places: dict[tuple[int, Event | Row], int] = {}
        self._behind: list[_Behind] = []
        self._roots: dict[bool, int] = {}
        varying = BUILT_IN_SIGNALS.keys() | {each.name for each in program.derived}
        rules = (*program.watches, *program.slos)
        self._constant = {id(rule) for rule in rules if varying.isdisjoint(rule.reads)}
        """The rules whose truth follows from one sample's measured values."""
        self._admitted: dict[Snapshot | None, tuple[Sample, dict[int, Truth]]] = {}
        self._truths: dict[int, Truth] = {}

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
            if key not in self._places:
                self._places[key] = self._add(self._after(self._behind[place], item))
            place = self._places[key]
            settled_us = self._behind[place].settled_us
            if settled_us is not None and settled_us < end_us:
                return None
        return self._judgement(self._behind[place])

    def _root(self, told: Sequence[Item]) -> int:
        is_gated = any(isinstance(item, GateEvent) for item in told)
        if is_gated not in self._roots:
            start_us = next((item.at_us for item in told if isinstance(item, StepEvent)), None)
            state = begin(self._program, start_us=start_us, follow=Follow.RECORDING, gated=is_gated)
            self._roots[is_gated] = self._add(_Behind(state=state))
        return self._roots[is_gated]

    def _add(self, behind: _Behind) -> int:
        self._behind.append(behind)
        return len(self._behind) - 1

    def _after(self, before: _Behind, item: Event | Row) -> _Behind:
        if not isinstance(item, Row):
            _, state = decide(self._program, before.state, item)
            settled_us = before.settled_us if state.course.final is None else item.at_us
            return _Behind(
                state=state,
                at_us=before.at_us,
                seen=before.seen,
                verdict=before.verdict,
                otherwise=before.otherwise,
                settled_us=settled_us,
                left=before.left,
            )
        left = before.left
        if before.verdict is Verdict.ADVANCE and before.seen is not None:
            left |= {before.seen.step.name}
        taken = self._sample(item)
        if before.state.course.final is not None or before.state.course.phase is Phase.BEFORE:
            otherwise, state = decide(self._program, before.state, taken)
            return _Behind(state=state, at_us=item.at_us, otherwise=otherwise, settled_us=before.settled_us, left=left)
        seen, state = look(self._program, before.state, taken, self._truth)
        if state.course.phase is not Phase.IN_STEP or not is_in_step_at(state.course, item.at_us):
            return _Behind(state=state, at_us=item.at_us, settled_us=before.settled_us, left=left)
        verdict = verdict_of(self._program, seen)
        is_last = seen.step.index == len(self._program.steps) - 1
        ends = verdict is Verdict.ROLLBACK or (verdict is Verdict.ADVANCE and is_last)
        return _Behind(
            state=state, at_us=item.at_us, seen=seen, verdict=verdict, settled_us=item.at_us if ends else None, left=left
        )

    def _sample(self, row: Row) -> Sample:
        """
        Give a row as the policy admits it; rows of the same values are admitted once.
        """
        if row.off not in self._admitted:
            self._admitted[row.off] = admit_sample(sample(row, self._pair.healthy), self._program.declared), {}
        admitted, self._truths = self._admitted[row.off]
        return Sample(at_us=row.at_us, values=admitted.values, missing=admitted.missing, clipped=admitted.clipped)

    def _truth(self, rule: ProgramRule, values: Mapping[str, Value]) -> Truth:
        key = id(rule)
        if key not in self._constant:
            return truth_of(rule, values)
        if key not in self._truths:
            self._truths[key] = truth_of(rule, values)
        return self._truths[key]

    def _judgement(self, behind: _Behind) -> Judgement | None:
        seen, verdict, otherwise = behind.seen, behind.verdict, behind.otherwise
        if otherwise is not None:
            return judgement_of(otherwise, settled_us=behind.settled_us, left=behind.left)
        if seen is None or verdict is None:
            return None
        is_fresh = behind.settled_us is None or behind.settled_us == behind.at_us
        return Judgement(
            verdict=verdict,
            step=seen.step.name,
            is_whole=not seen.missing,
            is_fresh=is_fresh,
            is_clean=is_fresh and seen.step.name not in behind.left,
            explained=lambda: judge(self._program, behind.state, seen)[0],
        )


def _merged(told: Sequence[Item], taken: Iterable[Row]) -> tuple[Event | Row, ...]:
    """
    Put the events among the rows as a followed recording has them: at the time of a later step's entry, the sample comes first.
    """
    entries = [item for item in told if isinstance(item, StepEvent)]
    others: list[Event] = [item for item in told if not isinstance(item, StepEvent | RawSample)]
    return in_order([*entries[:1], *others, *taken, *entries[1:]])
