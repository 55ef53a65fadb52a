"""
Replay: a recording folded into the timeline of its decisions (SPEC section 3).

How a timeline looks is the business of `canarypolicy.reports`; nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from canarypolicy.cel.nearest import did_you_mean
from canarypolicy.documents.duration import format_instant
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.span import SourceText
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.engine import decide
from canarypolicy.engine.rollout import NOT_YET_US, Follow, Phase, begin
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.errors import InvalidInput
from canarypolicy.history.recorded_steps import RecordedSteps, in_recorded_order, recorded_entries
from canarypolicy.history.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from canarypolicy.documents.span import Span
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.event import StepEvent
    from canarypolicy.engine.program import Program
    from canarypolicy.engine.rollout import State
    from canarypolicy.history.recorded_steps import Item
    from canarypolicy.history.recording import Recording


class Outcome(Enum):
    """
    How a rollout ended, as far as its history goes.
    """

    COMPLETE = "complete"
    ROLLED_BACK = "rolled-back"
    HOLDING = "holding"
    """It has not ended: also if the last decision was an advance to a further step."""
    REFUSED = "refused"


_OUTCOMES = {
    Phase.COMPLETE: Outcome.COMPLETE,
    Phase.ROLLED_BACK: Outcome.ROLLED_BACK,
    Phase.REFUSED: Outcome.REFUSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """
    What a policy decides along a recording.
    """

    rollout: str
    source: str
    """The path of the recording's file."""
    outcome: Outcome
    decisions: tuple[Decision, ...]
    """One per judged sample, and one per event that settles the rollout; a final decision stands again at every later sample."""
    changes: tuple[Decision, ...]
    """The first decision, and those whose verdict, step or reasons differ from the one before."""
    is_gated: bool
    """Whether the recording has gate events; without any it is judged without gates."""
    started_us: int | None
    """None if the rollout did not start."""
    first_divergence_us: int | None
    """The last time at which the replayed course and the recorded one were the same; None if they never part."""
    counterfactual_from_us: int | None
    """The first sample that was measured at another step than the replayed one; None if there is none."""
    notes: tuple[Finding, ...] = ()
    """What was skipped of the recording, and a warning if no sample was judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """
    A recording made ready for the fold.
    """

    items: Sequence[Item]
    """The items in the order in which they are folded."""
    entries: Sequence[StepEvent]
    """When each step was entered, as recorded."""
    state: State
    """The state before the first item."""
    is_gated: bool


def replay(program: Program, recording: Recording, *, follow: Follow = Follow.POLICY, start_us: int | None = None) -> Timeline:
    """
    Fold a recording from the rollout's start: its first step or, without one, its first sample, unless `start_us` is given.

    With `Follow.RECORDING`, a recording without steps or with one that the policy does not have is an `InvalidInput`.
    """
    prepared = prepare(program, recording, follow, start_us)
    items, state = prepared.items, prepared.state
    judged: list[tuple[Decision, Item]] = []
    for item in items:
        admitted = admit_sample(item, program.declared) if isinstance(item, RawSample) else item
        decision, state = decide(program, state, admitted)
        if decision is not None:
            judged.append((decision, item))
    decisions = tuple(decision for decision, _ in judged)
    first_divergence_us, counterfactual_from_us = _parting(judged, RecordedSteps(prepared.entries, items))
    return Timeline(
        rollout=recording.rollout,
        source=recording.source,
        outcome=outcome_of(state.course.phase),
        decisions=decisions,
        changes=changes_of(decisions),
        is_gated=prepared.is_gated,
        started_us=state.course.started_us,
        first_divergence_us=first_divergence_us,
        counterfactual_from_us=counterfactual_from_us,
        notes=(*recording.notes, *_nothing_judged(recording, decisions, state.course.start_us)),
    )


def outcome_of(phase: Phase) -> Outcome:
    """
    Tell how a rollout ended that is in a phase when its history ends.
    """
    return _OUTCOMES.get(phase, Outcome.HOLDING)


def prepare(program: Program, recording: Recording, follow: Follow, start_us: int | None) -> Prepared:
    """
    Find out from a recording what its fold begins with; what cannot be followed is an `InvalidInput`.
    """
    entries = recorded_entries(recording.items)
    items: Sequence[Item] = recording.items
    if follow is Follow.RECORDING:
        _check_steps(program, recording, entries)
        items = in_recorded_order(items, entries)
    is_gated = recording.is_gated
    if start_us is None:
        start_us = _start_us(items, entries) if recording.has_begun else NOT_YET_US
    state = begin(program, start_us=start_us, follow=follow, gated=is_gated)
    return Prepared(items=items, entries=entries, state=state, is_gated=is_gated)


def changes_of(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """
    Keep the first decision, and those whose verdict, step or reasons differ from the one before.
    """
    changes: list[Decision] = []
    before: object = None
    for decision in decisions:
        reasons = frozenset((reason.rule, reason.kind, reason.state) for reason in decision.reasons)
        present = (*_mark(decision), reasons)
        if present != before:
            changes.append(decision)
        before = present
    return tuple(changes)


def compare(timeline: Timeline, other: Timeline) -> int | None:
    """
    Give the first time at which two timelines of one recording differ in decision or step; None if they never do.

    A time at which only one of them has a decision counts, too.
    """
    ours = {decision.at_us: _mark(decision) for decision in timeline.decisions}
    theirs = {decision.at_us: _mark(decision) for decision in other.decisions}
    return min((at_us for at_us in ours.keys() | theirs.keys() if ours.get(at_us) != theirs.get(at_us)), default=None)


def _mark(decision: Decision) -> tuple[Verdict, str, bool, bool]:
    return decision.verdict, decision.step, decision.is_complete, decision.is_refused


def _start_us(items: Iterable[Item], entries: Sequence[StepEvent]) -> int | None:
    if entries:
        return entries[0].at_us
    return next((item.at_us for item in items if isinstance(item, RawSample)), None)


def _parting(judged: Sequence[tuple[Decision, Item]], steps: RecordedSteps) -> tuple[int | None, int | None]:
    """
    Give the last time of the common course, and the first sample that was measured at another step than the replayed one.

    After a rollback no recorded step is the replayed one.
    """
    before: Decision | None = None
    for decision, item in judged:
        recorded = steps.at(item.at_us) if isinstance(item, RawSample) else None
        was_rolled_back = before is not None and before.verdict is Verdict.ROLLBACK
        if recorded is not None and (was_rolled_back or recorded != decision.step):
            return (item.at_us if before is None else before.at_us), item.at_us
        before = decision
    return None, None


def _check_steps(program: Program, recording: Recording, entries: Sequence[StepEvent]) -> None:
    if not entries and recording.has_begun:
        message = "the recording has no steps that could be followed"
        help_ = "leave `--follow recording` out"
        raise InvalidInput([Finding(name="no-recorded-steps", message=message, span=_whole(recording), help=help_)])
    known = [step.name for step in program.steps]
    findings = [
        Finding(
            name="unknown-step",
            message=f"the policy has no step {quoted(name)}, which the recording went through",
            span=recording.steps.get(name, _whole(recording)),
            help=did_you_mean(name, known, nothing=None, rest="the policy's steps"),
        )
        for name in dict.fromkeys(entry.step for entry in entries)
        if name not in known
    ]
    if findings:
        raise InvalidInput(findings)


def _nothing_judged(recording: Recording, decisions: Sequence[Decision], start_us: int | None) -> Iterable[Finding]:
    if not decisions:
        start = "" if start_us in (None, NOT_YET_US) else f": the rollout starts at `{format_instant(start_us)}`"
        message = f"no sample was judged{start}"
        yield Finding(name="nothing-judged", message=message, span=_whole(recording), severity=Severity.WARNING)


def _whole(recording: Recording) -> Span:
    return SourceText(path=recording.source, text="").span(0, 0)
