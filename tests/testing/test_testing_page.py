"""
What docs/testing.md and the README show of tests is what happens.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml
from canarypolicy.documents.policytest import _FORMS
from canarypolicy.documents.policytest_event import EventName

from command_line import canarypolicy

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
HEAD = "apiVersion: canarypolicy/v1\nkind: PolicyTest\nmetadata: {name: storefront}\npolicy: policy.yaml\ntests:\n"


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    shutil.copy(ROOT / "policies" / "storefront" / "policy.yaml", tmp_path / "policy.yaml")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(folder, text, *arguments):
    (folder / "tests.yaml").write_text(text, encoding="utf-8")
    return canarypolicy("test", "tests.yaml", *arguments)


def test_the_first_example_passes_and_its_failure_reads_as_shown(folder):
    example = blocks(PAGE, "yaml")[0]
    assert run(folder, example).exit_code == 0
    failed = run(folder, example.replace("{never: advance, after: 4m}", "{first: rollback, between: [8m, 9m]}"))
    (shown,) = re.findall(r"```\n(FAILED .*?)```", PAGE, re.DOTALL)
    assert shown in failed.stdout


def test_the_other_examples_pass(folder):
    _, events, table = blocks(PAGE, "yaml")
    scenario = f"{HEAD}  - name: x\n    lasts: 40m\n{events}    expect: [{{always: hold, step: canary-10, before: 9m}}]\n"
    for text in (scenario, HEAD + table):
        done = run(folder, text)
        assert done.exit_code in (0, 3), done.output
        assert "error[" not in done.stderr


def test_the_example_of_the_readme_passes(folder):
    policy = blocks(README, "yaml")[0]
    (folder / "policy.yaml").write_text(policy, encoding="utf-8")
    (example,) = [block for block in blocks(README, "yaml") if "kind: PolicyTest" in block]
    done = run(folder, example)
    assert done.exit_code == 0, done.output


def test_every_form_and_event_is_in_the_page():
    assert all(f"`{{{form}: " in PAGE for form in _FORMS)
    listed = re.search(r"There are `([^`]*)`", PAGE)[1].split(", ")
    assert listed == [event.value for event in EventName]


def test_the_commands_are_commands(folder):
    """Those of the page, with their options."""
    for line in blocks(PAGE, "console")[0].splitlines():
        words = (
            line.removeprefix("$ canarypolicy ")
            .replace("policies/storefront/tests.yaml", "tests.yaml")
            .replace("policies/", ".")
            .split()
        )
        (folder / "tests.yaml").write_text(
            (ROOT / "policies" / "storefront" / "tests.yaml").read_text(encoding="utf-8"), encoding="utf-8"
        )
        assert canarypolicy(*words).exit_code == 0, line


def test_the_schema_line_is_that_of_editors():
    first = yaml.safe_load(blocks(PAGE, "yaml")[0])
    assert first["kind"] == "PolicyTest"
