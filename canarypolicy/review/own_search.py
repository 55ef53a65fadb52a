"""
From a candidate to a short history on which one policy does what was asked: tried, made small, and replayed.

The tools that compare two policies look here at one policy beside a marker, which holds and says where an expression is true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from canarypolicy.engine.decision import ReasonState, Verdict
from canarypolicy.review.alone import beside, both, own_witness
from canarypolicy.review.histories import Spacing, ages, history
from canarypolicy.review.marker import MARKER, marker
from canarypolicy.review.openings import openings
from canarypolicy.review.replaying import Judgement, judged
from canarypolicy.review.shrinking import shrunk
from canarypolicy.review.trial import MOST_SAMPLES, Question, Trial, reduced, spacing_of, wide_spacing_of
from canarypolicy.review.witness import moved_from_health

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Expression
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.program import Program
    from canarypolicy.review.candidate import Candidate
    from canarypolicy.review.findings import Witness
    from canarypolicy.review.histories import Item, Shape
    from canarypolicy.review.replaying import Pair

MOST_TRIES = 400
"""How many histories are tried for one question: a count and no time, so that an answer does not depend on the machine."""
_MOST_OPENINGS = 120
"""How many of them to see whether one candidate leads anywhere."""
_SHRINKING = 2
"""How many times as many more to make one small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """
    What the last sample of a history is to show.
    """

    step: str
    decided: frozenset[Verdict]
    marked: Expression | None = None
    """What must be true at that sample."""
    fits: Callable[[Shape], bool] | None = None
    """What the history must be like, whatever is decided on it."""
    is_whole: bool = False
    """Whether no signal, measured or derived, may be missing at that sample."""
    twin: Callable[[Shape], Shape] | None = None
    """The same history with other values, on which the sample is to be decided so, and not on this one."""
    without_twin: frozenset[Verdict] = frozenset()
    """With a twin: what is to be decided on the history itself."""
    moved: frozenset[str] = frozenset()
    """With a twin: the signals whose values may be others there."""


def find_own_witness(
    program: Program, sought: Sought, candidates: Iterable[Candidate], *, most: int = MOST_TRIES
) -> Witness | None:
    """
    Give a small history that shows what is sought, and that the engine replayed; None if no candidate leads to one.

    With a twin, the history is the twin's, and what is decided without it stands in `old`.
    """
    pair = beside_marker(program, sought.marked)
    for candidate in candidates:
        for searched, spacing, is_rough in _searches(pair, sought, candidate):
            trial = _OwnTrial(searched, sought, min(most, _MOST_OPENINGS), spacing)
            opening = next((shape for shape in openings(searched, candidate) if trial.is_spent or trial.shows(shape)), None)
            if opening is not None and trial.shows(opening):
                found = _smallest(_OwnTrial(searched, sought, _SHRINKING * most, spacing), pair, opening)
                if found is not None:
                    return found
            elif not is_rough:
                break
    return None


def _searches(pair: Pair, sought: Sought, candidate: Candidate) -> Iterator[tuple[Pair, Spacing, bool]]:
    """
    Give the rules to search with: those that could tell and, since what was left out has a say, all; and if samples are left out.

    Where no signal may be missing, derived ones that no rule reads have a say as well.
    """
    moved = moved_from_health(pair, candidate) | sought.moved
    few = pair if sought.is_whole and pair.old.derived else reduced(pair, candidate.step, moved)
    wide, usual = wide_spacing_of(few), spacing_of(few)
    if wide != usual:
        yield few, wide, True
    yield few, usual, False
    if few is not pair:
        yield pair, spacing_of(pair), False


def _smallest(trial: _OwnTrial, pair: Pair, opening: Shape) -> Witness | None:
    for shape in dict.fromkeys((shrunk(trial.pair, trial, opening), opening)):
        found = _confirmed(pair, trial.sought, shape)
        if found is not None:
            return found
    return None


class _OwnTrial(Trial):
    """
    Shapes tried against what is sought.
    """

    def __init__(self, pair: Pair, sought: Sought, most: int, spacing: Spacing | None = None) -> None:
        super().__init__(pair, Question(step=sought.step, old=Verdict.HOLD, new=Verdict.HOLD), most, spacing)
        self.sought = sought

    def _try(self, shape: Shape) -> bool:
        fits = self.sought.fits
        if len(ages(shape, self.spacing)) > MOST_SAMPLES or (fits is not None and not fits(shape)):
            return False
        self.tries += 1
        shown = held_against = self._folders[0].judge(shape, self.spacing)
        marker = None if self.sought.marked is None else self._folders[1].judge(shape, self.spacing)
        twin = self.sought.twin
        if twin is not None:
            shown = self._folders[0].judge(twin(shape), self.spacing)
        if not _shows(self.sought, shown, held_against, marker):
            return False
        return not self.asks_clean or (shown is not None and shown.is_clean)


def _shows(sought: Sought, shown: Judgement | None, held_against: Judgement | None, marker: Judgement | None) -> bool:
    if shown is None or held_against is None:
        return False
    return (
        shown.is_fresh
        and shown.step == sought.step
        and shown.verdict in sought.decided
        and not (sought.is_whole and not shown.is_whole)
        and (sought.marked is None or (marker is not None and is_marked(marker.decision)))
        and (
            sought.twin is None
            or (held_against.is_fresh and held_against.step == sought.step and held_against.verdict in sought.without_twin)
        )
    )


def is_marked(decision: Decision) -> bool:
    """
    Tell whether a marker says that its expression is true.
    """
    return any(each.rule == MARKER and each.state is ReasonState.FIRES for each in decision.reasons)


def beside_marker(program: Program, marked: Expression | None) -> Pair:
    """
    Give the policy beside one that always holds, and says so where an expression is true.
    """
    if marked is None:
        return both(program)
    steps_of_all = frozenset(step.name for step in program.steps)
    rule = replace(marker(program, marked), acts_in=steps_of_all)
    steps = tuple(replace(step, rolls_back_on_timeout=False) for step in program.steps)
    return beside(program, replace(program, slos=(), watches=(rule,), steps=steps, before_gates=(), after_gates=()))


def _confirmed(pair: Pair, sought: Sought, shape: Shape) -> Witness | None:
    """
    Replay a shape as a live rollout would be judged or, if it must be, as sparsely as `max_gap` allows.
    """
    every_us = pair.old.every_us
    for spacing in dict.fromkeys((Spacing(in_rollout_us=every_us, before_us=every_us), spacing_of(pair))):
        items = history(shape, pair.healthy, spacing)
        shown_on = items if sought.twin is None else history(sought.twin(shape), pair.healthy, spacing)
        if len(items) <= MOST_SAMPLES:
            found = _replayed(pair, sought, items, shown_on)
            if found is not None:
                return found
    return None


def _replayed(pair: Pair, sought: Sought, items: tuple[Item, ...], shown_on: tuple[Item, ...]) -> Witness | None:
    held_against = judged(pair.old, items)
    marker = None if sought.marked is None else judged(pair.new, items)
    shown = held_against if sought.twin is None else judged(pair.old, shown_on)
    if not _shows(sought, shown, held_against, marker):
        return None
    assert shown is not None
    assert held_against is not None
    return own_witness(pair.old, shown_on, shown.decision, held_against.decision)
