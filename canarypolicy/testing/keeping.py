"""
What a shorter history must keep: the decision at its last sample, made there first, and its reasons.

Many histories are tried that begin alike, so the fold goes on from where the last one of its kind parted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.engine.decision import ReasonState
from canarypolicy.engine.engine import decide
from canarypolicy.engine.event import FreezeEvent, GateEvent
from canarypolicy.engine.rollout import begin
from canarypolicy.engine.sample import Sample

if TYPE_CHECKING:
    from canarypolicy.engine.decision import Decision, Reason, ReasonKind, Verdict
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.program import Program
    from canarypolicy.engine.rollout import State
    from canarypolicy.testing.even_history import EvenHistory, Row

_Moment: TypeAlias = "tuple[Row, tuple[Event, ...]]"

_MOST_KINDS = 16
"""So many spacings and starts keep their last fold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """
    What is decided, in which step, and the name, kind and state of each reason.

    For a rule that is unknown, also which of its signals are missing: another one would be another reason.
    """

    verdict: Verdict
    step: str
    is_complete: bool
    is_refused: bool
    reasons: frozenset[tuple[str, ReasonKind, ReasonState, frozenset[str]]]


def kept_of(decision: Decision) -> Kept:
    """
    Leave of a decision what must stay the same.
    """
    return Kept(
        verdict=decision.verdict,
        step=decision.step,
        is_complete=decision.is_complete,
        is_refused=decision.is_refused,
        reasons=frozenset((reason.rule, reason.kind, reason.state, _missing(reason)) for reason in decision.reasons),
    )


def _missing(reason: Reason) -> frozenset[str]:
    if reason.state not in (ReasonState.UNKNOWN, ReasonState.UNKNOWN_TOO_LONG):
        return frozenset()
    return frozenset(name for name, value in reason.values.items() if value is None)


class Trial:
    """
    Histories tried against what must be kept; once as many samples are folded as may be, nothing keeps it any more.
    """

    def __init__(self, program: Program, kept: Kept, most_folded: int) -> None:
        self.program = program
        self.kept = kept
        self.folded = 0
        """The samples folded so far: what trying costs, alike on every machine."""
        self._most = most_folded
        self._names = tuple(sorted(program.signals))
        self._known: dict[EvenHistory, bool] = {}
        self._trails: dict[tuple[int, int, bool], list[tuple[_Moment, State]]] = {}

    @property
    def is_spent(self) -> bool:
        return self.folded >= self._most

    def keeps(self, history: EvenHistory) -> bool:
        """
        Tell whether the last sample of a history is the first at which what must be kept is decided for good.
        """
        if history not in self._known:
            if self.is_spent:
                return False
            last = self.last_decision(history)
            self._known[history] = last is not None and kept_of(last) == self.kept
        return self._known[history]

    def last_decision(self, history: EvenHistory) -> Decision | None:
        """
        Give what is decided at the last sample; None if nothing is, or if the rollout has ended before.
        """
        moments = _moments(history)
        kind = (history.every_us, history.start, any(isinstance(event, GateEvent) for _, event in history.events))
        trail = self._trails.pop(kind, [])
        if len(self._trails) >= _MOST_KINDS:
            del self._trails[next(iter(self._trails))]
        self._trails[kind] = trail
        last = len(moments) - 1
        shared = next((index for index, (moment, _) in enumerate(trail) if index >= last or moment != moments[index]), len(trail))
        del trail[shared:]
        state = trail[-1][1] if trail else begin(self.program, start_us=history.start * history.every_us, gated=kind[2])
        for index in range(shared, last + 1):
            if state.course.final is not None:
                return None
            self.folded += 1
            decision, state = self._take(state, moments[index], index * history.every_us)
            if index < last:
                trail.append((moments[index], state))
        return decision

    def _take(self, state: State, moment: _Moment, at_us: int) -> tuple[Decision | None, State]:
        row, events = moment
        for event in events:
            _, state = decide(self.program, state, event_at(event, at_us))
        return decide(self.program, state, sample_of(self._names, row, at_us))


def sample_of(names: tuple[str, ...], row: Row, at_us: int) -> Sample:
    """
    Give the sample that a row says.
    """
    values = {name: value for name, value in zip(names, row, strict=True) if value is not None}
    missing = {name: "the series has no value here" for name in names if name not in values}
    return Sample(at_us=at_us, values=values, missing=missing)


def event_at(event: Event, at_us: int) -> Event:
    """
    Move an event of an even history to its time.
    """
    if isinstance(event, FreezeEvent) and event.until_us is not None:
        return replace(event, at_us=at_us, until_us=at_us + event.until_us)
    return replace(event, at_us=at_us)


def _moments(history: EvenHistory) -> list[_Moment]:
    events: dict[int, tuple[Event, ...]] = {}
    for index, event in history.events:
        events[index] = (*events.get(index, ()), event)
    return [(row, events.get(index, ())) for index, row in enumerate(history.rows)]
