"""
What the README and the docs show is what happens.
"""

import re
import shlex
from pathlib import Path

import pytest
from canarypolicy.commands import COMMANDS
from canarypolicy.derived import DERIVED
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.engine.sample import RawSample, admit_sample

from command_line import canarypolicy
from driver import ORIGIN_US, drive, program_of

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(text, language):
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_the_first_screen_runs_as_it_is_shown(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.yaml").write_text(blocks(README, "yaml")[0], encoding="utf-8")
    rows = [f"2026-05-01T10:0{minute}:00Z,{0.002 if minute == 0 else 0.05}" for minute in range(7)]
    (tmp_path / "metrics.csv").write_text("\n".join(["time,canary.error_rate_5xx", *rows, ""]), encoding="utf-8")
    shown = blocks(README, "console")[0]
    command, _, rest = shown.partition("\n")
    output, _, status = rest.partition("$ echo $?\n")
    done = canarypolicy(*shlex.split(command)[2:])
    assert done.stdout == output
    assert done.exit_code == int(status)
    assert canarypolicy("validate", "--strict", "policy.yaml").exit_code == 0


def test_every_command_is_in_the_readme():
    assert all(f"canarypolicy {name} " in README for name in COMMANDS)


@pytest.mark.parametrize("path", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("*/*/README.md"))])
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_every_derived_function_is_in_the_docs():
    text = (ROOT / "docs" / "derived.md").read_text(encoding="utf-8")
    assert all(f"`{name}" in text for name in DERIVED)


def test_the_example_of_the_derived_functions_is_right():
    text = (ROOT / "docs" / "derived.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if re.match(r"\| \d ", line)]
    names = ["mean", "sum", "count", "delta"]
    derived = "\n".join(f"  x.{name}: {{{name}: {{of: canary.errors, over: 3m}}}}" for name in names)
    program = program_of(
        signals=f"signals:\n  canary.errors: {{healthy: 0.1}}\nderived:\n{derived}",
        rules="slos: [{name: low, require: canary.errors < 99.0 && x.mean + x.sum + x.delta < 99.0 && x.count < 99, for: 1h}]",
        plan="plan:\n  every: 1m\n  max_gap: 90s\n  steps: [{name: full, weight: 100, min: 1h}]",
    )
    values = [None if row[1] == "missing" else float(row[1]) for row in rows]
    samples = [
        admit_sample(RawSample(at_us=ORIGIN_US + minute * 60 * SECOND_US, signals={"canary.errors": value}), program.signals)
        for minute, value in enumerate(values)
    ]
    for row, decision in zip(rows, drive(program, samples), strict=True):
        seen = next(reason for reason in decision.reasons if reason.rule == "low").values
        assert ["missing" if seen[f"x.{name}"] is None else str(seen[f"x.{name}"]) for name in names] == row[2:]


def test_the_transitions_in_the_architecture_are_those_of_the_table():
    from canarypolicy.engine.rollout import TRANSITIONS

    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    drawn = set(re.findall(r"^    ([a-z-]+) +-- ([a-z-]+) --> +([a-z-]+)$", text, re.MULTILINE))
    assert drawn == {(before.value, happening.value, after.value) for (before, happening), after in TRANSITIONS.items()}
