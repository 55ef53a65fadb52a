"""
Faulty documents and recordings at the command line: the whole message on the right stream, status 3, nothing else.

The messages are those of `tests/cases`; here it is said that nothing is lost or added on the way to the user.
"""

from pathlib import Path

import pytest

from command_line import canarypolicy

CASES = Path(__file__).parents[1] / "cases"
STOREFRONT = str(CASES.parents[1] / "policies" / "storefront" / "policy.yaml")

OF_ANOTHER_KIND = "another_kind"
"""An Environment: as such it may be right, and a policy it is not."""
DOCUMENTS = [path.parent for path in sorted((CASES / "documents").glob("*/policy.yaml")) if path.parent.name != OF_ANOTHER_KIND]
RECORDINGS = sorted(path for path in (CASES / "recordings").iterdir() if path.suffix not in (".expected", ".json"))

HEAD = "apiVersion: canarypolicy/v1\nkind: RolloutPolicy\nmetadata: {name: x}\n"
"""The header of documents that are too large or too odd to be kept as files."""


def policy_with(rule):
    return (
        f"{HEAD}signals:\n  a.b: {{healthy: 0.0}}\nslos:\n  - {{name: low, require: a.b < 1.0}}\n"
        f"rollback:\n  - {{name: high, when: '{rule}'}}\n"
        "plan: {every: 1m, steps: [{name: full, weight: 100, min: 1m, max: 9m}]}\n"
    )


MADE = {
    "10 MB of comment": (HEAD + "# a comment\n" * 900_000, "document-too-large"),
    "an expression of 5,000 characters": (policy_with("a.b > 2.0 || " * 400 + "false"), "expression-too-long"),
    "an expression nested 60 deep": (policy_with("(" * 60 + "a.b > 2.0" + ")" * 60), "expression-too-nested"),
    "no text at all": ("", "empty-document"),
    "a binary file": ("\x00\x01\x02" * 99, "control-character"),
    "a later version": (HEAD.replace("canarypolicy/v1", "canarypolicy/v9"), "unknown-version"),
}


@pytest.fixture
def in_cases(monkeypatch):
    def enter(folder):
        monkeypatch.chdir(folder)

    return enter


@pytest.mark.parametrize("folder", DOCUMENTS, ids=lambda folder: folder.name)
def test_validate_tells_the_findings_of_a_document(folder, in_cases):
    """What is pinned for the document is what stands on stdout, and the status says whether it is valid."""
    in_cases(folder)
    done = canarypolicy("validate", "policy.yaml")
    expected = (folder / "expected.txt").read_text(encoding="utf-8")
    told = [block for block in expected.split("\n\n") if block]
    assert all(block.rstrip("\n") in done.stdout for block in told)
    assert done.exit_code == (3 if "error[" in done.stdout else 0)


@pytest.mark.parametrize(
    "folder", [folder for folder in DOCUMENTS if "error[" in (folder / "expected.txt").read_text("utf-8")], ids=lambda f: f.name
)
def test_a_faulty_policy_judges_nothing(folder, in_cases):
    """Evaluating and replaying by a policy with errors gives its errors on stderr, no result, and status 3."""
    in_cases(folder)
    errors = [
        block for block in (folder / "expected.txt").read_text("utf-8").split("\n\n") if "error[" in block.split("\n", 1)[0]
    ]
    for command in (["evaluate", "policy.yaml", "--metrics", "x.csv"], ["replay", "policy.yaml", "x.csv"]):
        done = canarypolicy(*command)
        assert done.exit_code == 3
        assert done.stdout == ""
        assert all(block.rstrip("\n") in done.stderr for block in errors)


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.name)
def test_a_faulty_recording_is_told_and_nothing_is_judged(path, in_cases):
    """An error ends in 3 with the message as pinned; a torn last line is a note, and its recording is replayed."""
    in_cases(path.parent)
    expected = Path(f"{path}.expected").read_text("utf-8").rstrip("\n")
    done = canarypolicy("replay", STOREFRONT, path.name)
    assert expected in done.stderr
    if "error[" in expected:
        assert done.exit_code == 3
        assert len(done.stdout.splitlines()) <= 1  # the policy's name, and no rollout
    else:
        assert done.exit_code == 0


@pytest.mark.parametrize(("text", "finding"), MADE.values(), ids=MADE)
def test_documents_that_are_too_much(text, finding, tmp_path, in_cases):
    """Large, deep, binary and unknown documents end in a finding, never in a traceback."""
    (tmp_path / "policy.yaml").write_text(text, encoding="utf-8", newline="\n")
    in_cases(tmp_path)
    for command in (["validate", "policy.yaml"], ["evaluate", "policy.yaml", "--metrics", "x.csv"]):
        done = canarypolicy(*command)
        assert done.exit_code == 3
        assert f"error[{finding}]" in done.output
        assert "Traceback" not in done.output
        assert "internal error" not in done.output


def test_mixed_good_and_bad_documents_are_all_told(in_cases):
    in_cases(CASES / "documents")
    done = canarypolicy("validate", "valid_contract/policy.yaml", "tabs/policy.yaml", "unknown_key/policy.yaml")
    assert done.exit_code == 3
    assert "tabs/policy.yaml:5:1: error[tab]" in done.stdout
    assert "unknown_key/policy.yaml:" in done.stdout
    assert done.stderr.startswith("3 documents: ")
