"""
PolicyTest files: which are found, and what each is read with.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from canarypolicy.commands.policy_test_runs import Choice, run_files
from canarypolicy.commands.policy_tests import PolicyTestReader, find_tests
from canarypolicy.errors import InvalidInput, Unavailable

from driver import policy_text

TESTS = """\
apiVersion: canarypolicy/v1
kind: PolicyTest
metadata: {name: x}
policy: POLICY
tests:
  - {name: good, lasts: 10m, expect: [{outcome: complete}]}
  - {name: bad, series: {canary.errors: '0.03x4'}, expect: [{outcome: OUTCOME}]}
"""


def written(path, policy="policy.yaml", outcome="rolled-back"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(TESTS.replace("POLICY", policy).replace("OUTCOME", outcome), encoding="utf-8")
    return str(path)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policy.yaml").write_text(policy_text(), encoding="utf-8")
    return tmp_path


def test_files_that_are_called_like_tests_are_found(folder):
    """Beside policies, at any depth, whatever else lies about; hidden folders are passed over."""
    names = [
        "tests.yaml",
        "a/test.yaml",
        "a/b/shop.test.yaml",
        "a/tests.yml",
        ".git/tests.yaml",
        "a/latest.yaml",
        "a/mytests.yaml",
    ]
    for name in names:
        written(folder / name)
    assert [Path(path).as_posix() for path in find_tests(["."])] == [
        "tests.yaml", "a/test.yaml", "a/tests.yml", "a/b/shop.test.yaml",
    ]  # fmt: skip
    assert find_tests(["a/mytests.yaml", "a/*.yml", "a/tests.yml"]) == ["a/mytests.yaml", "a/tests.yml"]


def test_a_folder_without_tests_is_said(folder):
    with pytest.raises(Unavailable, match="is called like a test"):
        find_tests(["."])


def test_a_policy_is_compiled_once_for_all_that_name_it(folder):
    reader = PolicyTestReader()
    paths = [written(folder / "tests.yaml"), written(folder / "a" / "tests.yaml", "../policy.yaml")]
    first, second = (reader.read(path) for path in paths)
    assert first.program is second.program
    assert reader.read(paths[0]) is first


def test_what_is_wrong_with_a_policy_is_told_for_each_that_names_it(folder):
    (folder / "policy.yaml").write_text(policy_text().replace("every: 1m", "evry: 1m"), encoding="utf-8")
    reader = PolicyTestReader()
    for path in [written(folder / "tests.yaml"), written(folder / "a" / "tests.yaml", "../policy.yaml")]:
        with pytest.raises(InvalidInput) as invalid:
            reader.read(path)
        assert [finding.name for finding in invalid.value.findings] == ["unknown-key"]


@pytest.mark.parametrize("covers", [False, True])
def test_workers_change_nothing(folder, covers):
    """However many there are, the same files pass and fail, and as much is covered."""
    paths = [
        written(folder / "tests.yaml"),
        written(folder / "a" / "tests.yaml", "../policy.yaml", "complete"),
        written(folder / "b" / "tests.yaml", "gone.yaml"),
    ]
    one, two = (run_files(paths, Choice(covers=covers), jobs) for jobs in (1, 2))
    for run in (one, two):
        assert [(len(file.scenarios), len(file.failed)) for file in run.files] == [(2, 0), (2, 1)]
        assert [finding.name for finding in run.findings] == ["unreadable-policy"]
    if covers:
        (ours,), (theirs,) = one.coverage, two.coverage
        assert ours.seen == theirs.seen
        assert 0 < one.percent == two.percent < 100
        assert ours.seen.total() == 2 * run_files(paths[:1], Choice(covers=True), 1).coverage[0].seen.total()


def test_a_choice_by_name(folder):
    path = written(folder / "tests.yaml")
    run = run_files([path], Choice(texts=("GOO",)), 1)
    assert ([each.name for each in run.files[0].scenarios], run.unselected) == (["good"], 1)


def test_nothing_to_cover_is_covered(folder):
    run = run_files([written(folder / "tests.yaml", "gone.yaml")], Choice(covers=True), 1)
    assert (run.coverage, run.percent) == ((), 100.0)
