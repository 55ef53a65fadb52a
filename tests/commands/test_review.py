"""
`canarypolicy review` at the command line: which policies are held against which, what is written, and how it ends.
"""

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from canarypolicy.review.validation import Mismatch

from command_line import canarypolicy

ROOT = Path(__file__).parents[2]
STORY = ROOT / "examples" / "reviews" / "threshold-loosened"
OLD = (STORY / "old.yaml").read_text(encoding="utf-8")
NEW = (STORY / "new.yaml").read_text(encoding="utf-8")
BROKEN = OLD.replace("canary.error_rate < 0.01", "canary.eror_rate < 0.01")


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def git(*arguments):
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """One commit with the old policy and another one."""
    monkeypatch.chdir(tmp_path)
    git("init", "--quiet", "--initial-branch=main")
    write(tmp_path / "policies" / "checkout.yaml", OLD)
    write(tmp_path / "policies" / "search.yaml", OLD.replace("checkout", "search"))
    git("add", ".")
    git("commit", "--quiet", "--message=old")
    return tmp_path


def policies(done):
    return json.loads(done.stdout)["policies"]


def test_what_git_sees_changed_is_reviewed_and_nothing_is_touched(repository):
    write(repository / "policies" / "checkout.yaml", NEW)
    done = canarypolicy("review", "--base", "HEAD", "--format", "json")
    (policy,) = policies(done)
    assert (policy["old_path"], policy["new_path"]) == ("HEAD:policies/checkout.yaml", "policies/checkout.yaml")
    assert (policy["standing"], done.exit_code) == ("looser", 3)
    assert (repository / "policies" / "checkout.yaml").read_text(encoding="utf-8") == NEW


def test_the_command_for_a_witness_runs_as_it_is_printed(repository):
    write(repository / "policies" / "checkout.yaml", NEW)
    done = canarypolicy("review", "--base", "main", "--witness-dir", "w")
    (line,) = {each.strip() for each in done.stdout.splitlines() if "canarypolicy replay" in each and "canary-10" in each}
    show, replay = line.split(" | ")
    assert show == "git show main:policies/checkout.yaml"
    old = subprocess.run(show.split(), check=True, capture_output=True).stdout
    replayed = canarypolicy(*replay.split()[1:], "--format", "json", stdin=old)
    (rollout,) = json.loads(replayed.stdout)["rollouts"]
    assert (rollout["decisions"][-1]["decision"], rollout["against"]["decisions"][-1]["decision"]) == ("hold", "rollback")


def test_a_witness_is_a_ready_test_as_well(repository):
    """It names the policy as seen from its own folder, and pins what is decided now."""
    write(repository / "policies" / "checkout.yaml", NEW)
    canarypolicy("review", "--base", "main", "--witness-dir", "tests/witnesses")
    test = yaml.safe_load((repository / "tests" / "witnesses" / "checkout-canary-10-rollback-hold.test.yaml").read_text())
    assert (test["kind"], test["policy"]) == ("PolicyTest", "../../policies/checkout.yaml")
    assert test["tests"][0]["expect"] == [{"at": "5m", "decision": "hold", "because": ["few-errors", "min-duration"]}]


def test_policies_come_go_and_move(repository):
    """A policy that only lies somewhere else is no change; one that is changed as well is found by its name."""
    (repository / "policies" / "search.yaml").unlink()
    (repository / "policies" / "checkout.yaml").unlink()
    write(repository / "policies" / "pay.yaml", NEW)
    write(repository / "policies" / "new.yaml", OLD.replace("checkout", "cart"))
    done = canarypolicy("review", "--base", "HEAD", "policies", "--format", "json")
    assert {policy["policy"]: (policy["old_path"], policy["new_path"]) for policy in policies(done)} == {
        "cart": (None, "policies/new.yaml"),
        "checkout": ("HEAD:policies/checkout.yaml", "policies/pay.yaml"),
        "search": ("HEAD:policies/search.yaml", None),
    }
    assert done.exit_code == 3
    marked = canarypolicy("review", "--base", "HEAD", "--format", "github").stdout
    assert "file=policies/search.yaml," in marked


