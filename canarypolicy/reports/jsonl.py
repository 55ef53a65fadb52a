"""
JSON lines: one replayed rollout a line, each the same value as an entry of the JSON document; or a recording.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.reports.json_text import json_text
from canarypolicy.reports.record import rollout_record
from canarypolicy.reports.report import Report
from canarypolicy.reports.result import JournalRecording, Replay

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.reports.report import Renderer


def _replay(replay: Replay) -> str:
    return "".join(json_text(rollout_record(replay, rollout)) for rollout in replay.rollouts)


def _journal_recording(recording: JournalRecording) -> str:
    return recording.text


_RENDERERS: Mapping[type, Renderer] = {JournalRecording: _journal_recording, Replay: _replay}

JSONL = Report(name="jsonl", summary="one JSON value a line", renderers=_RENDERERS)
