"""
The smallest history that keeps a decision for the same reason: fewest samples, fewest signals off healthy, roundest numbers.

A history is built anew around the decision if that can be, else the recorded one is taken apart; then whatever makes it
simpler is tried until nothing does, so that minimising the result gives it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.engine.limits import limits_in
from canarypolicy.testing.even_history import EvenHistory, size_of
from canarypolicy.testing.keeping import Trial, kept_of
from canarypolicy.testing.openings import openings, terms_of
from canarypolicy.testing.rounder import rounder
from canarypolicy.testing.scenes import healthy_value
from canarypolicy.testing.taking_away import (
    Bounds,
    healthier,
    healthier_in_places,
    limits_by_column,
    respaced,
    steadier,
    without_events,
    without_samples,
)

if TYPE_CHECKING:
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.program import Program
    from canarypolicy.testing.even_history import Size
    from canarypolicy.testing.incident import Incident

MOST_FOLDED = 40_000
"""So many samples are folded at most, some ten to thirty seconds: then the smallest history so far is given."""

_MOST_OPENINGS = 2_000
"""So many histories are built anew."""

Moves: TypeAlias = Callable[[EvenHistory], Iterator[EvenHistory]]
Progress: TypeAlias = Callable[[EvenHistory, int], None]
"""Is told the smallest history so far, and how many samples were folded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimised:
    """
    The smallest history that was found, and what is decided at its last sample.
    """

    history: EvenHistory
    decision: Decision
    recorded_samples: int
    """How many samples the recording has up to the decision."""
    folded: int
    is_smallest: bool
    """Whether nothing that was left to try makes it smaller; else trying was given up."""


def minimise(
    program: Program, incident: Incident, *, most: int = MOST_FOLDED, progress: Progress | None = None
) -> Minimised | None:
    """
    Find the smallest history that keeps an incident's decision; None if none at equal distances does.
    """
    trial = Trial(program, kept_of(incident.decision), most)
    search = _Search(trial, incident, progress)
    start = search.beginning()
    if start is None:
        return None
    history = search.shrunk(start)
    decision = Trial(program, trial.kept, most).last_decision(history)
    if decision is None:  # pragma: no cover - what keeps a decision has one
        raise AssertionError("a history that keeps a decision has none")
    return Minimised(
        history=history,
        decision=decision,
        recorded_samples=len(incident.samples),
        folded=trial.folded,
        is_smallest=not trial.is_spent,
    )


class _Search:
    """
    One incident's search: what may be tried, and what the result must keep.
    """

    def __init__(self, trial: Trial, incident: Incident, progress: Progress | None) -> None:
        program = trial.program
        names = sorted(program.signals)
        self._trial, self._incident, self._progress = trial, incident, progress
        self.bounds = Bounds(
            signals=tuple(program.signals[name] for name in names),
            healthy=tuple(healthy_value(program.signals[name]) for name in names),
            limits=limits_by_column(names, limits_in(program)),
        )
        self._measured: tuple[EvenHistory | None, Size] = (None, ())
        self.terms = terms_of(program, trial)

    def beginning(self) -> EvenHistory | None:
        """
        Give the recording at equal distances, or a history that is built around its last values.
        """
        every_us = self._trial.program.every_us
        found = [*self._incident.even_histories(every_us)]
        kept = next((each for each in found if self._trial.keeps(each)), None)
        if kept is not None or not self._incident.samples:
            return kept
        # No even history has its gaps: but perhaps they are not what decides.
        rows = tuple(row for _, row in self._incident.samples)
        events = tuple((len(rows) - 1, event) for _, event in self._incident.events)
        pattern = EvenHistory(every_us=every_us, rows=rows, events=events)
        longer = EvenHistory(every_us=every_us, rows=(*rows, rows[-1]), events=events)
        if self._trial.keeps(pattern):
            return pattern
        return next((each for each in openings(self._trial, longer, self.bounds, self.terms) if self._trial.keeps(each)), None)

    def shrunk(self, history: EvenHistory) -> EvenHistory:
        """
        Make a history simpler until no way to make it so is left.
        """
        while True:
            before = history
            history = self._built_anew(history)
            for moves in self._moves():
                history = self._exhausted(moves, history)
            if history == before or self._trial.is_spent:
                return self._at_usual_spacing(history)

    def _at_usual_spacing(self, history: EvenHistory) -> EvenHistory:
        """
        Let a single sample, which has no distance to another, be one of the policy's own spacing.
        """
        usual = replace(history, every_us=self._trial.program.every_us)
        return usual if history.length == 1 and self._trial.keeps(usual) else history

    def _moves(self) -> tuple[Moves, ...]:
        bounds = self.bounds
        return (
            partial(respaced, spacings=self.terms.spacings),
            without_samples,
            without_events,
            partial(healthier, bounds=bounds),
            partial(healthier_in_places, bounds=bounds),
            partial(steadier, bounds=bounds),
            partial(rounder, bounds=bounds),
        )

    def _built_anew(self, history: EvenHistory) -> EvenHistory:
        candidates = islice(openings(self._trial, history, self.bounds, self.terms), _MOST_OPENINGS)
        return next((each for each in candidates if self._is_better(each, history)), history)

    def _exhausted(self, moves: Moves, history: EvenHistory) -> EvenHistory:
        """
        Go through a way's candidates again and again until none is better.

        After one that is, it goes on from that place: what was tried before it has little chance now, and gets it last.
        """
        place = 0
        while True:
            found = next(
                ((index, each) for index, each in enumerate(moves(history)) if index >= place and self._is_better(each, history)),
                None,
            )
            if found is None and place == 0:
                return history
            if found is None:
                place = 0
                continue
            place, history = found
            if self._progress is not None:
                self._progress(history, self._trial.folded)

    def _is_better(self, candidate: EvenHistory, history: EvenHistory) -> bool:
        """
        Tell whether a history is simpler, by samples first and by all else where these are equal, and keeps the decision.
        """
        if candidate.length > history.length:
            return False
        if candidate.length == history.length and size_of(candidate, self.bounds.healthy) >= self._size(history):
            return False
        return self._trial.keeps(candidate)

    def _size(self, history: EvenHistory) -> Size:
        measured, size = self._measured
        if measured is not history:
            size = size_of(history, self.bounds.healthy)
            self._measured = history, size
        return size