def test_nothing_changed(repository):
    done = canarypolicy("review", "--base", "HEAD")
    assert (done.exit_code, done.stdout) == (0, "no policy was changed\n")


def test_an_old_policy_that_was_never_valid_is_as_good_as_none(repository):
    write(repository / "policies" / "checkout.yaml", BROKEN)
    git("commit", "--quiet", "--all", "--message=broken")
    write(repository / "policies" / "checkout.yaml", OLD)
    done = canarypolicy("review", "--base", "HEAD", "--format", "json")
    assert done.exit_code == 0
    assert "`HEAD:policies/checkout.yaml` was not valid, so there is nothing to hold the new policy against" in done.stderr
    assert [policy["old_path"] for policy in policies(done)] == [None]


def test_every_fault_of_every_new_policy_is_told_at_once(repository):
    for name in ("checkout", "search"):
        write(repository / "policies" / f"{name}.yaml", BROKEN)
    done = canarypolicy("review", "--base", "HEAD")
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.count("error[undeclared-signal]") == 2


@pytest.mark.parametrize("arguments", [("--base", "nowhere"), ("--base", "HEAD", "../elsewhere")])
def test_what_git_cannot_tell_is_no_review(repository, arguments):
    done = canarypolicy("review", *arguments)
    assert (done.exit_code, done.stdout) == (1, "")


def test_two_folders_are_paired_by_where_each_policy_lies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a" / "x" / "checkout.yaml", OLD)
    write(tmp_path / "b" / "x" / "checkout.yaml", NEW)
    for side in "ab":
        write(tmp_path / side / "same.yaml", OLD.replace("checkout", "same"))
        write(tmp_path / side / "other.yaml", "not: ours\n")
    done = canarypolicy("review", "a", "b", "--format", "json")
    assert [policy["policy"] for policy in policies(done)] == ["checkout"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["old.yaml"], "a review needs OLD and NEW", id="one file"),
        pytest.param([], "a review needs OLD and NEW", id="none"),
        pytest.param(["old.yaml", "folder"], "two policies or two folders", id="a file and a folder"),
        pytest.param(["old.yaml", "new.yaml", "--headroom"], "--headroom needs --recordings", id="headroom of nothing"),
    ],
)
def test_usage(tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "old.yaml", OLD)
    write(tmp_path / "new.yaml", NEW)
    (tmp_path / "folder").mkdir()
    done = canarypolicy("review", *arguments)
    assert done.exit_code == 2
    assert said in done.stderr


@pytest.mark.parametrize(("fail_on", "status"), [("looser", 3), ("any", 3), ("unknown", 0), ("never", 0)])
def test_what_ends_in_3(fail_on, status):
    done = canarypolicy("review", str(STORY / "old.yaml"), str(STORY / "new.yaml"), "--fail-on", fail_on)
    assert done.exit_code == status


def test_an_old_file_that_is_invalid_is_told():
    """Only git and folders may have an old side that is none."""
    done = canarypolicy("review", "-", str(STORY / "new.yaml"), stdin=BROKEN.encode())
    assert (done.exit_code, done.stdout) == (3, "")
    assert "-:10:33: error[undeclared-signal]" in done.stderr


