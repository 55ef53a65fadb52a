"""
Files that users name: what cannot be read says why, and a folder or pattern stands for what is in it.
"""

import os

import pytest
from canarypolicy.commands import inputs
from canarypolicy.commands.inputs import expand, read_file, without_patterns
from canarypolicy.errors import Unavailable

from command_line import canarypolicy


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("b.csv", "a.CSV", "x.txt", ".git/c.csv", "deep/d.csv.gz", "deep/er/e.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_folder_stands_for_the_files_in_and_below_it_that_end_so(folder):
    """In the order of their names, whatever the case of the ending; hidden folders are passed over."""
    found = [path.replace(os.sep, "/") for path in expand([".", "x.txt"], (".csv", ".csv.gz"))]
    assert found == ["./a.CSV", "./b.csv", "./deep/d.csv.gz", "./deep/er/e.csv", "x.txt"]


def test_a_folder_with_nothing_to_look_at_is_no_success(folder):
    with pytest.raises(Unavailable, match=r"no file in `deep` ends in `\.yaml` or `\.yml`"):
        expand(["deep"], (".yaml", ".yml"))


def test_a_pattern_stands_for_what_it_matches(folder):
    """For shells that do not expand it; one that matches nothing, and a file with that very name, stay as they are."""
    assert without_patterns(["*.csv", "*.json", "b.csv"]) == ["b.csv", "*.json", "b.csv"]
    if os.name != "nt":
        (folder / "[b].csv").write_text("")
        assert without_patterns(["[b].csv"]) == ["[b].csv"]


@pytest.mark.parametrize(
    ("path", "why"),
    [("nowhere.csv", "there is no file `nowhere.csv`"), ("deep", "`deep` is a folder, a file was expected")],
)
def test_what_cannot_be_read_says_why(folder, path, why):
    with pytest.raises(Unavailable) as unavailable:
        read_file(path)
    assert unavailable.value.message == why


def test_other_faults_of_the_system_are_told_in_its_words(folder, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(inputs, "open", refuse, raising=False)
    with pytest.raises(Unavailable) as unavailable:
        read_file("b.csv")
    assert unavailable.value.message == "cannot read `b.csv`: permission denied"


def test_a_document_of_another_kind_in_a_folder_is_left_alone(folder):
    """`validate` of a folder looks at what says it is ours; a file that is named must be ours."""
    (folder / "chart.yaml").write_text("apiVersion: v2\nkind: Chart\n")
    done = canarypolicy("validate", ".")
    assert done.exit_code == 1
    assert "no YAML file in `.` has an `apiVersion` of canarypolicy" in done.stderr
    done = canarypolicy("validate", "chart.yaml")
    assert done.exit_code == 3
    assert "chart.yaml:1:13: error[" in done.stdout
