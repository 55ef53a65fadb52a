"""
PolicyTests as JSON values, in the form of `schemas/v1/test.schema.json`, and that schema.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.engine.decision import Verdict
from canarypolicy.history.decision_record import Record, decision_record, place_record
from canarypolicy.reports.record import finding_record
from canarypolicy.reports.schema_parts import (
    NUMBER,
    TEXT,
    VALUES,
    Schema,
    list_of,
    nullable,
    object_of,
    one_of,
    part,
    place_schema,
    titled,
)
from canarypolicy.testing.coverage import Sight
from canarypolicy.testing.result import FailureKind

if TYPE_CHECKING:
    from canarypolicy.history.decision_record import PolicyMark
    from canarypolicy.reports.policytest_result import PolicyCoverage, PolicyTestFile, PolicyTestRun, RunScenario
    from canarypolicy.testing.result import Failure


def policy_tests_record(run: PolicyTestRun) -> Record:
    """
    Give a run of PolicyTests as its JSON value.
    """
    record = {
        "passed": run.count - len(run.failed),
        "failed": len(run.failed),
        "unselected": run.unselected,
        "files": [_file(file) for file in run.files],
        "findings": [finding_record(finding) for finding in run.findings],
    }
    if run.coverage is None:
        return record
    return {**record, "coverage": {"percent": run.percent, "policies": [_coverage(each) for each in run.coverage]}}


def _file(file: PolicyTestFile) -> Record:
    return {
        "path": file.path,
        "policy": {
            "name": file.policy.name,
            "revision": file.policy.revision,
            "digest": file.policy.digest,
            "path": file.policy.path,
        },
        "scenarios": [_scenario(each, file.policy) for each in file.scenarios],
    }


def _scenario(each: RunScenario, policy: PolicyMark) -> Record:
    failures = () if each.failed is None else each.failed.failures
    return {
        "name": each.name,
        "line": each.line,
        "passed": each.failed is None,
        "failures": [_failure(failure, policy) for failure in failures],
    }


def _failure(failure: Failure, policy: PolicyMark) -> Record:
    return {
        "kind": failure.kind.value,
        "expected": failure.expected,
        "actual": failure.actual,
        "location": place_record(failure.span),
        "decision": None if failure.decision is None else decision_record(failure.decision, policy),
        "values": dict(failure.values),
    }


def _coverage(coverage: PolicyCoverage) -> Record:
    subjects = []
    for index, subject in enumerate(coverage.subjects):
        parts = [
            {
                "condition": each.text or None,
                "location": place_record(each.span),
                "seen": {sight.value: coverage.seen[index, place, sight] for sight in each.sights},
            }
            for place, each in enumerate(subject.parts)
            if each.sights
        ]
        subjects.append({"kind": subject.kind, "name": subject.name, "location": place_record(subject.span), "parts": parts})
    return {
        "path": coverage.path,
        "covered": coverage.covered,
        "points": coverage.points,
        "percent": coverage.percent,
        "subjects": subjects,
    }


def policy_tests_schema() -> Schema:
    """
    Give the schema of a run of PolicyTests.
    """
    count: Schema = {"type": "integer", "minimum": 0}
    properties = {
        "passed": count,
        "failed": count,
        "unselected": {**count, "description": "Scenarios that the choice by name left out."},
        "files": list_of(part("file")),
        "findings": list_of({"type": "object", "description": "A fault in a file that could not be run."}),
    }
    coverage = object_of({"percent": NUMBER, "policies": list_of(part("policy"))})
    described = object_of(properties, {"coverage": {**coverage, "description": "With `--coverage` alone."}})
    return titled("test", "What came of PolicyTests.", described) | {"$defs": {**_scenario_schemas(), **_coverage_schemas()}}


def _scenario_schemas() -> dict[str, Schema]:
    decision: Schema = object_of({"decision": one_of(Verdict)})
    failure = object_of(
        {
            "kind": one_of(FailureKind),
            "expected": TEXT,
            "actual": TEXT,
            "location": place_schema(),
            "decision": nullable({**decision, "description": "What was decided instead; see decision.schema.json."}),
            "values": VALUES,
        }
    )
    line: Schema = {"type": "integer", "minimum": 1}
    scenario = object_of({"name": TEXT, "line": line, "passed": {"type": "boolean"}, "failures": list_of(part("failure"))})
    policy = object_of({"name": TEXT, "revision": {"type": ["integer", "null"]}, "digest": TEXT, "path": TEXT})
    file = object_of({"path": TEXT, "policy": policy, "scenarios": list_of(part("scenario"))})
    return {"failure": failure, "file": file, "scenario": scenario}


def _coverage_schemas() -> dict[str, Schema]:
    count: Schema = {"type": "integer", "minimum": 0}
    seen: Schema = {
        "type": "object",
        "propertyNames": one_of(Sight),
        "additionalProperties": count,
        "description": "Each way in which it can be seen -> at how many samples it was.",
    }
    described = object_of({"condition": {"type": ["string", "null"]}, "location": place_schema(), "seen": seen})
    kinds: Schema = {"enum": ["slo", "rollback", "hold", "step", "gate"]}
    subject = object_of({"kind": kinds, "name": TEXT, "location": place_schema(), "parts": list_of(described)})
    policy = object_of({"path": TEXT, "covered": count, "points": count, "percent": NUMBER, "subjects": list_of(part("subject"))})
    return {"policy": policy, "subject": subject}