def test_a_folder_that_cannot_be_made_is_the_worlds_fault(tmp_path):
    (tmp_path / "file").write_text("")
    done = canarypolicy("review", str(STORY / "old.yaml"), str(STORY / "new.yaml"), "--witness-dir", str(tmp_path / "file" / "w"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "cannot make the folder" in done.stderr


def test_recordings_and_headroom(monkeypatch):
    monkeypatch.chdir(ROOT)
    options = ("--recordings", "examples/errors-at-10", "--recordings", "examples/healthy", "--headroom", "--format", "json")
    done = canarypolicy("review", "policies/storefront/policy.yaml", "policies/storefront/policy.yaml", *options)
    (policy,) = policies(done)
    assert policy["recordings"] == {"changed": [], "same": {"rolled-back": 1, "complete": 1}}
    assert {limit["rule"] for limit in policy["headroom"]} >= {"error-rate-5xx", "error-rate-5xx-low", "latency-p95"}
    assert done.exit_code == 0


def test_an_invalid_recording_is_no_review(tmp_path):
    write(tmp_path / "bad.jsonl", "{}\n")
    done = canarypolicy("review", str(STORY / "old.yaml"), str(STORY / "new.yaml"), "--recordings", str(tmp_path))
    assert (done.exit_code, done.stdout) == (3, "")


def test_sarif_carries_the_pages():
    done = canarypolicy("review", str(STORY / "old.yaml"), str(STORY / "new.yaml"), "--format", "sarif")
    rule, *_ = json.loads(done.stdout)["runs"][0]["tool"]["driver"]["rules"]
    assert rule["id"] == "rollback-to-hold"
    assert rule["help"]["markdown"].startswith("# rollback-to-hold\n")


@pytest.fixture
def _without_the_solver(monkeypatch):
    def lacking():
        raise ImportError("No module named 'z3'")

    monkeypatch.setattr("canarypolicy.cel.terms.z3", lacking)


@pytest.mark.usefixtures("_without_the_solver")
def test_without_the_solver_a_change_is_searched_and_that_is_said_once(tmp_path):
    for name in ("one", "two"):
        write(tmp_path / "a" / f"{name}.yaml", OLD.replace("checkout", name))
        write(tmp_path / "b" / f"{name}.yaml", NEW.replace("checkout", name))
    done = canarypolicy("review", str(tmp_path / "a"), str(tmp_path / "b"))
    assert done.exit_code == 3
    assert done.stdout.count("nothing was proved: the library `z3-solver` is not installed") == 1
    assert "`pip install 'canarypolicy[prove]'` gets it" in done.stdout
    assert done.stdout.count("  looser: rollback becomes hold in `canary-10` and `full`\n      a history does this") == 2
    assert "  perhaps looser: hold becomes advance" in done.stdout
    assert "proved for every history" not in done.stdout


@pytest.mark.usefixtures("_without_the_solver")
@pytest.mark.parametrize(("fail_on", "status"), [("looser", 3), ("any", 3), ("unknown", 3), ("never", 0)])
def test_what_was_only_searched_is_not_known(fail_on, status):
    """A change that is stricter passes with a proof and is refused without one."""
    done = canarypolicy("review", str(STORY / "new.yaml"), str(STORY / "old.yaml"), "--fail-on", fail_on)
    assert done.exit_code == status


@pytest.mark.usefixtures("_without_the_solver")
def test_without_the_solver_the_same_policy_still_passes():
    reordered = STORY.parent / "reordered"
    assert canarypolicy("review", str(STORY / "old.yaml"), str(STORY / "old.yaml")).exit_code == 0
    assert canarypolicy("review", str(reordered / "old.yaml"), str(reordered / "old.yaml"), "--fail-on", "any").exit_code == 0


@pytest.mark.usefixtures("_without_the_solver")
def test_proofs_that_were_asked_for_by_name_need_the_solver():
    done = canarypolicy("validate", "--prove", str(STORY / "old.yaml"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "help: pip install 'canarypolicy[prove]'" in done.stderr


def test_a_proof_that_does_not_read_as_the_engine_does_ends_in_1_and_says_nothing_else(monkeypatch, tmp_path):
    mismatch = Mismatch(what="rule `errors`", point="`x` = 0.02", expected="true", found="false")
    monkeypatch.setattr("canarypolicy.review.proving.rule_mismatches", lambda _: iter([mismatch]))
    options = ("--fail-on", "never", "--witness-dir", str(tmp_path / "w"), "--output", f"markdown={tmp_path / 'x.md'}")
    done = canarypolicy("review", str(STORY / "old.yaml"), str(STORY / "new.yaml"), *options)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "rule `errors` at `x` = 0.02: the engine gives true, the proof false" in done.stderr
    assert list(tmp_path.iterdir()) == []
