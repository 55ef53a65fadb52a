"""
Evaluation: what is decided at the last sample of a history, and what the rules saw there.

The same fold as a replay; only where the rollout is when the history begins may be said from outside.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from canarypolicy.engine.engine import decide
from canarypolicy.engine.observation import observe
from canarypolicy.engine.rollout import Follow, Phase, begin, start
from canarypolicy.engine.sample import RawSample, Sample, admit_sample
from canarypolicy.history.recorded_steps import recorded_entries
from canarypolicy.history.replay import prepare

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.observation import Observation
    from canarypolicy.engine.program import Program
    from canarypolicy.engine.rollout import State
    from canarypolicy.history.recording import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """
    What is known from outside: the step that the rollout is in, since when, and when it started.

    Without a step, the history itself tells: by its recorded steps or, without any, by the policy's own decisions.
    """

    step: str | None = None
    since_us: int | None = None
    start_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """
    The decision at the last sample, and what the rules saw when it was made.
    """

    decision: Decision
    observation: Observation | None
    """None where an event alone settled it."""
    is_gated: bool
    decided_us: int
    """When it was decided: a final decision stands again at every later sample."""


def until(recording: Recording, at_us: int) -> Recording:
    """
    Leave out what lies after a time.
    """
    return replace(recording, items=tuple(item for item in recording.items if item.at_us <= at_us))


def evaluate(program: Program, recording: Recording, where: Whereabouts) -> Judged | None:
    """
    Give what is decided at the last sample; None if no sample is judged.

    Recorded steps that the policy does not have are `InvalidInput`; an unknown step in `where` is a `ValueError`.
    """
    is_gated = recording.is_gated
    if where.step is None:
        items, state = _in_its_own_steps(program, recording, where.start_us)
    else:
        from canarypolicy.engine.event import StepEvent  # noqa: PLC0415 - as `decide` does

        items = [item for item in recording.items if not isinstance(item, StepEvent)]
        entered_us = where.since_us if where.since_us is not None else recorded_entry(recording, where.step)
        state = begin(
            program,
            start_us=where.start_us,
            follow=Follow.RECORDING,
            gated=is_gated,
            step=where.step,
            entered_us=entered_us,
        )
    return _fold(program, state, items, is_gated=is_gated)


def recorded_entry(recording: Recording, step: str) -> int | None:
    """
    Give when a step was entered last, as far as the recording tells.
    """
    entries = [entry.at_us for entry in recorded_entries(recording.items) if entry.step == step]
    return entries[-1] if entries else None


def _in_its_own_steps(program: Program, recording: Recording, start_us: int | None) -> tuple[Sequence[RawSample | Event], State]:
    follow = Follow.RECORDING if recorded_entries(recording.items) else Follow.POLICY
    prepared = prepare(program, recording, follow, start_us)
    return prepared.items, prepared.state


def _fold(program: Program, state: State, items: Iterable[RawSample | Event], *, is_gated: bool) -> Judged | None:
    last: Decision | None = None
    made_from: tuple[State, Sample] | None = None
    decided_us = 0
    for item in items:
        before = state
        admitted = admit_sample(item, program.declared) if isinstance(item, RawSample) else item
        decision, state = decide(program, state, admitted)
        if decision is None:
            continue
        last = decision
        if before.course.final is None:
            # a final decision stands again at later samples: what it was made from lies further back
            decided_us = decision.at_us
            made_from = (before, admitted) if isinstance(admitted, Sample) else None
    if last is None:
        return None
    seen = None if made_from is None else _seen(program, *made_from)
    return Judged(decision=last, observation=seen, is_gated=is_gated, decided_us=decided_us)


def _seen(program: Program, state: State, sample: Sample) -> Observation:
    if state.course.phase is Phase.AHEAD:
        state = start(program, state, sample.at_us)
    return observe(program, state, sample)[0]
