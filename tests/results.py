"""
Results made by hand for the reports: every kind of reason, and names that would do harm if they were shown as they are.
"""

from __future__ import annotations

from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.span import SourceText
from canarypolicy.engine.decision import Decision, Reason, ReasonKind, ReasonState, Verdict
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.decision_record import PolicyMark
from canarypolicy.history.recording import Recording
from canarypolicy.history.replay import Outcome, Timeline, changes_of
from canarypolicy.reports.evaluation_result import Evaluation
from canarypolicy.reports.result import Replay, ReplayedRollout, Validation

START_US = 1_777_629_600_000_000
"""2026-05-01T10:00:00Z."""
MINUTE_US = 60_000_000
HOSTILE = '\x1b[31m<script>"&%,:\u202e\ud800'
"""A name that steers terminals, opens tags, ends attributes, turns text around and has no UTF-8 form."""

POLICY = SourceText(
    path="policy.yaml", text="slos:\n  - {name: low, require: a.b < 0.01}\nrollback:\n  - {name: high, when: a.b > 0.02}\n"
)
MARK = PolicyMark(name="shop", revision=7, digest="0123456789abcdef" * 4, path="policy.yaml")
OTHER_MARK = PolicyMark(name="shop", revision=None, digest="fedcba9876543210" * 4, path="other.yaml")


def place(words: str):
    start = POLICY.text.index(words)
    return POLICY.span(start, start + len(words))


def reason(rule="low", kind=ReasonKind.SLO, state=ReasonState.PENDING, **more):
    values = more.pop("values", {"a.b": 0.004, "a.c": None})
    message = more.pop("message", "`a.b < 0.01` has been true for 2m30s, 5m asked")
    more.setdefault("location", place("{name: low"))
    margin = more.pop("margin", None)
    return Reason(rule=rule, kind=kind, state=state, values=values, say=lambda: message, margin_of=lambda: margin, **more)


def decision(verdict=Verdict.HOLD, minute=0, **more):
    known = {
        "step": "canary-10",
        "weight": 10.0,
        "at_us": START_US + minute * MINUTE_US,
        "elapsed_us": minute * MINUTE_US,
        "reasons": (reason(),),
        "missing": {},
        "clipped": {},
    }
    return Decision(verdict=verdict, **{**known, **more})


def full_decision():
    """Hold, with a reason of every look, missing and clipped signals, and no advance in sight."""
    return decision(
        minute=12,
        weight=12.5,
        earliest_advance_us=START_US + 20 * MINUTE_US,
        reasons=(
            reason(for_us=5 * MINUTE_US, since_us=START_US + 9 * MINUTE_US, lacking_us=150_000_000, margin=0.6),
            reason(
                "high", ReasonKind.ROLLBACK, ReasonState.UNKNOWN, message="`a.b > 0.02` is unknown", location=place("{name: high")
            ),
            reason(
                "gate",
                ReasonKind.GATE,
                ReasonState.WAITING,
                message="gate `smoke` has given no result yet",
                values={},
                location=None,
            ),
            reason(HOSTILE, ReasonKind.HOLD, ReasonState.FIRES, message=f"`{HOSTILE}`", values={HOSTILE: HOSTILE, "a.t": True}),
        ),
        missing={"a.c": "no value", HOSTILE: HOSTILE},
        clipped={"a.b": "2.0 taken as 1, the end of the range"},
    )


def evaluation(judged=None, **more):
    judged = judged or full_decision()
    return Evaluation(decision=judged, decided_us=more.pop("decided_us", judged.at_us), policy=MARK, **more)


def finding(name="wrong-type", severity=Severity.ERROR, words="require", **more):
    return Finding(name=name, message=more.pop("message", "it is wrong"), span=place(words), severity=severity, **more)


def validation(**more):
    findings = (
        finding(help="write it right"),
        finding("unused-signal", Severity.WARNING, "low", message=HOSTILE),
        finding("reference-reading", Severity.NOTE, "low, require: a.b < 0.01}\nrollback"),
        finding("wrong-type", words="when", message="so is this"),
    )
    return Validation(paths=("policy.yaml", "dir\\other file.yaml"), findings=more.pop("findings", findings), **more)


def timeline(*decisions, outcome=Outcome.HOLDING, **more):
    known = {
        "rollout": "r-1",
        "source": "runs/r-1.csv",
        "is_gated": False,
        "first_divergence_us": None,
        "counterfactual_from_us": None,
    }
    started_us = decisions[0].at_us if decisions else None
    return Timeline(
        outcome=outcome, decisions=decisions, changes=changes_of(decisions), started_us=started_us, **{**known, **more}
    )


def recording(*minutes, rollout="r-1", **signals):
    items = tuple(
        RawSample(
            at_us=START_US + minute * MINUTE_US,
            signals={name.replace("__", "."): values[index] for name, values in signals.items() if values[index] is not None},
        )
        for index, minute in enumerate(minutes)
    )
    return Recording(rollout=rollout, source=f"runs/{rollout}.csv", items=items)


ROLLED_BACK = (
    decision(minute=0),
    decision(minute=1),
    decision(Verdict.ADVANCE, minute=2, reasons=(reason(state=ReasonState.MET),)),
    decision(minute=3, step="full", weight=100.0, elapsed_us=MINUTE_US),
    decision(
        Verdict.ROLLBACK,
        minute=4,
        step="full",
        weight=100.0,
        elapsed_us=2 * MINUTE_US,
        reasons=(reason("high", ReasonKind.ROLLBACK, ReasonState.FIRES, values={"a.b": 0.03}, margin=-0.5),),
    ),
)
HELD = tuple(decision(minute=minute) for minute in range(5))
MEASURED = recording(0, 1, 2, 3, 4, a__b=["0.002", "0.002", None, "0.03", "0.03"], a__t=["false", "true", "true", "true", "true"])


def rolled_back(**more):
    known = {
        "outcome": Outcome.ROLLED_BACK,
        "first_divergence_us": START_US + 2 * MINUTE_US,
        "counterfactual_from_us": START_US + 3 * MINUTE_US,
    }
    return timeline(*ROLLED_BACK, **{**known, **more})


def replay(*rollouts, **more):
    """Two rollouts, one of them rolled back against a policy that holds; the other has no sample."""
    silent = ReplayedRollout(
        recording=recording(rollout=HOSTILE), timeline=timeline(rollout=HOSTILE, source="runs/silent.jsonl"), lacks_gates=True
    )
    if not rollouts:
        compared = ReplayedRollout(recording=MEASURED, timeline=rolled_back(), against=timeline(*HELD))
        rollouts = (
            compared,
            ReplayedRollout(recording=silent.recording, timeline=silent.timeline, lacks_gates=True, against=silent.timeline),
        )
        more.setdefault("against", OTHER_MARK)
    return Replay(policy=MARK, rollouts=rollouts, max_gap_us=3 * MINUTE_US, **more)
