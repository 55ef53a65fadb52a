"""
Decisions as JSON values, in the form of `schemas/v1/decision.schema.json`, as reports show and journals keep them.

The keys are stable for ever; what is not known is null.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from canarypolicy import __version__
from canarypolicy.documents.duration import SECOND_US, format_instant

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.documents.span import Span
    from canarypolicy.engine.decision import Decision, Reason
    from canarypolicy.engine.program import Program

Record: TypeAlias = dict[str, Any]

ENGINE = f"canarypolicy {__version__}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyMark:
    """
    Which policy decided.
    """

    name: str
    revision: int | None
    digest: str
    path: str


def mark_of(checked: CheckedPolicy) -> PolicyMark:
    """
    Give the mark of a checked policy.
    """
    metadata = checked.policy.metadata
    return PolicyMark(name=metadata.name, revision=metadata.revision, digest=checked.digest, path=checked.source.path)


def mark_of_program(program: Program) -> PolicyMark:
    """
    Give the mark of the policy that a program was compiled from.
    """
    return PolicyMark(name=program.name, revision=program.revision, digest=program.digest, path=program.source.path)


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
        "reasons": [reason_record(reason) for reason in decision.reasons],
        "missing": _missing(decision),
        "policy": {"name": policy.name, "revision": policy.revision, "digest": policy.digest, "path": policy.path},
        "engine": ENGINE,
    }


def reason_record(reason: Reason) -> Record:
    """
    Give a reason as the JSON value of the contract.
    """
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
        "location": None if reason.location is None else place_record(reason.location),
    }


def place_record(span: Span) -> Record:
    """
    Give a place in a document.
    """
    return {"path": span.path, "line": span.line, "column": span.column}


def _missing(decision: Decision) -> list[Record]:
    """
    List missing signals, then clipped ones, each with why.
    """
    missing = [{"signal": name, "state": "missing", "why": why} for name, why in decision.missing.items()]
    return missing + [{"signal": name, "state": "clipped", "why": why} for name, why in decision.clipped.items()]
