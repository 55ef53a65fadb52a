"""
The decision fold over many rollouts at once: step after step, the next decision that changes anything is found by search.

It decides what `canarypolicy.engine.engine` decides, for histories without events that follow the policy's own steps.
What a history must be like for that is the business of `canarypolicy.history.columnar_replay`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from canarypolicy.documents.rule import RuleKind
from canarypolicy.engine.columnar_streaks import Gathered, Rows, gather_rows, met_since, watch_rows
from canarypolicy.engine.decision import ReasonKind, ReasonState, Verdict
from canarypolicy.engine.rollout import NOT_YET_US, Phase

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from canarypolicy.engine.program import Program, ProgramStep

    Array: TypeAlias = NDArray[Any]
    Truth: TypeAlias = tuple[Array, Array]
    """Where something is known to be true, and where false."""

VERDICTS: Final = (Verdict.HOLD, Verdict.ADVANCE, Verdict.ROLLBACK)
_HOLD, _ADVANCE, _ROLLBACK = range(3)
_STATES: Final = tuple(ReasonState)
_CODE: Final = {state: code for code, state in enumerate(_STATES, 1)}
_PLAN_REASONS: Final = ("min-duration", "overdue", "timeout", "approval")
_PLAN_KINDS: Final = (ReasonKind.PLAN, ReasonKind.PLAN, ReasonKind.PLAN, ReasonKind.OPERATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """
    The first decision of each rollout, and those whose verdict, step or reasons differ from the one before.
    """

    rows: Array
    """The row of each change; a rollout's changes stand side by side, in order of time."""
    rollouts: Array
    verdicts: Array
    """Places in `VERDICTS`."""
    steps: Array
    complete: Array
    reasons: Array
    """For each change one code per rule (rollback, hold, SLO) and fixed reason; 0: it is none."""

    def reasons_of(self, program: Program, change: int) -> frozenset[tuple[str, ReasonKind, ReasonState]]:
        """
        Give rule, kind and state of each reason of a change.
        """
        rules = [(rule.name, ReasonKind(rule.kind.value)) for rule in (*program.watches, *program.slos)]
        named = [*rules, *zip(_PLAN_REASONS, _PLAN_KINDS, strict=True)]
        codes = self.reasons[change]
        return frozenset((*named[place], _STATES[codes[place] - 1]) for place in np.flatnonzero(codes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """
    What was decided along many rollouts.
    """

    phases: tuple[Phase, ...]
    """Where each rollout is at its end."""
    entered_us: Array
    """Per step and rollout, when it was entered; `NOT_YET_US` where it was not."""
    changes: Changes


@dataclass(slots=True, kw_only=True)
class _Round:
    """
    The rollouts that reach one step: where they enter it, and what is the case at each row if it is in this step.
    """

    step: ProgramStep
    rollouts: Array
    first: Array
    """Per rollout, the row with which the step begins, and the row behind the last."""
    entered_us: Array


def fold_rows(program: Program, rows: Rows, watches: Sequence[Truth], slos: Sequence[Truth]) -> Folded:
    """
    Decide at every row, given where each rule is true and where false, in the order of the program.
    """
    fold = _Fold(program, rows, watches, slos)
    going_on = _Round(step=program.steps[0], rollouts=np.arange(len(rows.firsts)), first=rows.firsts, entered_us=rows.started_us)
    part, further = fold.decide(going_on)
    parts = [part]
    while further is not None and len(further.rollouts):
        part, further = fold.decide(further)
        parts.append(part)
    return Folded(phases=tuple(fold.phases), entered_us=fold.entered_us, changes=_changes(parts))


class _Fold:
    def __init__(self, program: Program, rows: Rows, watches: Sequence[Truth], slos: Sequence[Truth]) -> None:
        self.program, self.rows = program, rows
        breaks = rows.breaks(program.max_gap_us)
        self.watches = [watch_rows(rule.asked, *truth, rows) for rule, truth in zip(program.watches, watches, strict=True)]
        self.slos = [gather_rows(rule.asked, *truth, rows, breaks) for rule, truth in zip(program.slos, slos, strict=True)]
        self.watch_changes = [_changed(each.fires, each.pending, each.unknown, each.too_long) for each in self.watches]
        self.phases = [Phase.IN_STEP] * len(rows.firsts)
        self.entered_us = np.full((len(program.steps), len(rows.firsts)), NOT_YET_US)

    def decide(self, going_on: _Round) -> tuple[Changes, _Round | None]:
        """
        Decide the rollouts in one step up to the row at which each leaves it, and give those that enter the next.
        """
        rows, step = self.rows, going_on.step
        self.entered_us[step.index, going_on.rollouts] = going_on.entered_us
        first_of, entered_of = np.full(len(rows.firsts), rows.count), np.zeros(len(rows.firsts), dtype=np.int64)
        first_of[going_on.rollouts], entered_of[going_on.rollouts] = going_on.first, going_on.entered_us
        lengths = rows.ends - rows.firsts
        spent_us = rows.times_us - np.repeat(entered_of, lengths)
        seen = self._seen(step, first_of, lengths, spent_us)
        ends = rows.ends[going_on.rollouts]
        leaves = np.minimum(
            _next(np.flatnonzero(seen.rolls_back), going_on.first, ends),
            _next(np.flatnonzero(seen.advances), going_on.first, ends),
        )
        last_of = np.full(len(rows.firsts), -1)
        last_of[going_on.rollouts] = np.minimum(leaves, ends - 1)
        changed = seen.changed
        changed[going_on.first] = True
        places = np.flatnonzero(changed)
        rollouts = self.rows.rollout_of[places]
        places = places[(places >= first_of[rollouts]) & (places <= last_of[rollouts])]
        part = self._part(step, places, seen)
        return part, self._next_round(going_on, leaves, ends, seen)

    def _seen(self, step: ProgramStep, first_of: Array, lengths: Array, spent_us: Array) -> _Seen:
        rows = self.rows
        acting = [index for index, rule in enumerate(self.program.watches) if step.name in rule.acts_in]
        asked = [index for index, rule in enumerate(self.program.slos) if step.name in rule.acts_in]
        first_rows = np.repeat(np.minimum(first_of, rows.count - 1), lengths)
        first_us = rows.times_us[first_rows]
        met = {index: met_since(self.slos[index], first_rows, first_us, rows) for index in asked}
        rolls_back, holds, changed = (np.zeros(rows.count, dtype=np.bool_) for _ in range(3))
        for index in acting:
            rule, watched = self.program.watches[index], self.watches[index]
            if rule.kind is RuleKind.ROLLBACK:
                rolls_back |= watched.fires
            else:
                holds |= watched.fires
            holds |= watched.pending
            if not rule.ignores_unknown:
                holds |= watched.unknown
            if watched.too_long is not None:
                rolls_back |= watched.too_long
            changed |= self.watch_changes[index]
        every = np.full(rows.count, bool(asked))
        for index in asked:
            every &= met[index]
            changed |= _changed(met[index], self.slos[index].true, self.slos[index].false)
        overdue = np.zeros(rows.count, dtype=np.bool_)
        if step.max_us is not None:
            overdue = (spent_us > step.max_us) & ~every
            if step.rolls_back_on_timeout:
                rolls_back |= overdue
            changed |= _changed(overdue)
        early = spent_us < step.min_us
        changed |= _changed(early)
        advances = every & ~(rolls_back | holds | early)
        if step.needs_approval:
            advances[:] = False
        changed |= _changed(rolls_back, advances)
        return _Seen(
            acting=acting, met=met, rolls_back=rolls_back, advances=advances, overdue=overdue, early=early, changed=changed
        )

    def _part(self, step: ProgramStep, places: Array, seen: _Seen) -> Changes:
        """
        Say what is decided at some rows, and why.
        """
        verdicts = np.where(seen.rolls_back[places], _ROLLBACK, np.where(seen.advances[places], _ADVANCE, _HOLD)).astype(np.int8)
        rolls_back, advances = verdicts == _ROLLBACK, verdicts == _ADVANCE
        held = verdicts == _HOLD
        reasons = np.zeros((len(places), len(self.watches) + len(self.slos) + len(_PLAN_REASONS)), dtype=np.uint8)
        for index in seen.acting:
            rule, watched = self.program.watches[index], self.watches[index]
            column = reasons[:, index]
            is_rollback = rule.kind is RuleKind.ROLLBACK
            column[watched.fires[places] & (rolls_back if is_rollback else held)] = _CODE[ReasonState.FIRES]
            column[watched.pending[places] & held] = _CODE[ReasonState.PENDING]
            if not rule.ignores_unknown:
                column[watched.unknown[places] & held] = _CODE[ReasonState.UNKNOWN]
            if watched.too_long is not None:
                column[watched.too_long[places] & rolls_back] = _CODE[ReasonState.UNKNOWN_TOO_LONG]
        for index, met in seen.met.items():
            self._slo_reasons(self.slos[index], met[places], places, (held, advances), reasons[:, len(self.watches) + index])
        least, overdue, timeout, approval = reasons.T[-len(_PLAN_REASONS) :]
        least[held & (seen.early[places] | (not seen.met))] = _CODE[ReasonState.WAITING]
        least[advances] = _CODE[ReasonState.PASSED]
        overdue[held & seen.overdue[places]] = _CODE[ReasonState.WAITING]
        if step.rolls_back_on_timeout:
            timeout[seen.overdue[places]] = _CODE[ReasonState.FIRES]
        if step.needs_approval:
            approval[held] = _CODE[ReasonState.WAITING]
        return Changes(
            rows=places,
            rollouts=self.rows.rollout_of[places],
            verdicts=verdicts,
            steps=np.full(len(places), step.index, dtype=np.int16),
            complete=advances & (step.index == len(self.program.steps) - 1),
            reasons=reasons,
        )

    def _slo_reasons(self, slo: Gathered, met: Array, places: Array, verdicts: tuple[Array, Array], column: Array) -> None:
        held, advances = verdicts
        true, false = slo.true[places], slo.false[places]
        column[held & true & ~met] = _CODE[ReasonState.PENDING]
        column[held & false] = _CODE[ReasonState.NOT_MET]
        column[held & ~true & ~false] = _CODE[ReasonState.UNKNOWN]
        column[advances & met] = _CODE[ReasonState.MET]

    def _next_round(self, going_on: _Round, leaves: Array, ends: Array, seen: _Seen) -> _Round | None:
        left = leaves < ends
        rows = leaves[left]
        rollouts = going_on.rollouts[left]
        advanced = seen.advances[rows]
        is_last = going_on.step.index == len(self.program.steps) - 1
        for rollout in rollouts[~advanced]:
            self.phases[rollout] = Phase.ROLLED_BACK
        if is_last:
            for rollout in rollouts[advanced]:
                self.phases[rollout] = Phase.COMPLETE
            return None
        has_more = advanced & (rows + 1 < ends[left])
        return _Round(
            step=self.program.steps[going_on.step.index + 1],
            rollouts=rollouts[has_more],
            first=rows[has_more] + 1,
            entered_us=self.rows.times_us[rows[has_more]],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """
    What is the case at each row if it is in a step.
    """

    acting: Sequence[int]
    """The rollback and hold rules that act in it."""
    met: Mapping[int, Array]
    """SLO of the step -> where it is met."""
    rolls_back: Array
    advances: Array
    overdue: Array
    early: Array
    changed: Array
    """Where any of it differs from the row before."""


def _changed(*masks: Array | None) -> Array:
    """
    Tell where one of the masks differs from the row before.
    """
    first, *rest = [mask for mask in masks if mask is not None]
    changed = np.zeros(len(first), dtype=np.bool_)
    for mask in (first, *rest):
        changed[1:] |= mask[1:] ^ mask[:-1]
    return changed


def _next(marked: Array, first: Array, ends: Array) -> Array:
    """
    Give for each stretch of rows the first marked one in it, or its end.
    """
    places = np.searchsorted(marked, first)
    found: Array = np.minimum(np.append(marked, np.iinfo(np.int64).max)[places], ends)
    return found


def _changes(parts: Sequence[Changes]) -> Changes:
    """
    Put the steps' parts in order, and keep what differs from what the same rollout had before.
    """
    rows = np.concatenate([part.rows for part in parts])
    order = np.argsort(rows, kind="stable")
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts])[order]
        for name in ("rows", "rollouts", "verdicts", "steps", "complete", "reasons")
    }
    keep = np.ones(len(order), dtype=np.bool_)
    same = np.ones(max(len(order) - 1, 0), dtype=np.bool_)
    for name in ("rollouts", "verdicts", "steps", "complete"):
        same &= joined[name][1:] == joined[name][:-1]
    same &= (joined["reasons"][1:] == joined["reasons"][:-1]).all(axis=1)
    keep[1:] = ~same
    return Changes(**{name: values[keep] for name, values in joined.items()})
