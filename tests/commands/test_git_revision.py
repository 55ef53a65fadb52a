"""
Policies as git had them: found by what changed, read without touching the work tree.
"""

import os
import shutil
import subprocess

import pytest
from canarypolicy.commands import git_revision
from canarypolicy.commands.git_revision import changed_policies
from canarypolicy.errors import Unavailable

from reviewed import BASE

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")


def git(where, *arguments):
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"]
    return subprocess.run(["git", *who, *arguments], cwd=where, check=True, capture_output=True, text=True).stdout.strip()


def named(name, extra=""):
    return BASE.replace("{name: shop}", f"{{name: {name}}}") + extra


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with two policies, other YAML, and a folder for each."""
    for variable in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(variable)
    top = tmp_path / "shop ü"
    (top / "policies").mkdir(parents=True)
    (top / "more").mkdir()
    git(top, "init", "-q")
    (top / "policies" / "a.yaml").write_text(named("a"), newline="")
    (top / "more" / "b.yml").write_text(named("b"), newline="")
    (top / "deploy.yaml").write_text("apiVersion: apps/v1\nkind: Deployment\n")
    (top / "test.yaml").write_text("apiVersion: canarypolicy/v1\nkind: PolicyTest\n")
    (top / "notes.txt").write_text("nothing")
    git(top, "add", ".")
    git(top, "commit", "-q", "-m", "first")
    monkeypatch.chdir(top)
    return top


def shown(pairs):
    return [(each.old and each.old.path, each.new and each.new.path) for each in pairs]


def test_what_changed_is_found_and_nothing_is_touched(repository):
    """A changed, a new, a moved and a removed policy; the work tree stays as it is."""
    assert changed_policies("HEAD") == ()
    (repository / "policies" / "a.yaml").write_text(named("a", "# more\n"), newline="")
    (repository / "policies" / "new.yaml").write_text(named("new"), newline="")
    before = git(repository, "status", "--porcelain")
    (changed, new) = changed_policies("HEAD")
    assert shown([changed, new]) == [("HEAD:policies/a.yaml", "policies/a.yaml"), (None, "policies/new.yaml")]
    assert changed.old.data == named("a").encode()
    assert changed.new.data == named("a", "# more\n").encode()
    assert git(repository, "status", "--porcelain") == before
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "second")
    assert changed_policies("HEAD") == ()
    git(repository, "mv", "more/b.yml", "b.yaml")
    (repository / "b.yaml").write_text(named("b", "# moved\n"), newline="")
    (repository / "policies" / "new.yaml").unlink()
    moved, removed = changed_policies("HEAD")
    assert shown([moved, removed]) == [("HEAD:more/b.yml", "b.yaml"), ("HEAD:policies/new.yaml", None)]
    assert moved.is_moved


def test_paths_choose(repository, monkeypatch):
    """Files and folders, from wherever one stands; what was moved into a folder is in it."""
    (repository / "policies" / "a.yaml").write_text(named("a", "# more\n"), newline="")
    (repository / "more" / "b.yml").write_text(named("b", "# more\n"), newline="")
    assert shown(changed_policies("HEAD", ["more"])) == [("HEAD:more/b.yml", "more/b.yml")]
    monkeypatch.chdir(repository / "policies")
    assert shown(changed_policies("HEAD", ["a.yaml"])) == [("HEAD:policies/a.yaml", "a.yaml")]
    assert shown(changed_policies("HEAD", ["../more/b.yml"])) == [("HEAD:more/b.yml", str(repository / "more" / "b.yml"))]
    assert len(changed_policies("HEAD", [".."])) == len(changed_policies("HEAD")) == 2
    with pytest.raises(Unavailable, match=r"^there is no YAML file at `nowhere`"):
        changed_policies("HEAD", ["nowhere"])
    with pytest.raises(Unavailable, match=r"^`/` is outside of the git repository$"):
        changed_policies("HEAD", ["/"])


def test_a_policy_that_cannot_be_read_is_still_one(repository):
    """Its faults are told by whoever reads it; ignored files are nobody's."""
    (repository / "policies" / "a.yaml").write_text(named("a", "\n  - ["), newline="")
    (repository / ".gitignore").write_text("more/c.yaml\n")
    (repository / "more" / "c.yaml").write_text(named("c"), newline="")
    assert shown(changed_policies("HEAD")) == [("HEAD:policies/a.yaml", "policies/a.yaml")]


def test_what_git_cannot_answer_is_said(repository, tmp_path, monkeypatch):
    """No revision of that name, no repository, no git, no answer, a blob that is gone."""
    for name in ("nothing", "--help", "HEAD:policies/a.yaml"):
        with pytest.raises(Unavailable) as unknown:
            changed_policies(name)
        assert unknown.value.message.startswith(f"`{name}` is no revision of this git repository")
        assert "shallow clone" in unknown.value.help
    monkeypatch.setattr(git_revision, "_TIMEOUT_SECONDS", 0)
    with pytest.raises(Unavailable, match="did not end within 0 s"):
        changed_policies("HEAD")
    monkeypatch.undo()
    outside = tmp_path / "outside"
    outside.mkdir()
    monkeypatch.chdir(outside)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(Unavailable, match=r"^this is no git repository: "):
        changed_policies("HEAD")
    monkeypatch.setenv("PATH", str(outside))
    with pytest.raises(Unavailable, match=r"^`git` is not installed$"):
        changed_policies("HEAD")


def test_a_repository_without_yaml_has_no_policies(repository):
    """Nothing is asked of git for no files; a blob that is gone is said."""
    assert git_revision._contents(repository, ()) == []
    with pytest.raises(Unavailable, match="cannot read the blob `0000"):
        git_revision._contents(repository, (b"0" * 40,))


def test_a_file_that_may_not_be_read_is_said(repository, monkeypatch):
    """It is named as the user knows it."""

    def forbidden(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", forbidden)
    with pytest.raises(Unavailable, match=r"^cannot read `deploy.yaml`: permission denied$"):
        changed_policies("HEAD")
