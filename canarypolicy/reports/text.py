"""
Text for people at a terminal: the format that every command starts with.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from canarypolicy.mutation.result import MutationRun
from canarypolicy.reports.backup_result import BackupList, BackupRestored
from canarypolicy.reports.backup_text import render_backups, render_restored
from canarypolicy.reports.checklist_text import render_checklist
from canarypolicy.reports.decision_text import render_evaluation
from canarypolicy.reports.ended_text import render_ended
from canarypolicy.reports.evaluation_result import Evaluation
from canarypolicy.reports.handbook_text import render_handbook, render_page
from canarypolicy.reports.journal_text import render_journal_check
from canarypolicy.reports.minimised_result import MinimisedTest, render_minimised
from canarypolicy.reports.mutation_text import render_mutation
from canarypolicy.reports.policytest_result import PolicyTestRun
from canarypolicy.reports.policytest_text import render_policy_tests
from canarypolicy.reports.probe_text import render_probed
from canarypolicy.reports.recorded_text import render_recorded
from canarypolicy.reports.report import Report
from canarypolicy.reports.result import (
    Asked,
    FreezeList,
    Handbook,
    JournalCheck,
    Page,
    Recorded,
    Replay,
    Review,
    RunList,
    RunStatus,
    Validation,
)
from canarypolicy.reports.review_text import render_review
from canarypolicy.reports.rollout_result import Checklist, Probed, RunEnded
from canarypolicy.reports.run_text import render_asked, render_freezes, render_run, render_runs
from canarypolicy.reports.timeline_text import render_replay
from canarypolicy.reports.validation_text import render_validation

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN: dict[type, Callable[..., str]] = {
    Asked: render_asked,
    BackupList: render_backups,
    BackupRestored: render_restored,
    Checklist: render_checklist,
    Evaluation: render_evaluation,
    FreezeList: render_freezes,
    Handbook: render_handbook,
    JournalCheck: render_journal_check,
    MinimisedTest: render_minimised,
    MutationRun: render_mutation,
    Page: render_page,
    PolicyTestRun: render_policy_tests,
    Probed: render_probed,
    Recorded: render_recorded,
    Replay: render_replay,
    Review: render_review,
    RunEnded: render_ended,
    RunList: render_runs,
    RunStatus: render_run,
    Validation: render_validation,
}

TEXT = Report(
    name="text",
    summary="for people at a terminal",
    renderers=_PLAIN,
    colored={kind: partial(render, color=True) for kind, render in _PLAIN.items()},
)
