"""
Short histories built anew around a decision: the healthy way into its step, then its own last values as long as they must stand.

Most decisions need no more of an incident than its last sample; what does need more is found by taking away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import SECOND_US
from canarypolicy.documents.signals import Worse
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.event import ApproveEvent, GateEvent
from canarypolicy.testing.even_history import EvenHistory, is_number
from canarypolicy.testing.taking_away import worsened

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Signal, Value
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.program import Program, ProgramStep
    from canarypolicy.testing.even_history import Row
    from canarypolicy.testing.keeping import Trial
    from canarypolicy.testing.taking_away import Bounds

_LONGEST = 40
"""A longer history is not built, only found."""
_PARTS = (1, 2, 3, 4, 5, 6)
_FACTORS = (1, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """
    What openings are built from.
    """

    spacings: tuple[int, ...]
    """Distances between samples that may be tried, from small to large."""
    asked_us: int
    """For how long something must have been true at the decision, with no gap longer than `longest_gap_us`."""
    longest_gap_us: int
    stayed_us: int
    """For how long the step must have been entered at the decision."""


def terms_of(program: Program, trial: Trial) -> Terms:
    """
    Collect the times that matter: those of the plan and of the deciding rules, and parts of them.

    A recording has no part in it, so that a minimised one is tried with the same.
    """
    names = {name for name, *_ in trial.kept.reasons}
    rules = [rule for rule in (*program.watches, *program.slos) if rule.name in names]
    asked = [each.asked.for_us for each in rules if each.asked.for_us] if trial.kept.verdict is Verdict.ROLLBACK else []
    read = {name for rule in rules for name in rule.reads}
    times = {program.every_us, program.max_gap_us, *_windows(program, read)}
    for rule in rules:
        times |= {rule.asked.for_us or 0, rule.asked.after_us or 0}
    for step in program.steps:
        times |= {step.min_us, step.min_us + program.every_us, step.max_us or 0, (step.max_us or 0) + program.every_us}
    parts = {time // part for time in times for part in _PARTS if time % part == 0}
    # Nearer to each other than the policy asks for, samples would say nothing more.
    spacings = {part for part in parts if part >= program.every_us and part % SECOND_US == 0} | {program.every_us}
    return Terms(
        spacings=tuple(sorted(spacings)),
        asked_us=min(asked, default=0),
        longest_gap_us=program.max_gap_us,
        stayed_us=_stay(program, trial, names),
    )


def _stay(program: Program, trial: Trial, names: set[str]) -> int:
    step = next((each for each in program.steps if each.name == trial.kept.step), None)
    if step is None:
        return 0
    if names & {"overdue", "timeout"}:
        return (step.max_us or 0) + 1
    return step.min_us if trial.kept.verdict is Verdict.ADVANCE else 0


def _windows(program: Program, names: set[str]) -> Iterator[int]:
    for each in program.derived:
        over = getattr(each.parameters, "over", None)
        if each.name in names and over is not None:
            yield round(over.total_seconds()) * SECOND_US


def openings(trial: Trial, history: EvenHistory, bounds: Bounds, terms: Terms) -> Iterator[EvenHistory]:
    """
    Build histories with fewer samples than one that keeps the decision, the shortest first.
    """
    way = Way(trial, history, bounds)
    lasts = list(_last_rows(history, bounds))
    events = tuple(event for _, event in history.events if way.is_of_the_end(event))
    for length in range(1, min(history.length, _LONGEST)):
        for every_us in terms.spacings:
            entry = way.entry(every_us, length)
            if entry is None or (length - 1 - max(entry, 0)) * every_us < terms.stayed_us:
                continue
            for bad in range(1, length - entry):
                if terms.asked_us and not _lasts_long_enough(bad, every_us, terms):
                    continue
                for last in lasts:
                    rows = (bounds.healthy,) * (length - bad) + (last,) * bad
                    late = tuple((length - 1, event) for event in events)
                    yield EvenHistory(every_us=every_us, rows=rows, events=(*way.events, *late))


def _lasts_long_enough(bad: int, every_us: int, terms: Terms) -> bool:
    # Only a guess: a window may make a rule true before its signals are off, and such histories are found otherwise.
    return every_us <= terms.longest_gap_us and bad * every_us >= terms.asked_us


def _last_rows(history: EvenHistory, bounds: Bounds) -> Iterator[Row]:
    """
    Give the last sample's values, and the worst that each signal had; then ten times as bad.
    """
    worst = tuple(
        _worst(values, signal, last)
        for values, signal, last in zip(zip(*history.rows, strict=True), bounds.signals, history.rows[-1], strict=True)
    )
    given: set[Row] = set()
    for factor in _FACTORS:
        for row in (history.rows[-1], worst):
            (worse,) = worsened(EvenHistory(every_us=1, rows=(row,)), bounds, factor).rows
            if worse not in given:
                given.add(worse)
                yield worse


def _worst(values: Sequence[Value | None], signal: Signal, last: Value | None) -> Value | None:
    numbers = [value for value in values if is_number(value)]
    if signal.worse is None or not numbers:
        return last
    return max(numbers) if signal.worse is Worse.HIGHER else min(numbers)


class Way:
    """
    The healthy samples by which a policy gets into the step of a decision, at each spacing.
    """

    def __init__(self, trial: Trial, history: EvenHistory, bounds: Bounds) -> None:
        program = trial.program
        self._trial, self._healthy = trial, bounds.healthy
        index = next((each.index for each in program.steps if each.name == trial.kept.step), 0)
        self._steps: tuple[ProgramStep, ...] = program.steps[:index]
        self._gates = frozenset(gate.name for gate in program.before_gates)
        self.events = tuple((0, event) for event in self._prelude(program, history))
        self._entries: dict[int, int | None] = {}

    def _prelude(self, program: Program, history: EvenHistory) -> Iterator[Event]:
        is_before = all(step.name != self._trial.kept.step for step in program.steps)
        if any(isinstance(event, GateEvent) for _, event in history.events) and not is_before:
            yield from (GateEvent(at_us=0, gate=gate.name, passed=True) for gate in program.before_gates)
        yield from (ApproveEvent(at_us=0, step=step.name) for step in self._steps if step.needs_approval)

    def is_of_the_end(self, event: Event) -> bool:
        """
        Tell whether an event has to do with the decision itself, and not with the way to it.
        """
        return event not in {each for _, each in self.events}

    def entry(self, every_us: int, length: int) -> int | None:
        """
        Give the sample at which the step is entered, -1 for the first step; None if that is not within a length.
        """
        if not self._steps:
            return -1
        if sum(-(-step.min_us // every_us) for step in self._steps) >= length - 1:
            return None
        if every_us not in self._entries:
            self._entries[every_us] = self._found(every_us)
        found = self._entries[every_us]
        return found if found is not None and found < length - 1 else None

    def _found(self, every_us: int) -> int | None:
        for length in range(1, _LONGEST):
            history = EvenHistory(every_us=every_us, rows=(self._healthy,) * length, events=self.events)
            decision = self._trial.last_decision(history)
            if decision is None:
                return None
            if decision.verdict is Verdict.ADVANCE and decision.step == self._steps[-1].name:
                return length - 1
        return None
