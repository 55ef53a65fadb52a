"""
One JSON document per run, with stable keys and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.mutation.result import MutationRun
from canarypolicy.reports.backup_result import BackupList, BackupRestored
from canarypolicy.reports.backup_text import backups_record, restored_record
from canarypolicy.reports.checklist_text import checklist_record
from canarypolicy.reports.decision_json import render_evaluation
from canarypolicy.reports.ended_text import ended_record
from canarypolicy.reports.evaluation_result import Evaluation
from canarypolicy.reports.json_text import json_text
from canarypolicy.reports.minimised_result import MinimisedTest, minimised_record
from canarypolicy.reports.mutation_record import mutation_record
from canarypolicy.reports.policytest_record import policy_tests_record
from canarypolicy.reports.policytest_result import PolicyTestRun
from canarypolicy.reports.probe_text import probed_record
from canarypolicy.reports.record import finding_record, rollout_record
from canarypolicy.reports.recorded_text import recorded_record
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
    SchemaDocument,
    Validation,
)
from canarypolicy.reports.review_record import review_record
from canarypolicy.reports.rollout_result import Checklist, Probed, RunEnded
from canarypolicy.reports.run_record import asked_record, freezes_record, run_record, runs_record

if TYPE_CHECKING:
    from canarypolicy.history.decision_record import Record


def _replay(replay: Replay) -> str:
    return json_text({"rollouts": [rollout_record(replay, rollout) for rollout in replay.rollouts]}, indent=2)


def _validation(validation: Validation) -> str:
    findings = [finding_record(finding) for finding in validation.findings]
    return json_text({"documents": list(validation.paths), "findings": findings}, indent=2)


def _review(review: Review) -> str:
    return json_text(review_record(review), indent=2)


def _journal_check(check: JournalCheck) -> str:
    record = {"run": check.run, "entries": check.entries, "head": check.head, "faults": list(check.faults)}
    return json_text(record, indent=2)


def _backups(backups: BackupList) -> str:
    return json_text(backups_record(backups), indent=2)


def _restored(done: BackupRestored) -> str:
    return json_text(restored_record(done), indent=2)


def _page(page: Page) -> str:
    return json_text(_page_record(page), indent=2)


def _handbook(handbook: Handbook) -> str:
    return json_text({"pages": [_page_record(page) for page in handbook.pages]}, indent=2)


def _runs(runs: RunList) -> str:
    return json_text(runs_record(runs), indent=2)


def _run(status: RunStatus) -> str:
    return json_text(run_record(status), indent=2)


def _asked(asked: Asked) -> str:
    return json_text(asked_record(asked), indent=2)


def _freezes(freezes: FreezeList) -> str:
    return json_text(freezes_record(freezes), indent=2)


def _checklist(checklist: Checklist) -> str:
    return json_text(checklist_record(checklist), indent=2)


def _probed(probed: Probed) -> str:
    return json_text(probed_record(probed), indent=2)


def _ended(ended: RunEnded) -> str:
    return json_text(ended_record(ended), indent=2)


def _recorded(recorded: Recorded) -> str:
    return json_text(recorded_record(recorded), indent=2)


def _mutation(run: MutationRun) -> str:
    return json_text(mutation_record(run), indent=2)


def _policy_tests(run: PolicyTestRun) -> str:
    return json_text(policy_tests_record(run), indent=2)


def _minimised(minimised: MinimisedTest) -> str:
    return json_text(minimised_record(minimised), indent=2)


def _schema(document: SchemaDocument) -> str:
    return json_text(document.schema, indent=2)


def _page_record(page: Page) -> Record:
    return {"name": page.name, "area": page.area, "summary": page.summary, "text": page.text}


JSON = Report(
    name="json",
    summary="one JSON document",
    renderers={
        Asked: _asked,
        BackupList: _backups,
        BackupRestored: _restored,
        Checklist: _checklist,
        Evaluation: render_evaluation,
        FreezeList: _freezes,
        Handbook: _handbook,
        JournalCheck: _journal_check,
        MinimisedTest: _minimised,
        Page: _page,
        MutationRun: _mutation,
        PolicyTestRun: _policy_tests,
        Probed: _probed,
        Recorded: _recorded,
        Replay: _replay,
        Review: _review,
        RunEnded: _ended,
        RunList: _runs,
        RunStatus: _run,
        SchemaDocument: _schema,
        Validation: _validation,
    },
)
