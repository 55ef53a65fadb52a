"""
A run: its parts, its journal, and what happens when something has happened.

Whatever comes in goes through `Run.take`: it is folded, and what follows from the decision is intended, in one commit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import SECOND_US, microseconds
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.event import DriftEvent
from canarypolicy.engine.rollout import Phase
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.decision_record import number
from canarypolicy.live.entry import Draft, EntryKind
from canarypolicy.live.protocols import Told

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.program import Program
    from canarypolicy.live.folding import Fold
    from canarypolicy.live.journal import Journal
    from canarypolicy.live.notices import Notices
    from canarypolicy.live.protocols import Backup, Clock, Probe, Signals, Watcher
    from canarypolicy.live.record import Record
    from canarypolicy.live.steering import Steering
    from canarypolicy.live.storing import Store


@dataclass(slots=True, kw_only=True)
class Run:
    """
    All that the stages of a rollout share.
    """

    program: Program
    journal: Journal
    steering: Steering
    signals: Signals
    probes: Mapping[str, Probe]
    backup: Backup | None
    notices: Notices
    watcher: Watcher
    is_dry: bool
    """Nothing outside of the store is changed."""
    gap_us: int = 0
    """How long nobody carried it out, before it was continued."""
    is_store_lost: bool = False
    _last_told: object = field(default=None)

    @property
    def record(self) -> Record:
        return self.journal.record

    @property
    def fold(self) -> Fold:
        return self.journal.record.fold

    @property
    def clock(self) -> Clock:
        return self.journal.clock

    @property
    def store(self) -> Store:
        return self.journal.store

    @property
    def name(self) -> str:
        return self.journal.lease.run

    @property
    def policy(self) -> str:
        return self.program.checked.policy.metadata.name

    @property
    def is_stale(self) -> bool:
        """
        Tell whether what was found out before the interruption is too old to act on.
        """
        return self.gap_us > self.program.max_gap_us

    def tell(self, level: str, event: str, message: str, /, **facts: object) -> None:
        """
        Say something to whoever looks on.
        """
        self.watcher.tell(Told(level=level, event=event, message=message, facts=facts))

    def take(self, items: Sequence[RawSample | Event], taken: Iterable[int] = ()) -> None:
        """
        Take in what happened and intend what follows from it; all of it is one commit.
        """
        drafts: list[Draft] = []
        judged: Decision | None = None
        for item in items:
            folded, decision = self.journal.fold(item)
            drafts += folded
            if decision is not None and (isinstance(item, RawSample) or self.fold.is_over):
                judged = decision
        drafts += self._follow_up(items, judged)
        is_written = self.journal.write(drafts, taken)
        if judged is not None:
            self._say(judged)
        if not is_written and self._is_entering():
            self.give_up("the store cannot be reached")

    def give_up(self, why: str) -> None:
        """
        Give up an advance that was not confirmed: the present step's weight is the one to keep.
        """
        self.journal.write(self._given_up(self.journal.stamp(), why))

    def _follow_up(self, items: Sequence[RawSample | Event], judged: Decision | None) -> list[Draft]:
        at_us = items[-1].at_us if items else 0
        has_drifted = any(isinstance(item, DriftEvent) and item.weight is not None for item in items)
        if self.fold.is_over:
            return self._roll_back(at_us, has_drifted=has_drifted) if self.fold.state.course.phase is Phase.ROLLED_BACK else []
        if judged is None:
            return []
        if judged.verdict is Verdict.ADVANCE:
            return [] if self._is_entering() else [self._enter_next(at_us)]
        if self._is_entering():
            return self._given_up(at_us, f"the decision is {judged.verdict.value} now")
        if has_drifted and self.record.pending is None:
            return [self._intend(at_us, "repair", self.fold.program.steps[self.fold.state.course.step].weight, judged.step)]
        return []

    def _roll_back(self, at_us: int, *, has_drifted: bool) -> list[Draft]:
        pending = self.record.pending
        if self.record.is_rolled_back:
            return [self._intend(at_us, "repair", 0.0, None)] if has_drifted and pending is None else []
        if pending is not None and pending.purpose == "rollback":
            return []
        return [self._intend(at_us, "rollback", 0.0, None)]

    def _enter_next(self, at_us: int) -> Draft:
        following = self.program.steps[self.fold.state.course.step + 1]
        return self._intend(at_us, "enter", following.weight, following.name)

    def intend_first(self) -> None:
        """
        Intend the first step's weight.
        """
        first = self.program.steps[0]
        self.journal.write([self._intend(self.journal.stamp(), "enter", first.weight, first.name)])

    def intend_repair(self, weight: float) -> None:
        """
        Intend a weight that ought to be there already.
        """
        self.journal.write([self._intend(self.journal.stamp(), "repair", weight, None)])

    def _given_up(self, at_us: int, why: str) -> list[Draft]:
        pending = self.record.pending
        assert pending is not None, "only what is pending is given up"
        drafts = [Draft(kind=EntryKind.ABANDON, at_us=at_us, body={"act": "weight", "for": pending.purpose, "why": why})]
        present = self.record.weight if self.record.weight is not None else 0.0
        return [*drafts, self._intend(at_us, "keep", present, None)]

    def _intend(self, at_us: int, purpose: str, weight: float, step: str | None) -> Draft:
        return Draft(kind=EntryKind.INTEND, at_us=at_us, body={"act": "weight", "for": purpose, "step": step, "weight": weight})

    def _is_entering(self) -> bool:
        return self.record.pending is not None and self.record.pending.purpose == "enter"

    def _say(self, decision: Decision) -> None:
        """
        Tell of a decision when it, its step or its reasons are others than before.
        """
        reasons = tuple((reason.rule, reason.state) for reason in decision.reasons)
        present = (decision.verdict, decision.step, decision.is_complete, reasons)
        if present == self._last_told:
            return
        self._last_told = present
        because = "; ".join(f"{reason.rule}: {reason.message}" for reason in decision.reasons)
        self.tell(
            "warning" if decision.verdict is Verdict.ROLLBACK else "info",
            "decision",
            f"{decision.verdict.value} in {decision.step} at {number(decision.weight)} %: {because}",
            decision=decision.verdict.value,
            step=decision.step,
            reasons=[reason.rule for reason in decision.reasons],
        )


def patience_us(program: Program) -> int:
    """
    Give how long the sources may take within a tick.

    With reading the weight back, and setting another one, a tick ends before the next: no gap comes of a part that hangs.
    """
    return program.every_us * 3 // 5


def lease_us(program: Program) -> int:
    """
    Give for how long a lease is asked: longer than the loop is ever silent.
    """
    return 2 * program.every_us + 15 * SECOND_US


def recovery_asked(program: Program) -> tuple[int, int] | None:
    """
    Give for how long, and within what, a rolled back service must be well again; None if the policy does not ask.
    """
    recovery = program.checked.policy.plan.on_rollback.recovery
    if recovery is None:
        return None
    return (0 if recovery.for_ is None else microseconds(recovery.for_), microseconds(recovery.within))
