"""
The GitHub action, the GitLab template and the pre-commit hook: their form, the command lines in them, and the action's scripts, run.

What GitHub's and GitLab's own schemas ask was read from them once; they are too large to keep here.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
import yaml
from canarypolicy.commands import COMMANDS

ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
GITLAB = yaml.safe_load((ROOT / "ci" / "gitlab-template.yml").read_text(encoding="utf-8"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
STORY = ROOT / "examples" / "reviews" / "threshold-loosened"
BASH = shutil.which("bash")

STEPS = {step.get("name", step.get("uses")): step for step in ACTION["runs"]["steps"]}
GITLAB_SCRIPTS = [line for job in GITLAB.values() for key in ("before_script", "script") for line in job.get(key, ())]


def command_lines():
    """Give each command line of ours in any of the files, its variables made plain words."""
    texts = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step] + GITLAB_SCRIPTS
    texts += [hook["entry"] for hook in HOOKS]
    for text in texts:
        for line in text.splitlines():
            if line.strip().startswith("canarypolicy "):
                plain = re.sub(r'"?\$(\{options\[@\]\}|options\b)"?', "--recordings x", line.partition(" || ")[0])
                yield re.sub(r"\$(\{[^}]*\}|\w+)", "x", plain).strip()


@pytest.mark.parametrize("line", list(command_lines()))
def test_each_command_line_is_one_of_ours(line):
    """Command, options, formats and choices are there; what a variable stands for is taken as any word."""
    _, name, *words = shlex.split(line)
    assert name in COMMANDS
    chosen = {"--fail-on": "looser", "--fail-under": "90"}
    words = [chosen.get(before, word) for before, word in zip(["", *words], words, strict=False)]
    command = import_module(COMMANDS[name].module).command
    command.make_context(name, [*words, "policies"], resilient_parsing=False, parent=click.Context(click.Group("canarypolicy")))


def test_there_are_command_lines():
    assert [line.split()[1] for line in command_lines()] == [
        "validate", "test", "review", "validate", "test", "review", "validate", "test",
    ]  # fmt: skip


def test_the_action_is_a_composite_action():
    assert ACTION.keys() <= {"name", "description", "author", "branding", "inputs", "outputs", "runs"}
    assert len(ACTION["description"]) <= 125
    assert ACTION["runs"]["using"] == "composite"
    assert {"fail-on", "recordings", "base", "paths", "version"} <= ACTION["inputs"].keys()
    for given in ACTION["inputs"].values():
        assert given.keys() == {"description", "default"}
        assert isinstance(given["default"], str)
    for given in ACTION["outputs"].values():
        assert given.keys() == {"description", "value"}
    for step in ACTION["runs"]["steps"]:
        assert step.keys() <= {"name", "id", "uses", "with", "run", "shell", "env"}
        assert ("run" in step) == ("shell" in step)
        assert ("run" in step) != ("uses" in step)


def test_no_input_becomes_text_of_a_script():
    """A branch or a path with a quote in it must stay a word."""
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def test_every_input_and_output_is_used():
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == ACTION["inputs"].keys()
    written = set(re.findall(r'echo "(\w+)=', STEPS["Review"]["run"] + STEPS["Test"]["run"]))
    assert (
        written
        == {re.search(r"outputs\.(\w+)", each["value"])[1] for each in ACTION["outputs"].values()}
        == ACTION["outputs"].keys()
    )


def test_the_gitlab_template_has_three_jobs():
    jobs = {name: job for name, job in GITLAB.items() if name != "variables" and not name.startswith(".")}
    assert jobs.keys() == {"canarypolicy-validate", "canarypolicy-test", "canarypolicy-review"}
    for job in jobs.values():
        assert job["extends"] == ".canarypolicy"
        assert all(isinstance(line, str) for line in job["script"])
        assert job["artifacts"]["when"] == "always"
    assert all(isinstance(value, str) for value in GITLAB["variables"].values())


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_runs_on_policies_only(hook):
    assert {"id", "name", "entry", "language"} <= hook.keys()
    assert re.search(hook["files"], "deploy/policies/shop.yaml")
    assert not re.search(hook["files"], "docker-compose.yaml")


@pytest.mark.skipif(BASH is None, reason="the scripts of the files are for bash")
@pytest.mark.parametrize(
    "script", [*(step["run"] for step in ACTION["runs"]["steps"] if "run" in step), "\n".join(GITLAB_SCRIPTS)]
)
def test_scripts_are_bash(script):
    done = subprocess.run([str(BASH), "-n"], input=script, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def runner(tmp_path):
    """A repository with one policy that was changed, a `canarypolicy` on the path, and what a runner of GitHub gives."""
    work, bin_ = tmp_path / "work", tmp_path / "bin"
    (work / "policies").mkdir(parents=True)
    bin_.mkdir()
    program = bin_ / "canarypolicy"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m canarypolicy "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "PATHS": "policies",
        "TESTS": "",
        "FAIL_UNDER": "0",
        "FAIL_ON": "looser",
        "RECORDINGS": "",
    }
    policy = work / "policies" / "checkout.yaml"
    shutil.copy(STORY / "old.yaml", policy)
    for arguments in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "old"],
    ):
        subprocess.run(["git", *arguments], cwd=work, check=True, capture_output=True)
    shutil.copy(STORY / "new.yaml", policy)

    def run(step, files=(), **variables):
        for name, text in dict(files).items():
            (work / name).write_text(text, encoding="utf-8")
        command = [str(BASH), "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", STEPS[step]["run"]]
        done = subprocess.run(command, cwd=work, env=environment | variables, capture_output=True, text=True, check=False)
        output = tmp_path / "output"
        told = dict(line.split("=", 1) for line in output.read_text().splitlines()) if output.exists() else {}
        summary = tmp_path / "summary.md"
        return done, told, summary.read_text(encoding="utf-8") if summary.exists() else ""

    return run


needs_bash = pytest.mark.skipif(BASH is None or os.name == "nt", reason="the action's scripts are for bash")


@needs_bash
def test_the_action_refuses_leaves_the_comment_and_says_so(runner):
    """Annotations on stdout, the comment in a file and in the summary, outputs, and the status of the review."""
    done, told, summary = runner("Review", BASE="HEAD")
    assert done.returncode == 3, done.stderr
    assert done.stdout.startswith("::error file=policies/checkout.yaml,line=14,")
    assert told["refused"] == "true"
    comment = Path(told["comment"]).read_text(encoding="utf-8")
    assert comment.startswith("<!-- canarypolicy-review -->\n")
    assert summary == comment
    assert all(Path(told[name]).exists() for name in ("json", "sarif"))


@needs_bash
def test_the_action_passes_recordings_on(runner):
    recordings = f"{ROOT / 'examples' / 'healthy'}\n{ROOT / 'examples' / 'flapping'}"
    done, told, summary = runner("Review", BASE="HEAD", RECORDINGS=recordings, FAIL_ON="never")
    assert (done.returncode, told["refused"]) == (0, "false"), done.stderr
    assert "of 2 recorded rollouts" in summary


@needs_bash
def test_the_action_leaves_no_comment_where_nothing_was_reviewed(runner):
    """A first push has no revision before it; one that cannot be fetched ends the step."""
    done, told, summary = runner("Review", BASE="0" * 40)
    assert (done.returncode, told) == (0, {})
    assert "nothing is reviewed" in summary
    done, told, _ = runner("Review", BASE="f" * 40)
    assert done.returncode not in (0, 3)
    assert told == {}


@needs_bash
def test_the_action_validates(runner):
    done, _, _ = runner("Validate", PATHS=f"policies\n{STORY / 'old.yaml'}")
    assert done.returncode == 0, done.stderr
    assert "2 documents: no errors" in done.stderr


@needs_bash
def test_the_action_runs_the_storefronts_tests(runner):
    """Coverage, both files, and the status of the tests."""
    done, told, _ = runner("Test", TESTS=str(ROOT / "policies" / "storefront"), FAIL_UNDER="100")
    assert done.returncode == 0, done.stderr
    assert 'failures="0"' in Path(told["junit"]).read_text(encoding="utf-8")
    assert "BRDA:" in Path(told["lcov"]).read_text(encoding="utf-8")


@needs_bash
def test_the_action_marks_what_fails(runner):
    """Tests in and below the paths are found by themselves; one that fails is an annotation, and the step fails."""
    tests = "apiVersion: canarypolicy/v1\nkind: PolicyTest\nmetadata: {name: x}\npolicy: checkout.yaml\ntests:\n"
    done, told, _ = runner(
        "Test", files={"policies/tests.yaml": f"{tests}  - {{name: x, lasts: 1m, expect: [{{outcome: complete}}]}}\n"}
    )
    assert done.returncode == 3, done.stderr
    assert done.stdout.startswith("::error file=policies/tests.yaml,line=6,")
    assert 'failures="1"' in Path(told["junit"]).read_text(encoding="utf-8")


@needs_bash
def test_the_action_tests_nothing_where_there_are_no_tests(runner):
    """Without tests it says so; tests that were asked for and are not there fail."""
    done, told, summary = runner("Test")
    assert (done.returncode, told) == (0, {})
    assert "nothing is tested" in summary
    done, _, _ = runner("Test", TESTS="policies")
    assert done.returncode == 1


def test_this_repository_reviews_its_own_policies():
    """What the last commit changed is looked at; in a clone of a single commit there is nothing to hold it against."""
    known = subprocess.run(["git", "rev-parse", "--verify", "--quiet", "HEAD~1"], cwd=ROOT, capture_output=True, check=False)
    if known.returncode != 0:
        pytest.skip("this clone knows no commit before the last one")
    command = [sys.executable, "-m", "canarypolicy", "review", "--base", "HEAD~1", "policies", "--fail-on", "never"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "(--fail-on never)" in done.stdout or done.stdout == "no policy was changed\n"
