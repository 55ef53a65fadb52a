"""
Timelines and findings as JSON values, the former in the form of `schemas/v1/replay.schema.json`.

The keys are stable for ever; what is not known is null, and what does not apply to a rollout is left out of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_instant
from canarypolicy.history.decision_record import Record, decision_record, place_record
from canarypolicy.history.replay import compare

if TYPE_CHECKING:
    from canarypolicy.documents.finding import Finding
    from canarypolicy.history.decision_record import PolicyMark
    from canarypolicy.history.replay import Timeline
    from canarypolicy.reports.result import Replay, ReplayedRollout


def rollout_record(replay: Replay, rollout: ReplayedRollout) -> Record:
    """
    Give one replayed rollout as an entry of `rollouts`.
    """
    record: Record = {"rollout": rollout.timeline.rollout, "source": rollout.timeline.source}
    record |= _timeline(rollout.timeline, replay.policy, shows_all=replay.shows_all)
    if rollout.lacks_gates:
        record["judged_without_gates"] = True
    if rollout.against is not None and replay.against is not None:
        against = _timeline(rollout.against, replay.against, shows_all=replay.shows_all)
        different_us = compare(rollout.timeline, rollout.against)
        if different_us is not None:
            against["first_difference"] = format_instant(different_us)
        record["against"] = against
    return record


def _timeline(timeline: Timeline, policy: PolicyMark, *, shows_all: bool) -> Record:
    decisions = timeline.decisions if shows_all else timeline.changes
    record: Record = {
        "outcome": timeline.outcome.value,
        "decisions": [decision_record(decision, policy) for decision in decisions],
    }
    if timeline.first_divergence_us is not None:
        record["first_divergence"] = format_instant(timeline.first_divergence_us)
    if timeline.counterfactual_from_us is not None:
        record["counterfactual_from"] = format_instant(timeline.counterfactual_from_us)
    return record


def finding_record(finding: Finding) -> Record:
    """
    Give a finding with its place as a JSON value.
    """
    span = finding.span
    return {
        "name": finding.name,
        "severity": finding.severity.value,
        "message": finding.message,
        "help": finding.help,
        "location": place_record(span) | {"end_line": span.end_line, "end_column": span.end_column},
    }
