"""
The steps that a recording went through: from its step events or, without any, from the `step` of its samples.

A sample's `step` describes the time up to it: the sample at which a step is left still belongs to it, also where a step
event has the very time of a sample.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.engine.sample import RawSample

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from canarypolicy.engine.event import Event, StepEvent

    Item: TypeAlias = RawSample | Event


def recorded_entries(items: Iterable[Item]) -> tuple[StepEvent, ...]:
    """
    Give each entry of a step: the step events or, without any, what the samples say.

    A step that samples begin to name was entered at the sample before, the first one at its own sample if that is the first.
    """
    items = tuple(items)
    if all(isinstance(item, RawSample) and item.step is None for item in items):
        return ()
    from canarypolicy.engine.event import StepEvent  # noqa: PLC0415 - a snapshot without a step needs no event

    events = tuple(item for item in items if isinstance(item, StepEvent))
    return events or _entries_of_samples(item for item in items if isinstance(item, RawSample))


def _entries_of_samples(samples: Iterable[RawSample]) -> tuple[StepEvent, ...]:
    from canarypolicy.engine.event import StepEvent  # noqa: PLC0415 - as above

    entries: list[StepEvent] = []
    before_us: int | None = None
    for sample in samples:
        if sample.step is not None and (not entries or entries[-1].step != sample.step):
            at_us = sample.at_us if before_us is None else before_us
            entries.append(StepEvent(at_us=at_us, step=sample.step, weight=sample.weight))
        before_us = sample.at_us
    return tuple(entries)


class RecordedSteps:
    """
    Which step was recorded at which time.
    """

    def __init__(self, entries: Sequence[StepEvent], items: Iterable[Item]) -> None:
        from canarypolicy.engine.event import AbortEvent  # noqa: PLC0415 - as above

        self._entries = entries
        self._times_us = [entry.at_us for entry in entries]
        self._ended_us = next((item.at_us for item in items if isinstance(item, AbortEvent)), None)

    def at(self, at_us: int) -> str | None:
        """
        Give the step in which a sample of that time was taken; None before the first, after an abort and without any.
        """
        if self._ended_us is not None and at_us > self._ended_us:
            return None
        index = bisect_left(self._times_us, at_us) - 1
        if index < 0:
            return self._entries[0].step if self._times_us[:1] == [at_us] else None
        return self._entries[index].step


def in_recorded_order(items: Sequence[Item], entries: Sequence[StepEvent]) -> list[Item]:
    """
    Put the entries among the items so that a fold which follows them judges each sample in its step.

    Where a step is left at the very time of a sample, the sample comes first; what follows the step event follows it still.
    """
    from canarypolicy.engine.event import StepEvent  # noqa: PLC0415 - as above

    if not any(isinstance(item, StepEvent) for item in items):
        items = sorted([*entries[:1], *items, *entries[1:]], key=lambda item: (item.at_us, isinstance(item, RawSample)))
    ordered: list[Item] = []
    later: list[Item] = []
    has_begun = False
    for item in items:
        if isinstance(item, RawSample):
            if later and later[0].at_us < item.at_us:
                ordered += later
                later = []
            ordered += [item, *later]
            later = []
        elif later or (has_begun and isinstance(item, StepEvent)):
            later.append(item)
        else:
            has_begun = has_begun or isinstance(item, StepEvent)
            ordered.append(item)
    return ordered + later
