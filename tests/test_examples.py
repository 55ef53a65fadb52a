"""
Every story of `examples/`: the recording is what the generator makes, and the command line says what is written beside it.
"""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import canarypolicy as run

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
LITERAL = "policies/storefront/policy.yaml"
CAREFUL = "examples/careful-storefront/policy.yaml"

OUTCOMES = {
    # story: (literally, with care)
    "blocked-sales": ("rolled-back", "rolled-back"),
    "dead-metrics": ("holding", "rolled-back"),
    "errors-at-10": ("rolled-back", "rolled-back"),
    "flapping": ("holding", "rolled-back"),
    "healthy": ("complete", "complete"),
    "shared-incident": ("rolled-back", "complete"),
    "slow-at-50": ("holding", "holding"),
}
GOLDENS = {"expected.txt": LITERAL, "expected-careful.txt": CAREFUL}


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("generate", EXAMPLES / "generate.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["generate"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules["generate"]


def test_every_recording_in_the_folder_belongs_to_a_story(generator):
    """A recording without a story, or a story without a recording, would be run by nobody."""
    on_disk = {path.parent.name for path in EXAMPLES.glob("*/recording.jsonl")}
    assert on_disk == {story.name for story in generator.STORIES} == set(OUTCOMES)


@pytest.mark.parametrize("story", OUTCOMES)
def test_the_generator_makes_the_recording_to_the_byte(generator, story):
    """The same seed makes the same recording on every machine and in every Python."""
    made = next(generator.recording_of(each) for each in generator.STORIES if each.name == story)
    assert (EXAMPLES / story / "recording.jsonl").read_bytes() == made.encode()
    assert len(made.splitlines()) < 300


def test_check_mode_finds_a_recording_that_was_edited(generator, tmp_path, monkeypatch, capsys):
    """`--check` fails on an edited file and repairs nothing; a plain run repairs it."""
    monkeypatch.setattr(generator, "FOLDER", tmp_path)
    assert generator.main([]) == 0
    assert generator.main(["--check"]) == 0
    path = tmp_path / "healthy" / "recording.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("0.00", "0.01", 1), encoding="utf-8")
    assert generator.main(["--check"]) == 1
    assert capsys.readouterr().err == "healthy/recording.jsonl is not what this generator makes\n"
    assert generator.main([]) == 0
    assert generator.main(["--check"]) == 0


@pytest.mark.parametrize("name", GOLDENS)
@pytest.mark.parametrize("story", OUTCOMES)
def test_replay_prints_what_the_story_expects(story, name, golden):
    """What a reader finds in the folder is what the command prints today, byte for byte."""
    result = run("replay", GOLDENS[name], f"examples/{story}/recording.jsonl", "--no-color")
    assert result.exit_code == 0, result.output
    golden(EXAMPLES / story / name, result.stdout)


@pytest.mark.parametrize(
    ("story", "policy", "outcome"),
    [(story, policy, outcomes[index]) for story, outcomes in OUTCOMES.items() for index, policy in enumerate(GOLDENS.values())],
)
def test_each_story_ends_as_the_table_in_the_readme_says(story, policy, outcome):
    """`--expect` agrees with the outcome, and only with it."""
    others = {"complete", "holding", "rolled-back"} - {outcome}
    recording = f"examples/{story}/recording.jsonl"
    assert run("replay", policy, recording, "--quiet", "--expect", outcome).exit_code == 0
    assert run("replay", policy, recording, "--quiet", "--expect", min(others)).exit_code == 3


def test_the_readme_has_the_same_table():
    """The outcomes that the README promises are those that are tested."""
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for story, (literally, carefully) in OUTCOMES.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| [{story}]"))
        _, _, first, second, _ = (cell.strip().strip("*") for cell in row.split("|"))
        assert first.startswith(literally)
        assert second.startswith(carefully)


@pytest.mark.parametrize(
    ("story", "policy", "outcome"),
    [(story, policy, outcomes[index]) for story, outcomes in OUTCOMES.items() for index, policy in enumerate(GOLDENS.values())],
)
def test_only_a_rollback_makes_a_story_counterfactual(story, policy, outcome):
    """Recorded steps are entered when the policy enters them; its people went on only where the policy would have gone back."""
    (rollout,) = json.loads(run("replay", policy, f"examples/{story}/recording.jsonl", "--format", "json").stdout)["rollouts"]
    assert ("counterfactual_from" in rollout) == (outcome == "rolled-back")


@pytest.mark.parametrize(("snapshot", "status"), [("healthy", 4), ("unhealthy", 5)])
def test_a_snapshot_alone_holds_or_rolls_back(snapshot, status):
    """One good sample is no evidence for going on; one data incident is enough for going back."""
    result = run("evaluate", LITERAL, "--metrics", f"examples/snapshot/{snapshot}.json", "--step", "canary-10")
    assert result.exit_code == status, result.output


@pytest.mark.parametrize(
    "path",
    sorted({path.relative_to(ROOT).as_posix() for path in EXAMPLES.glob("**/*.yaml")} - {"examples/plug-in/environment.yaml"}),
)
def test_every_document_in_the_examples_is_valid(path):
    """A reader may start from any of them; the one that needs a plug-in has `tests/test_plug_ins.py`."""
    result = run("validate", path)
    assert result.exit_code == 0, result.output


def test_the_generator_runs_as_a_script():
    """The README's command works from the root."""
    done = subprocess.run(
        [sys.executable, "examples/generate.py", "--check"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
