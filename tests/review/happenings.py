"""
Histories of a search: what happens, written as a recording, and held against the engine.
"""

from __future__ import annotations

from typing import NamedTuple

from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.engine import decide
from canarypolicy.engine.event import (
    ApproveEvent,
    Event,
    FreezeEvent,
    GateEvent,
    PauseEvent,
    ResumeEvent,
    StepEvent,
    UnfreezeEvent,
)
from canarypolicy.engine.program import Program
from canarypolicy.engine.rollout import Follow, begin
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.history.recorded_steps import in_recorded_order, recorded_entries

Item = RawSample | Event
Cell = tuple[str, Verdict, Verdict]
"""Step, what the old policy decides, what the new one decides."""


class Happens(NamedTuple):
    """
    One step of a history: an event, and the sample after it.
    """

    after_us: int
    row: int
    event: str | None = None
    """`pause` and the entry of a step happen at the sample before, all else right before this sample."""
    named: str = ""


def events_of(happens: Happens, before_us: int, at_us: int) -> list[Item]:
    match happens.event:
        case None:
            return []
        case "step":
            return [StepEvent(at_us=before_us, step=happens.named)]
        case "pause":
            return [PauseEvent(at_us=before_us)]
        case "freeze":
            return [FreezeEvent(at_us=before_us)]
        case "resume":
            return [ResumeEvent(at_us=at_us)]
        case "unfreeze":
            return [UnfreezeEvent(at_us=at_us)]
        case "approve":
            return [ApproveEvent(at_us=at_us)]
        case _:
            return [GateEvent(at_us=at_us, gate=happens.named, passed=happens.event == "pass")]


def confirm(programs: tuple[Program, Program], items: tuple[Item, ...], cell: Cell, *, gated: bool = False) -> None:
    """
    Hold a history against the engine: both policies are undecided up to its last sample, and there decide as claimed.
    """
    for program, claimed in zip(programs, cell[1:], strict=True):
        verdict, step = decided_last(program, items, gated=gated)
        assert (verdict, step) == (claimed, cell[0]), f"the search is wrong: {cell}, the engine says {verdict} in {step}: {items}"


def decided_last(program: Program, items: tuple[Item, ...], *, gated: bool = False) -> tuple[Verdict | None, str | None]:
    """
    Give what the engine decides at the last sample of a history, following its steps; None if it was settled at a sample before.
    """
    start_us = next(each.at_us for each in items if isinstance(each, StepEvent))
    is_gated = gated or any(isinstance(each, GateEvent) for each in items)
    state = begin(program, start_us=start_us, follow=Follow.RECORDING, gated=is_gated)
    decision = None
    items = tuple(in_recorded_order(items, recorded_entries(items)))
    for index, item in enumerate(items):
        if isinstance(item, RawSample):
            if state.course.final is not None and any(
                isinstance(each, RawSample) and each.at_us >= state.course.final.at_us for each in items[:index]
            ):
                return None, None
            decision, state = decide(program, state, admit_sample(item, program.signals))
        else:
            _, state = decide(program, state, item)
    return (None, None) if decision is None else (decision.verdict, decision.step)
