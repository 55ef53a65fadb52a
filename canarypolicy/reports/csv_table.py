"""
A table for spreadsheets and data frames: one decision a row.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from canarypolicy.history.decision_record import instant, number, seconds
from canarypolicy.reports.escape import visible
from canarypolicy.reports.report import Report
from canarypolicy.reports.result import Replay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.engine.decision import Decision
    from canarypolicy.history.replay import Timeline
    from canarypolicy.reports.result import ReplayedRollout

COLUMNS = (
    "rollout",
    "source",
    "policy",
    "outcome",
    "at",
    "step",
    "weight",
    "decision",
    "complete",
    "elapsed_seconds",
    "earliest_advance",
    "counterfactual",
    "reasons",
    "missing",
)


def _replay(replay: Replay) -> str:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(COLUMNS)
    for rollout in replay.rollouts:
        writer.writerows(_rows(replay, rollout))
    return written.getvalue()


def _rows(replay: Replay, rollout: ReplayedRollout) -> Iterator[list[object]]:
    judged = [(replay.policy, rollout.timeline)]
    if replay.against is not None and rollout.against is not None:
        judged.append((replay.against, rollout.against))
    for policy, timeline in judged:
        decisions = timeline.decisions if replay.shows_all else timeline.changes
        for decision in decisions:
            names = (visible(text) for text in (timeline.rollout, timeline.source, policy.path))
            yield [*names, timeline.outcome.value, *_row(timeline, decision)]


def _row(timeline: Timeline, decision: Decision) -> list[object]:
    from_us = timeline.counterfactual_from_us
    return [
        instant(decision.at_us),
        visible(decision.step),
        number(decision.weight),
        decision.verdict.value,
        _yes(is_so=decision.is_complete),
        seconds(decision.elapsed_us),
        instant(decision.earliest_advance_us) or "",
        _yes(is_so=from_us is not None and decision.at_us >= from_us),
        " ".join(f"{visible(reason.rule)}:{reason.state.value}" for reason in decision.reasons),
        " ".join(visible(name) for name in decision.missing),
    ]


def _yes(*, is_so: bool) -> str:
    return "true" if is_so else "false"


CSV = Report(name="csv", summary="one decision a row", renderers={Replay: _replay})
