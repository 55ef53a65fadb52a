"""
Runs, freezes and what operators asked as JSON values. The keys are stable for ever.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from canarypolicy.history.decision_record import instant, number

if TYPE_CHECKING:
    from canarypolicy.history.decision_record import Record
    from canarypolicy.live.storing import Freeze, RunRow
    from canarypolicy.live.summary import RunSummary, Stop
    from canarypolicy.reports.result import Asked, FreezeList, RunList, RunStatus


def runs_record(runs: RunList) -> Record:
    """
    Give all runs: those that go on with where they are, those that ended without.
    """
    going_on = [_row(summary.row) | _place(summary) for summary in runs.going_on]
    return {
        "runs": going_on + [_row(row) for row in runs.ended],
        "unshown": runs.unshown,
        "freezes": [_freeze(freeze) for freeze in runs.freezes],
    }


def run_record(status: RunStatus) -> Record:
    """
    Give one run.
    """
    summary = status.summary
    return (
        _row(summary.row)
        | _place(summary)
        | {
            "artefact": summary.artefact,
            "rules": [dict(rule) for rule in status.rules],
            "open_acts": [
                {"act": act.text, "since": instant(act.since_us), "failures": act.failures, "why": act.why}
                for act in summary.open_acts
            ],
            "waits_for_approval": summary.waits_for_approval and not summary.is_over,
            "paused": _stop(summary.pause),
            "frozen": _stop(summary.freeze),
            "gates": dict(summary.gates),
            "recovery": summary.recovery,
            "given": dict(summary.given),
            "signals": {name: list(values) for name, values in sorted(summary.values.items())},
            "requests": [{"at": instant(request.at_us), **request.event} for request in status.requests],
            "freezes": [_freeze(freeze) for freeze in status.freezes],
            "happenings": [{"at": instant(each.at_us), "text": each.text} for each in summary.happenings],
        }
    )


def asked_record(asked: Asked) -> Record:
    """
    Give what an operator asked, and what came of it.
    """
    return {
        "run": asked.row.run,
        "event": dict(asked.event),
        "taken_in": instant(asked.taken_us),
        "held": asked.row.is_held,
    }


def freezes_record(freezes: FreezeList) -> Record:
    """
    Give freezes.
    """
    return {"change": freezes.change, "freezes": [_freeze(freeze) for freeze in freezes.freezes]}


def _row(row: RunRow) -> Record:
    return {
        "run": row.run,
        "policy": row.policy,
        "environment": row.environment,
        "service": row.service,
        "digest": row.digest,
        "started": instant(row.started_us),
        "state": row.state,
        "held": row.is_held,
        "holder": None if row.holder is None else asdict(row.holder),
    }


def _place(summary: RunSummary) -> Record:
    return {
        "step": summary.step,
        "weight": None if summary.weight is None else number(summary.weight),
        "entered": instant(summary.entered_us),
        "earliest_advance": instant(summary.earliest_advance_us),
        "decision": summary.decision,
    }


def _stop(stop: Stop | None) -> dict[str, Any] | None:
    if stop is None:
        return None
    return {"since": instant(stop.since_us), "by": stop.by, "reason": stop.reason, "until": instant(stop.until_us)}


def _freeze(freeze: Freeze) -> Record:
    return {
        "policy": freeze.policy,
        "since": instant(freeze.at_us),
        "by": freeze.by,
        "reason": freeze.reason,
        "until": instant(freeze.until_us),
    }
