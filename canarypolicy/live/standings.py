"""
Where every rule of the present step stands, also those that are no reason for the last decision.

For who looks on: the decision itself names only the rules that made it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.cel.margin import margin_of
from canarypolicy.engine.observation import observe
from canarypolicy.engine.rollout import Phase
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.engine.sustained import Standing
from canarypolicy.history.decision_record import place_record, reason_record, seconds
from canarypolicy.live.folding import Fold

if TYPE_CHECKING:
    from canarypolicy.engine.observation import Observation
    from canarypolicy.engine.program import Program, RuleStanding
    from canarypolicy.engine.rollout import State
    from canarypolicy.history.decision_record import Record


def rules_of(fold: Fold) -> tuple[Record, ...]:
    """
    Give where each rule stands at the last sample that was judged, as a reason of the contract: SLOs come last.

    None stands anywhere before the first step's first sample.
    """
    return () if fold.judged is None else _records(fold.program, *fold.judged)


def _records(program: Program, state: State, raw: RawSample) -> tuple[Record, ...]:
    if state.course.phase is not Phase.IN_STEP:
        return ()
    seen, _ = observe(program, state, admit_sample(raw, program.declared))
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
