"""
What a change does on recorded rollouts: both policies replayed over each, and compared.

Each policy follows its own decisions. Where they part, what was recorded afterwards was measured at one weight only: such a
comparison is marked as counterfactual.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.event import ApproveEvent, StepEvent
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.replay import replay
from canarypolicy.review.findings import Changed, OnRecordings
from canarypolicy.review.matching import match_steps

if TYPE_CHECKING:
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.program import Program
    from canarypolicy.history.recording import Recording
    from canarypolicy.history.replay import Timeline

    Item: TypeAlias = RawSample | Event

NOT_JUDGED = "not-judged"
"""Stands for the outcome of a recording of which neither policy judges a sample."""


def on_recordings(old: Program, new: Program, recordings: Iterable[Recording]) -> OnRecordings:
    """
    Replay two policies over recordings, twice the cost of one replay each.

    A rollout is changed if any of its decisions is: so is what ends in the same way at another time.
    """
    renamed = match_steps(old.checked, new.checked).renamed
    changed: list[Changed] = []
    same: Counter[str] = Counter()
    for recording in recordings:
        before = replay(old, recording)
        after = replay(new, in_new_words(recording, renamed))
        first_us = _first_difference(before, after, renamed)
        if first_us is None:
            same[before.outcome.value if before.decisions else NOT_JUDGED] += 1
        else:
            changed.append(_changed(recording, before, after, first_us))
    return OnRecordings(changed=tuple(changed), same=dict(same))


def _changed(recording: Recording, before: Timeline, after: Timeline, first_us: int) -> Changed:
    counterfactual = [each.counterfactual_from_us for each in (before, after) if each.counterfactual_from_us is not None]
    end_us = recording.items[-1].at_us
    return Changed(
        rollout=recording.rollout,
        source=recording.source,
        old_outcome=before.outcome.value,
        new_outcome=after.outcome.value,
        first_difference_us=first_us,
        old_rules=_reasons_at(before, first_us),
        new_rules=_reasons_at(after, first_us),
        exposure_us=exposure_us(after, end_us) - exposure_us(before, end_us),
        counterfactual_from_us=min(counterfactual, default=None),
    )


def exposure_us(timeline: Timeline, end_us: int) -> int:
    """
    Give the canary's exposure up to a time: its weight, summed over time, in microseconds at 100 %.

    A rollback or a refusal ends it. What is complete stays at the weight of its last step.
    """
    weights: list[tuple[int, float]] = []
    step: str | None = None
    for decision in timeline.decisions:
        if decision.step != step:
            weights.append((decision.at_us - decision.elapsed_us, decision.weight))
            step = decision.step
        if decision.verdict is Verdict.ROLLBACK or decision.is_refused:
            weights.append((decision.at_us, 0.0))
            break
    ends = [at_us for at_us, _ in weights[1:]] + [end_us]
    return round(sum(weight * (until_us - at_us) for (at_us, weight), until_us in zip(weights, ends, strict=False)) / 100)


def in_new_words(recording: Recording, renamed: Mapping[str, str]) -> Recording:
    """
    Give a recording with the new names of renamed steps.
    """
    if not renamed:
        return recording
    return replace(recording, items=tuple(_in_new_words(item, renamed) for item in recording.items))


def _in_new_words(item: Item, renamed: Mapping[str, str]) -> Item:
    if isinstance(item, StepEvent | ApproveEvent | RawSample) and item.step is not None:
        return replace(item, step=renamed.get(item.step, item.step))
    return item


def _first_difference(before: Timeline, after: Timeline, renamed: Mapping[str, str]) -> int | None:
    """
    Give the first time at which the decisions differ; also where only one of the two has any.
    """
    ours = {decision.at_us: _mark(decision, renamed) for decision in before.decisions}
    theirs = {decision.at_us: _mark(decision, {}) for decision in after.decisions}
    return min((at_us for at_us in ours.keys() | theirs.keys() if ours.get(at_us) != theirs.get(at_us)), default=None)


def _mark(decision: Decision, renamed: Mapping[str, str]) -> tuple[Verdict, str, bool, bool]:
    return decision.verdict, renamed.get(decision.step, decision.step), decision.is_complete, decision.is_refused


def _reasons_at(timeline: Timeline, at_us: int) -> tuple[str, ...]:
    decisions = [decision for decision in timeline.decisions if decision.at_us == at_us]
    return tuple(dict.fromkeys(reason.rule for decision in decisions[-1:] for reason in decision.reasons))
