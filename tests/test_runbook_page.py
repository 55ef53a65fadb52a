"""
The page that maps the prose runbook to the policy names only what is there: lines of YAML, and tests.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from canarypolicy.documents.environment_loading import load_environment
from canarypolicy.documents.loading import load_policy

ROOT = Path(__file__).parent.parent
STOREFRONT = ROOT / "policies" / "storefront"
POLICY, ENVIRONMENT = STOREFRONT / "policy.yaml", STOREFRONT / "environment.yaml"
PAGE = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| the prose ")
]
COMMAND = re.compile(r"canarypolicy |--")


def spans(cell):
    return re.findall(r"`([^`]+)`", cell)


def lines_of(path):
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if not line.strip().startswith("#")]


@cache
def named_in(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {each.name for each in tree.body if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")}


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_each_line_of_the_prose_has_its_yaml_and_its_tests(row):
    """Each row names something that carries it out, and a test; what it names is there, word by word."""
    _, policy, environment, tests = row
    assert policy, "nothing is named that carries it out"
    for path, cell in ((POLICY, policy), (ENVIRONMENT, environment)):
        for span in spans(cell):
            if not COMMAND.match(span):
                assert any(line.startswith(span) for line in lines_of(path)), f"`{span}` is not in {path.name}"
    named = spans(tests)
    assert named or tests == "the same"
    for each in named:
        path, _, name = each.partition("::")
        assert name in named_in(path), f"there is no `{each}`"


def test_every_rule_step_gate_item_probe_and_actuator_has_its_row():
    """What the documents say and no row names would be nobody's line of the runbook."""
    policy = load_policy(POLICY.read_bytes(), "policy.yaml").document.policy
    groups = (
        policy.slos,
        policy.rollback,
        policy.plan.gates.before,
        policy.plan.gates.after,
        policy.plan.steps,
        policy.plan.checklist,
    )
    shown = [span for row in ROWS for span in spans(row[1])]
    for each in (member for group in groups for member in group):
        assert any(span.startswith(f"- {{name: {each.name},") for span in shown), each.name
    environment = load_environment(ENVIRONMENT.read_bytes(), "environment.yaml").document.environment
    shown = [span for row in ROWS for span in spans(row[2])]
    for name in (*environment.probes, *environment.actuators):
        assert any(span.startswith(f"{name}:") for span in shown), name


def test_the_demo_is_run_by_the_test_that_is_named():
    (named,) = re.findall(r"`(tests/\S+::\S+)` runs each", PAGE)
    path, _, name = named.partition("::")
    assert name in named_in(path)
