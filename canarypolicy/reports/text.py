"""
Text for people at a terminal: the format that every command starts with.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from canarypolicy.reports.decision_text import render_evaluation
from canarypolicy.reports.handbook_text import render_handbook, render_page
from canarypolicy.reports.journal_text import render_journal_check
from canarypolicy.reports.report import Report
from canarypolicy.reports.result import Evaluation, Handbook, JournalCheck, Page, Replay, Validation
from canarypolicy.reports.timeline_text import render_replay
from canarypolicy.reports.validation_text import render_validation

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN: dict[type, Callable[..., str]] = {
    Evaluation: render_evaluation,
    Handbook: render_handbook,
    JournalCheck: render_journal_check,
    Page: render_page,
    Replay: render_replay,
    Validation: render_validation,
}

TEXT = Report(
    name="text",
    summary="for people at a terminal",
    renderers=_PLAIN,
    colored={kind: partial(render, color=True) for kind, render in _PLAIN.items()},
)
