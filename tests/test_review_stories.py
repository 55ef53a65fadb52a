"""
The ten changes of `examples/reviews/`: what each does is proved, shown and pinned as the comment that a pull request gets.
"""

import json
import re
from pathlib import Path

import pytest

from command_line import canarypolicy

ROOT = Path(__file__).parent.parent
STORIES = ROOT / "examples" / "reviews"

EXPECTED = {
    # story: (standing, what a history shows)
    "for-doubled": ("looser", {"rollback-to-hold"}),
    "limited-to-one-step": ("looser", {"rollback-to-hold"}),
    "min-shortened": ("looser", {"hold-to-advance"}),
    "ratio-rewritten": ("equivalent", set()),
    "regex-on-declared-values": ("equivalent", set()),
    "reordered": ("equivalent", set()),
    "rule-deleted": ("looser", {"rollback-to-advance", "rollback-to-hold", "hold-to-advance"}),
    "step-inserted": ("equivalent", set()),
    "threshold-loosened": ("looser", {"rollback-to-hold"}),
    "unit-mistake": ("looser", {"rollback-to-hold"}),
}


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)


def reviewed(story, *options):
    return canarypolicy("review", f"examples/reviews/{story}/old.yaml", f"examples/reviews/{story}/new.yaml", *options)


@pytest.mark.parametrize("story", EXPECTED)
def test_a_story_is_what_it_is_said_to_be(story):
    """The verdicts, whatever values show them: looser is refused, and all that is not shown is proved."""
    standing, changes = EXPECTED[story]
    done = reviewed(story, "--format", "json")
    (policy,) = json.loads(done.stdout)["policies"]
    assert policy["standing"] == standing
    shown = {f"{each['old']}-to-{each['new']}" for each in policy["transitions"] if each["certainty"] == "witness"}
    assert shown == changes
    other = {each["certainty"] for each in policy["transitions"]} - {"witness"}
    assert other == ({"proved", "rounding-only"} if story == "ratio-rewritten" else {"proved"})
    assert done.exit_code == (3 if standing == "looser" else 0)


@pytest.mark.parametrize("story", EXPECTED)
def test_the_comment_is_the_pinned_one(story, golden):
    """What a reader finds in the folder is what the command writes today, whatever else was proved before in this process."""
    done = reviewed(story, "--format", "markdown")
    assert done.stderr == ""
    golden(STORIES / story / "review.md", done.stdout)


def test_the_readme_has_the_same_table():
    rows = re.findall(r"^\| \[([a-z-]+)\].*\| (\w+) \|$", (STORIES / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows) == {story: standing for story, (standing, _) in EXPECTED.items()}
    assert {path.parent.name for path in STORIES.glob("*/old.yaml")} == EXPECTED.keys()


@pytest.mark.parametrize("story", sorted(name for name, (_, changes) in EXPECTED.items() if changes))
def test_each_witness_replays_as_the_comment_says(story, tmp_path):
    """`--witness-dir` writes recordings, and the command that is printed for each shows both decisions."""
    done = reviewed(story, "--format", "json", "--witness-dir", str(tmp_path))
    (policy,) = json.loads(done.stdout)["policies"]
    shown = [each for each in policy["transitions"] if each["witness"] is not None]
    remarked = [each["witness"] for each in policy["remarks"] if each["witness"] is not None]
    files = {witness["file"] for witness in (*remarked, *(each["witness"] for each in shown))}
    assert files == {path.name for path in tmp_path.glob("*.jsonl")}
    for each in shown:
        path = str(tmp_path / each["witness"]["file"])
        command = ["replay", policy["new_path"], path, "--follow", "recording", "--against", policy["old_path"]]
        (rollout,) = json.loads(canarypolicy(*command, "--format", "json", "--all").stdout)["rollouts"]
        assert rollout["decisions"][-1]["decision"] == each["new"]
        assert rollout["against"]["decisions"][-1]["decision"] == each["old"]


def test_the_page_shows_what_is_printed(monkeypatch):
    """The example of docs/review.md is the first story, from its own folder; what follows it there is left out."""
    page = (ROOT / "docs" / "review.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```\n(checkout .*?)```", page, re.DOTALL)
    monkeypatch.chdir(STORIES / "threshold-loosened")
    assert canarypolicy("review", "old.yaml", "new.yaml").stdout.startswith(example)
