"""
`canarypolicy test --mutate` as a user sees it: the screen, the record, the missing tests, and what does not go together.
"""

import json

import pytest

from command_line import canarypolicy
from mutation.policies import SMALL, WEAK


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "policy.yaml").write_text(SMALL)
    (tmp_path / "tests.yaml").write_text(WEAK)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def no_solver(monkeypatch):
    def lacking():
        raise ImportError("No module named 'z3'")

    monkeypatch.setattr("canarypolicy.cel.terms.z3", lacking)


def test_without_a_solver_the_screen_says_so_and_lists_what_nobody_notices(folder, no_solver):
    done = canarypolicy("test", ".", "--mutate")
    assert done.exit_code == 0
    first, second, *_ = done.stdout.splitlines()
    assert first.startswith("policy.yaml: ") and first.endswith("by 1 scenario")
    assert second == (
        "  nothing was proved, so mutants that decide alike are counted: "
        "nothing can be proved: the library `z3-solver` is not installed; pip install 'canarypolicy[prove]'"
    )
    assert "may lose a rollback[rule-dropped]: rollback rule `high` is gone" in done.stdout
    assert "   help: add a scenario that passes now and fails with this change\n" in done.stdout


def test_too_few_noticed_mutants_end_in_3(folder, no_solver):
    done = canarypolicy("test", ".", "--mutate", "--fail-under", "90")
    assert done.exit_code == 3
    assert done.stdout.splitlines()[-1].endswith("of the mutants are noticed, less than the 90 % asked for")
    assert canarypolicy("test", ".", "--mutate", "--fail-under", "1").exit_code == 0


def test_the_record_has_all_mutants(folder, no_solver):
    done = canarypolicy("test", ".", "--mutate", "--format", "json")
    record = json.loads(done.stdout)
    (policy,) = record["policies"]
    assert policy["mutants"] == len(policy["killed"]) + len(policy["survivors"])
    assert record["score"] == pytest.approx(100 * len(policy["killed"]) / policy["mutants"])
    worst = policy["survivors"][0]
    assert (worst["danger"], worst["knowledge"], worst["location"]["path"]) == ("loses-rollback", "not-proved", "policy.yaml")
    assert policy["killed"][0]["by"] == {"path": "tests.yaml", "scenario": "a healthy rollout is complete"}


def test_the_missing_tests_are_written_ready_to_run(folder):
    """They pass, and with them beside the others every mutant that had one is noticed."""
    pytest.importorskip("z3")
    done = canarypolicy("test", "tests.yaml", "--mutate", "--write-missing", "missing.test.yaml")
    assert done.exit_code == 0
    assert "the missing tests are in missing.test.yaml\n" in done.stdout
    assert done.stdout.count("help: this test notices it:") == (folder / "missing.test.yaml").read_text().count("- name:") > 0
    assert "help: the test above notices it, too: " in done.stdout
    assert canarypolicy("test", ".").exit_code == 0
    again = canarypolicy("test", ".", "--mutate")
    assert again.stdout.count("help: this test notices it:") == 0
    assert "proved to decide alike in every history" in again.stdout


def test_failing_tests_are_told_and_nothing_is_mutated(folder):
    (folder / "tests.yaml").write_text(WEAK.replace("outcome: complete", "outcome: rolled-back"))
    done = canarypolicy("test", ".", "--mutate")
    assert done.exit_code == 3
    assert "noticed" not in done.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--write-missing", "x.yaml"], "`--write-missing` needs `--mutate`"),
        (["--mutate", "--coverage"], "`--coverage` and `--mutate` are two runs: ask for one of them"),
        (["--mutate", "-k", "x"], "`--mutate` needs all tests: leave `-k` out"),
        (["--mutate", "--format", "junit"], "`--mutate` has no format `junit`: formats are `text` and `json`"),
        (["--fail-under", "3"], "`--fail-under` needs `--coverage` or `--mutate`"),
    ],
    ids=["missing alone", "with coverage", "with -k", "junit", "fail-under alone"],
)
def test_what_does_not_go_together_is_a_mistake_in_the_command_line(folder, options, message):
    done = canarypolicy("test", ".", *options)
    assert done.exit_code == 2
    assert message in done.stderr
