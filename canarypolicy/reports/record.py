"""
Decisions and timelines as JSON values, in the form of `schemas/v1/decision.schema.json` and `replay.schema.json`.

The keys are stable for ever; what is not known is null, and what does not apply to a rollout is left out of it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeAlias

from canarypolicy import __version__
from canarypolicy.documents.duration import SECOND_US, format_instant
from canarypolicy.history.replay import compare

if TYPE_CHECKING:
    from canarypolicy.documents.finding import Finding
    from canarypolicy.documents.span import Span
    from canarypolicy.engine.decision import Decision, Reason
    from canarypolicy.history.replay import Timeline
    from canarypolicy.reports.result import PolicyMark, Replay, ReplayedRollout

Record: TypeAlias = dict[str, Any]

ENGINE = f"canarypolicy {__version__}"


def json_text(value: object, *, indent: int | None = None) -> str:
    """
    Write a JSON value, with a line break at its end.
    """
    return json.dumps(value, indent=indent, allow_nan=False) + "\n"


def number(value: float) -> float:
    """
    Give a number without a fraction that says nothing: 10 for 10.0.
    """
    return int(value) if value == int(value) else value


def seconds(duration_us: int | None) -> float | None:
    """
    Give microseconds in seconds.
    """
    return None if duration_us is None else number(duration_us / SECOND_US)


def instant(at_us: int | None) -> str | None:
    """
    Give a time as RFC 3339.
    """
    return None if at_us is None else format_instant(at_us)


def decision_record(decision: Decision, policy: PolicyMark) -> Record:
    """
    Give a decision as the JSON value of the contract.
    """
    return {
        "decision": decision.verdict.value,
        "step": decision.step,
        "weight": number(decision.weight),
        "at": format_instant(decision.at_us),
        "elapsed_seconds": seconds(decision.elapsed_us),
        "complete": decision.is_complete,
        "earliest_advance": instant(decision.earliest_advance_us),
        "reasons": [_reason(reason) for reason in decision.reasons],
        "missing": _missing(decision),
        "policy": {"name": policy.name, "revision": policy.revision, "digest": policy.digest, "path": policy.path},
        "engine": ENGINE,
    }


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


def _reason(reason: Reason) -> Record:
    return {
        "rule": reason.rule,
        "kind": reason.kind.value,
        "state": reason.state.value,
        "for_seconds": seconds(reason.for_us),
        "since": instant(reason.since_us),
        "lacking_seconds": seconds(reason.lacking_us),
        "values": dict(reason.values),
        "margin": reason.margin,
        "message": reason.message,
        "location": None if reason.location is None else _place(reason.location),
    }


def _place(span: Span) -> Record:
    return {"path": span.path, "line": span.line, "column": span.column}


def _missing(decision: Decision) -> list[Record]:
    """
    List missing signals, then clipped ones, each with why.
    """
    missing = [{"signal": name, "state": "missing", "why": why} for name, why in decision.missing.items()]
    return missing + [{"signal": name, "state": "clipped", "why": why} for name, why in decision.clipped.items()]


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
        "location": _place(span) | {"end_line": span.end_line, "end_column": span.end_column},
    }
