"""
`journal verify` and `journal export`, on a store in a file.
"""

import json
import sqlite3
from contextlib import closing

import pytest
from canarypolicy.store.database import open_store

from command_line import canarypolicy
from live.journals import GATED_PLAN, POLICY, course, write_journal


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'runs.db'}"


@pytest.fixture
def journal(url):
    with open_store(url) as store:
        write_journal(store)
        return store.journal("shop-1", 0)


def verify(url, *more):
    return canarypolicy("journal", "verify", "shop-1", "--store", url, *more)


def test_a_whole_journal_ends_in_0_with_its_length_and_head(url, journal):
    row, entries = journal
    done = verify(url)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == f"journal of shop-1: whole\n  {len(entries)} entries, head {row.head_hash}\n"


def test_a_head_noted_elsewhere_is_compared(url, journal):
    _, entries = journal
    assert verify(url, "--head", entries[2].hash).exit_code == 0
    done = verify(url, "--head", "ab" * 32)
    assert done.exit_code == 3
    assert f"no entry has the hash `{'ab' * 32}`" in done.stdout


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE canarypolicy_entries SET run = run || 'x' WHERE seq = 5",
        "UPDATE canarypolicy_entries SET seq = 99 WHERE seq = 5",
        "UPDATE canarypolicy_entries SET at_us = at_us + 1 WHERE seq = 5",
        "UPDATE canarypolicy_entries SET kind = 'note' WHERE seq = 5",
        "UPDATE canarypolicy_entries SET text = replace(text, '0.002', '0.003') WHERE kind = 'sample'",
        "UPDATE canarypolicy_entries SET previous = hash WHERE seq = 5",
        "UPDATE canarypolicy_entries SET hash = previous WHERE seq = 5",
        "DELETE FROM canarypolicy_entries WHERE seq = 5",
        "DELETE FROM canarypolicy_entries WHERE seq = (SELECT max(seq) FROM canarypolicy_entries)",
        "DELETE FROM canarypolicy_entries",
        "UPDATE canarypolicy_entries SET seq = -9 + seq WHERE seq IN (4, 5); UPDATE canarypolicy_entries SET seq = -seq WHERE seq < 0",
        "UPDATE canarypolicy_runs SET head_seq = head_seq - 1",
        "UPDATE canarypolicy_runs SET head_hash = '00'",
        "UPDATE canarypolicy_runs SET digest = '00'",
    ],
)
def test_a_journal_that_was_touched_ends_in_3_and_says_where(url, journal, tmp_path, statement):
    with closing(sqlite3.connect(tmp_path / "runs.db")) as connection:
        connection.executescript(statement)
        connection.commit()
    done = verify(url)
    assert done.exit_code == 3
    assert done.stdout.startswith("journal of shop-1: 1 fault\n")


def test_json_has_the_same(url, journal):
    row, entries = journal
    told = json.loads(verify(url, "--format", "json").stdout)
    assert told == {"run": "shop-1", "entries": len(entries), "head": row.head_hash, "faults": []}


@pytest.mark.parametrize("plan", [None, GATED_PLAN], ids=["without gates", "with a gate"])
@pytest.mark.parametrize("length", [3, 6, 30])
def test_the_export_replayed_gives_the_decisions_again(url, tmp_path, plan, length):
    """Bit for bit, the reasons' places in the policy included."""
    with open_store(url) as store:
        write_journal(store, plan=plan, items=list(course())[:length], ending=None)
        _, entries = store.journal("shop-1", 0)
    recording = tmp_path / "shop.jsonl"
    policy = tmp_path / "policy.yaml"
    policy.write_text(entries[0].body["policy_text"], encoding="utf-8")
    done = canarypolicy("journal", "export", "shop-1", "--store", url, "-o", str(recording))
    assert (done.exit_code, done.stdout) == (0, "")
    done = canarypolicy("replay", str(policy), str(recording), "--follow", "recording", "--all", "--format", "json")
    assert done.exit_code == 0, done.output
    [rollout] = json.loads(done.stdout)["rollouts"]
    assert rollout["rollout"] == "shop-1"
    decided = [entry.body for entry in entries if entry.kind == "decision"]
    assert without_path(rollout["decisions"]) == without_path(decided)


def without_path(decisions):
    """
    Leave out where the policy's file lies, which is another place by now.
    """
    for decision in decisions:
        decision["policy"].pop("path")
        for reason in decision["reasons"]:
            if reason["location"] is not None:
                reason["location"].pop("path")
    return decisions


def test_the_recording_goes_to_stdout_without_a_file(url, journal):
    done = canarypolicy("journal", "export", "shop", "--store", url)
    assert done.exit_code == 0
    header, *lines = done.stdout.splitlines()
    head = {"entries": len(journal[1]), "head": journal[0].head_hash}
    told = json.loads(header)
    assert (told["recording"], told["rollout"], told["gated"], told["begun"]) == ("canarypolicy/v1", "shop-1", False, True)
    assert (told["policy"], told["journal"]) == ("shop", head)
    assert len(lines) == len(list(course()))


def test_the_policy_is_written_beside(url, journal):
    assert json.loads(journal[1][0].text)["policy_text"] == POLICY


def test_a_run_that_is_not_there_ends_in_1(url, journal):
    for name in ("verify", "export"):
        done = canarypolicy("journal", name, "till-1", "--store", url)
        assert done.exit_code == 1
        assert f"canarypolicy: error: the store `{url}` has no run `till-1`\n   help: `canarypolicy status`" in done.stderr


def test_a_file_that_cannot_be_written_ends_in_1(url, journal, tmp_path):
    done = canarypolicy("journal", "export", "shop-1", "--store", url, "-o", str(tmp_path / "no" / "shop.jsonl"))
    assert done.exit_code == 1
    assert "cannot write" in done.stderr


def test_journal_alone_is_a_usage_error():
    done = canarypolicy("journal")
    assert done.exit_code == 2
    assert "say what to do with a journal: `verify` or `export`" in done.stderr
