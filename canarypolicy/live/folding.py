"""
The fold of a run: the items of its journal through the engine, as a replay of the exported journal does it.

A step event enters a step, and the first one starts the rollout; what was sampled before is only history.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from canarypolicy.engine.engine import decide
from canarypolicy.engine.event import AbortEvent, SignalEvent, StepEvent
from canarypolicy.engine.rollout import NOT_YET_US, Follow, Phase, begin
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.history.event_object import event_of
from canarypolicy.history.json_object import read_object
from canarypolicy.history.sample_object import sample_of

if TYPE_CHECKING:
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.program import Program
    from canarypolicy.engine.rollout import State


@dataclass(slots=True)
class Fold:
    """
    Where the rollout is after all items taken in so far.
    """

    program: Program
    is_gated: bool
    state: State = field(init=False)
    at_end: State | None = field(init=False, default=None)
    """The state just before the decision that ended the rollout: what is watched afterwards goes on from here."""
    decision: Decision | None = field(init=False, default=None)
    """The last decision."""
    last_us: int = field(init=False, default=0)
    """The time of the last item."""
    sampled_us: int = field(init=False, default=0)
    """The time of the last sample."""
    has_news: bool = field(init=False, default=False)
    """Whether somebody gave signals by hand, and no sample was judged with them yet."""
    judged: tuple[State, RawSample] | None = field(init=False, default=None)
    """The last sample before the end, and the state that it found: all that its decision was made from."""
    samples_after: list[RawSample] = field(init=False, default_factory=list)
    """The samples from the deciding one on, once the rollout is over."""
    _before: list[RawSample | Event] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.state = begin(self.program, start_us=NOT_YET_US, follow=Follow.RECORDING, gated=self.is_gated)

    @property
    def has_started(self) -> bool:
        return self.state.course.phase is not Phase.AHEAD

    @property
    def is_over(self) -> bool:
        return self.state.course.final is not None

    @property
    def early_abort(self) -> AbortEvent | None:
        """
        Give the abort that came before the first step, if one did.
        """
        return next((item for item in self._before if isinstance(item, AbortEvent)), None)

    def take(self, item: RawSample | Event) -> Decision | None:
        """
        Take in an item and give what is decided at it.
        """
        self.last_us = item.at_us
        if isinstance(item, RawSample):
            self.sampled_us = item.at_us
        self.has_news = isinstance(item, SignalEvent) or (self.has_news and not isinstance(item, RawSample))
        if not self.has_started:
            if isinstance(item, StepEvent):
                self._start(item.at_us)
            else:
                self._before.append(item)
        decision = self._fold(item)
        self.decision = decision or self.decision
        return decision

    def _start(self, at_us: int) -> None:
        """
        Begin anew, now that the start is known.
        """
        self.state = begin(self.program, start_us=at_us, follow=Follow.RECORDING, gated=self.is_gated)
        for item in self._before:
            self._fold(item)
        self._before.clear()

    def _fold(self, item: RawSample | Event) -> Decision | None:
        before = self.state
        admitted = admit_sample(item, self.program.declared) if isinstance(item, RawSample) else item
        decision, self.state = decide(self.program, before, admitted)
        if isinstance(item, RawSample) and before.course.final is None:
            self.judged = (before, item)
        if self.is_over:
            self.at_end = self.at_end or before
            if isinstance(item, RawSample):
                self.samples_after.append(item)
        return decision


def item_of(text: str) -> RawSample | Event:
    """
    Read a line of a recording, as a journal holds it.
    """
    found = read_object(text, "a line")
    return event_of(found) if "event" in found.members else sample_of(found.called("a sample"))
