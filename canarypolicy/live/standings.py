"""
Where every rule of the present step stands, also those that are no reason for the last decision.

For who looks on: the decision itself names only the rules that made it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from canarypolicy.cel.margin import margin_of
from canarypolicy.engine.observation import observe
from canarypolicy.engine.rollout import Phase
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.engine.sustained import Standing
from canarypolicy.history.decision_record import place_record, reason_record, seconds
from canarypolicy.live.folding import Fold, item_of

if TYPE_CHECKING:
    from canarypolicy.engine.observation import Observation, RuleStanding
    from canarypolicy.engine.program import Program
    from canarypolicy.engine.rollout import State
    from canarypolicy.history.decision_record import Record
    from canarypolicy.live.entry import Entry


@dataclass(slots=True)
class Standings:
    """
    Folds a journal's samples and events again, as they come.
    """

    fold: Fold
    _seen: tuple[State, RawSample] | None = field(init=False, default=None)
    """The last sample in a step, and the state before it."""

    def add(self, entry: Entry) -> None:
        """
        Take in the entry that follows the last one.
        """
        if entry.kind not in ("sample", "event"):
            return
        before, item = self.fold.state, item_of(entry.text)
        self.fold.take(item)
        if isinstance(item, RawSample) and before.course.final is None:
            self._seen = (before, item)

    def records(self) -> tuple[Record, ...]:
        """
        Give each rule as a reason of the contract: rollback and hold rules first, then SLOs.

        None stands anywhere before the first step's first sample.
        """
        if self._seen is None:
            return ()
        return rule_records(self.fold.program, *self._seen)


def rule_records(program: Program, state: State, raw: RawSample) -> tuple[Record, ...]:
    """
    Give where every rule stands at a sample, from the state before it.
    """
    if state.course.phase is not Phase.IN_STEP:
        return ()
    seen, _ = observe(program, state, admit_sample(raw, program.signals))
    return tuple(_record(seen, standing) for standing in (*seen.watches, *seen.slos))


def _record(seen: Observation, standing: RuleStanding) -> Record:
    if standing.standing is not Standing.QUIET:
        return reason_record(seen.reason(standing))
    # A rule that is quiet is never a reason, hence has no state in the contract of decisions.
    rule = standing.rule
    return {
        "rule": rule.name,
        "kind": rule.kind.value,
        "state": Standing.QUIET.value,
        "for_seconds": seconds(rule.asked.for_us),
        "since": None,
        "lacking_seconds": None,
        "values": {name: seen.values.get(name) for name in rule.reads},
        "margin": margin_of(rule.when, seen.values, good=False),
        "message": "is not true",
        "location": place_record(rule.location),
    }
