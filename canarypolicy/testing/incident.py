"""
An incident: the decision of a recording that is to be kept, and what the recording is at equal distances.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from canarypolicy.engine.engine import decide
from canarypolicy.engine.event import FreezeEvent, GateEvent, SignalEvent, StepEvent
from canarypolicy.engine.rollout import Follow, GateState
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.history.replay import prepare
from canarypolicy.testing.even_history import EvenHistory
from canarypolicy.testing.scenes import healthy_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.program import Program
    from canarypolicy.engine.rollout import State
    from canarypolicy.history.recording import Recording
    from canarypolicy.testing.even_history import Row

_MOST_SPACINGS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """
    A decision, and all that was seen up to it.
    """

    decision: Decision
    started_us: int
    samples: tuple[tuple[int, Row], ...]
    """Time and admitted values, those set by hand among them."""
    events: tuple[tuple[int, Event], ...]

    def even_histories(self, every_us: int) -> Iterator[EvenHistory]:
        """
        Give what the recording is at equal distances, with no more samples than it has, the likeliest first.

        Between recorded samples the last values stand, or nothing does; `every_us` is tried as well.
        """
        for spacing_us in dict.fromkeys((*self._spacings(), every_us)):
            for fills in (True, False):
                even = self._at_every(spacing_us, fills=fills)
                if even is not None:
                    yield even

    def _spacings(self) -> list[int]:
        counts = Counter(later - earlier for (earlier, _), (later, _) in pairwise(self.samples))
        return [spacing for spacing, _ in counts.most_common(_MOST_SPACINGS)]

    def _at_every(self, every_us: int, *, fills: bool) -> EvenHistory | None:
        times = [at_us for at_us, _ in self.samples]
        last_us = self.decision.at_us
        length = (last_us - times[0]) // every_us + 1
        if length > len(times):
            return None
        grid = [last_us - (length - 1 - index) * every_us for index in range(length)]

        def row(at_us: int) -> Row:
            place = bisect_right(times, at_us) - 1
            if place >= 0 and (fills or at_us - times[place] < every_us):
                return self.samples[place][1]
            return (None,) * len(self.samples[0][1])

        return EvenHistory(
            every_us=every_us,
            start=min(bisect_left(grid, self.started_us), length - 1),
            rows=tuple(row(at_us) for at_us in grid),
            events=tuple((min(bisect_left(grid, at_us), length - 1), event) for at_us, event in self.events),
        )


def incident_of(
    program: Program, recording: Recording, *, at_us: int | None = None, start_us: int | None = None
) -> Incident | None:
    """
    Take the rollout's last decision, or the last by a time; a final one when it was made. None if nothing is decided.
    """
    prepared = prepare(program, recording, Follow.POLICY, start_us)
    state, chosen = prepared.state, None
    samples: list[tuple[int, Row]] = []
    events: list[tuple[int, Event]] = []
    for item in prepared.items:
        if at_us is not None and item.at_us > at_us:
            break
        if isinstance(item, RawSample):
            decision, state = decide(program, state, admit_sample(item, program.signals))
            samples.append((item.at_us, _row(program, item, state)))
        else:
            decision, state = decide(program, state, item)
            events += _kept_event(item, state)
        chosen = decision or chosen
        if state.course.final is not None:
            break
    if chosen is None:
        return None
    if not samples:
        # An event alone settled it, and no signal was looked at.
        samples.append((chosen.at_us, tuple(healthy_value(program.signals[name]) for name in sorted(program.signals))))
    started_us = chosen.at_us if state.course.started_us is None else state.course.started_us
    return Incident(decision=chosen, started_us=started_us, samples=tuple(samples), events=tuple(events))


def _row(program: Program, raw: RawSample, state: State) -> Row:
    by_hand: Mapping[str, object] = state.course.by_hand
    seen = replace(raw, signals={**raw.signals, **by_hand}, times_us={k: v for k, v in raw.times_us.items() if k not in by_hand})
    admitted = admit_sample(seen, program.signals)
    return tuple(admitted.values.get(name) for name in sorted(program.signals))


def _kept_event(event: Event, state: State) -> Iterator[tuple[int, Event]]:
    """
    Keep an event as an even history has it; steps are not followed, and values set by hand are in the samples.
    """
    match event:
        case StepEvent() | SignalEvent():
            return
        case GateEvent():
            # What its probe found in detail cannot be written; whether the gate passed can.
            known = state.course.gates.get(event.gate)
            if known in (GateState.PASSED, GateState.FAILED):
                yield event.at_us, GateEvent(at_us=0, gate=event.gate, passed=known is GateState.PASSED)
        case FreezeEvent(until_us=int(until_us)):
            yield event.at_us, replace(event, at_us=0, until_us=until_us - event.at_us)
        case _:
            yield event.at_us, replace(event, at_us=0)
