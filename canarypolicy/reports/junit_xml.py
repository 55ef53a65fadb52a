"""
JUnit XML: one suite per file, one case per finding or rollout.

Escapes what XML cannot hold; a case fails where the command's exit status would say 3 because of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.finding import Severity
from canarypolicy.reports.escape import xml_text
from canarypolicy.reports.finding_text import render_finding
from canarypolicy.reports.policytest_failure import failure_finding
from canarypolicy.reports.policytest_result import PolicyTestRun
from canarypolicy.reports.policytest_text import scenario_text
from canarypolicy.reports.report import Report
from canarypolicy.reports.result import Replay, Validation
from canarypolicy.reports.timeline_text import rollout_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from canarypolicy.documents.finding import Finding


def _case(suite: str, name: str, *, failure: tuple[str, str] | None = None, output: str | None = None) -> str:
    head = f'<testcase classname="{xml_text(suite)}" name="{xml_text(name)}" time="0"'
    if failure is None and output is None:
        return f"{head}/>"
    told = "" if failure is None else f'<failure message="{xml_text(failure[0])}">{xml_text(failure[1])}</failure>'
    said = "" if output is None else f"<system-out>{xml_text(output)}</system-out>"
    return f"{head}>{told}{said}</testcase>"


def _document(suites: Mapping[str, Sequence[str]]) -> str:
    cases = [case for suite in suites.values() for case in suite]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="canarypolicy" {_counts(cases)}>']
    for name, suite in suites.items():
        lines.append(f'  <testsuite name="{xml_text(name)}" {_counts(suite)}>')
        lines += [f"    {case}" for case in suite]
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _counts(cases: Iterable[str]) -> str:
    all_cases = list(cases)
    failures = sum("<failure " in case for case in all_cases)
    return f'tests="{len(all_cases)}" failures="{failures}" errors="0" skipped="0" time="0"'


def _validation(validation: Validation) -> str:
    failing = {Severity.ERROR, Severity.WARNING} if validation.is_strict else {Severity.ERROR}
    suites: dict[str, list[str]] = {path: [] for path in validation.paths}
    for finding in validation.findings:
        suites.setdefault(finding.span.path, []).append(_finding(finding, fails=finding.severity in failing))
    for path, cases in suites.items():
        if not cases:
            cases.append(_case(path, "valid"))
    return _document(suites)


def _finding(finding: Finding, *, fails: bool) -> str:
    name = f"{finding.name} at {finding.span.line}:{finding.span.column}"
    told = render_finding(finding).rstrip("\n")
    if fails:
        return _case(finding.span.path, name, failure=(finding.message, told))
    return _case(finding.span.path, name, output=told)


def _replay(replay: Replay) -> str:
    suites: dict[str, list[str]] = {}
    for finding in replay.findings:
        suites.setdefault(finding.span.path, []).append(_finding(finding, fails=finding.is_error))
    for rollout in replay.rollouts:
        timeline = rollout.timeline
        told, expected = rollout_text(replay, rollout), replay.expected
        if expected is None or expected is timeline.outcome:
            case = _case(timeline.source, timeline.rollout, output=told)
        else:
            failure = (f"ended {timeline.outcome.value}, {expected.value} was expected", told)
            case = _case(timeline.source, timeline.rollout, failure=failure)
        suites.setdefault(timeline.source, []).append(case)
    return _document(suites)


def _policy_tests(run: PolicyTestRun) -> str:
    suites: dict[str, list[str]] = {}
    for finding in run.findings:
        suites.setdefault(finding.span.path, []).append(_finding(finding, fails=True))
    for file in run.files:
        cases = suites.setdefault(file.path, [])
        for each in file.scenarios:
            failure = None
            if each.failed is not None:
                message = "; ".join(failure_finding(failed).message for failed in each.failed.failures)
                failure = (message, scenario_text(each.failed))
            cases.append(_case(file.path, each.name, failure=failure))
    return _document(suites)


JUNIT = Report(
    name="junit",
    summary="JUnit XML, a suite per file",
    renderers={PolicyTestRun: _policy_tests, Replay: _replay, Validation: _validation},
)
