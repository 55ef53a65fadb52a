"""
`canarypolicy minimise` from files to a file that `canarypolicy test` runs.
"""

import json

import pytest

from command_line import canarypolicy
from driver import policy_text

ROWS = [0.002, 0.0031, 0.031, 0.044, 0.029, 0.033, 0.05, 0.002]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "policy.yaml").write_text(policy_text(), encoding="utf-8")
    rows = [f"2026-05-01T10:0{minute}:00Z,{value},0.002,3000,0" for minute, value in enumerate(ROWS)]
    header = "time,canary.errors,baseline.errors,canary.requests,incident.data"
    (tmp_path / "incident.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def minimise(*more):
    return canarypolicy("minimise", "incident.csv", "--policy", "policies/policy.yaml", *more)


def test_the_file_finds_its_policy_from_where_it_lies_and_passes(folder):
    (folder / "tests").mkdir()
    done = minimise("-o", "tests/incident.test.yaml")
    assert done.exit_code == 0, done.output
    assert done.stdout == "tests/incident.test.yaml: rollback in canary-10, 2 of 6 samples, off healthy: canary.errors\n"
    assert "policy: '../policies/policy.yaml'" in (folder / "tests" / "incident.test.yaml").read_text(encoding="utf-8")
    assert canarypolicy("test", "tests").exit_code == 0


def test_the_file_fails_once_its_rule_is_loosened(folder):
    minimise("-o", "policies/incident.test.yaml")
    policy = folder / "policies" / "policy.yaml"
    policy.write_text(policy.read_text(encoding="utf-8").replace(">= 0.02, for: 3m", ">= 0.03, for: 3m"), encoding="utf-8")
    assert canarypolicy("test", "policies").exit_code == 3


def test_a_file_that_is_there_is_replaced_only_by_force(folder):
    (folder / "x.test.yaml").write_text("mine", encoding="utf-8")
    assert minimise("-o", "x.test.yaml").exit_code == 1
    assert (folder / "x.test.yaml").read_text(encoding="utf-8") == "mine"
    assert minimise("-o", "x.test.yaml", "--force").exit_code == 0
    assert "kind: PolicyTest" in (folder / "x.test.yaml").read_text(encoding="utf-8")


def test_a_name_may_have_any_character(folder):
    name = "it's 5xx: #1 {of} 'many'"
    assert minimise("-o", "x.test.yaml", "--name", name).exit_code == 0
    assert name in canarypolicy("test", "x.test.yaml", "--format", "json").stdout


def test_json_carries_the_test_and_what_it_is(folder):
    record = json.loads(minimise("--format", "json").stdout)
    assert {key: record[key] for key in ("rollout", "decision", "step", "because", "at", "samples", "recorded_samples")} == {
        "rollout": "incident",
        "decision": "rollback",
        "step": "canary-10",
        "because": ["high"],
        "at": "3m",
        "samples": 2,
        "recorded_samples": 6,
    }
    assert record["test"].startswith("# Minimised from 6 samples")
    assert record["smallest"] is True


def test_one_rollout_of_many(folder):
    rows = [f"2026-05-01T10:0{minute}:00Z,{name},{value}" for minute, value in enumerate(ROWS) for name in ("a", "b")]
    (folder / "many.csv").write_text("\n".join(["time,rollout,canary.errors", *rows, ""]), encoding="utf-8")
    done = canarypolicy("minimise", "many.csv", "--policy", "policies/policy.yaml", "--rollout", "b")
    assert "metadata: {name: b}" in done.stdout
    assert canarypolicy("minimise", "many.csv", "--policy", "policies/policy.yaml", "--rollout", "c").exit_code == 2


def test_what_no_even_history_shows_is_said(folder):
    rules = """
slos: [{name: low, require: canary.errors < 0.01}]
rollback:
  - {name: high, when: canary.errors >= 0.02, for: 1m}
  - {name: dark, when: baseline.errors >= 0.5, missing: rollback, after: 58m}
"""
    (folder / "policies" / "policy.yaml").write_text(policy_text(rules=rules), encoding="utf-8")
    rows = ["2026-05-01T10:00:00Z,0.002,0.002", "2026-05-01T11:00:00Z,0.05,", "2026-05-01T11:01:00Z,0.05,"]
    (folder / "incident.csv").write_text("\n".join(["time,canary.errors,baseline.errors", *rows, ""]), encoding="utf-8")
    done = minimise()
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr == (
        "canarypolicy: error: no history at equal distances keeps the decision: rollback in `canary-10` because of `high`, `dark`\n"
        "   help: a test may also name the recording itself: `recording: FILE`\n"
    )
