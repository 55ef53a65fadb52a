"""
Decisions put together from an observation and its reasons.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from canarypolicy.documents.step_names import BEFORE
from canarypolicy.engine import reasons
from canarypolicy.engine.decision import Decision, Verdict
from canarypolicy.engine.rollout import GateState

if TYPE_CHECKING:
    from canarypolicy.engine.decision import Reason
    from canarypolicy.engine.observation import Observation
    from canarypolicy.engine.program import Program
    from canarypolicy.engine.rollout import Course
    from canarypolicy.engine.sample import Sample


def conclude(
    seen: Observation,
    verdict: Verdict,
    because: tuple[Reason, ...],
    *,
    earliest_us: int | None = None,
    is_complete: bool = False,
) -> Decision:
    """
    Make the decision at a sample of a step.
    """
    return Decision(
        verdict=verdict,
        step=seen.step.name,
        weight=seen.step.weight,
        at_us=seen.at_us,
        elapsed_us=seen.at_us - seen.entered_us,
        is_complete=is_complete,
        earliest_advance_us=earliest_us,
        reasons=because,
        missing=seen.missing,
        clipped=seen.clipped,
    )


def waiting(program: Program, seen: Observation) -> Decision:
    """
    Hold before the first step: a gate has not passed, or the first weight is not read back.
    """
    gates = seen.course.gates
    because = tuple(
        reasons.of_gate(gate, gates.get(gate.name))
        for gate in program.before_gates
        if seen.course.gated and gates.get(gate.name) is not GateState.PASSED
    )
    return Decision(
        verdict=Verdict.HOLD,
        step=BEFORE,
        weight=0.0,
        at_us=seen.at_us,
        elapsed_us=0,
        reasons=because or (reasons.not_entered(program.steps[0]),),
        missing=seen.missing,
        clipped=seen.clipped,
    )


def at_event(program: Program, course: Course, at_us: int, verdict: Verdict, because: tuple[Reason, ...]) -> Decision:
    """
    Make a decision that an event alone settles; no signal is looked at.
    """
    step = None if course.entered_us is None else program.steps[course.step]
    return Decision(
        verdict=verdict,
        step=BEFORE if step is None else step.name,
        weight=0.0 if step is None else step.weight,
        at_us=at_us,
        elapsed_us=at_us - (at_us if course.entered_us is None else course.entered_us),
        is_refused=verdict is Verdict.HOLD,
        reasons=because,
        missing={},
        clipped={},
    )


def restate(final: Decision, course: Course, sample: Sample) -> Decision:
    """
    Give the final decision again at a later sample: it stands, for the reasons it had.
    """
    entered_us = sample.at_us if course.entered_us is None else course.entered_us
    return replace(
        final,
        at_us=sample.at_us,
        elapsed_us=sample.at_us - entered_us,
        earliest_advance_us=None,
        missing=sample.missing,
        clipped=sample.clipped,
    )
