"""
`canarypolicy backup`, on a fake archive: what is asked of it, and what the user sees.
"""

from __future__ import annotations

import json
from typing import ClassVar

import pytest
from canarypolicy.backups.command import CommandBackup
from canarypolicy.commands import backup as module
from canarypolicy.commands.clock import now_us
from canarypolicy.live.archive import Kept, Restored
from canarypolicy.live.protocols import NotDone, Taken

from command_line import canarypolicy
from programs import python

HOUR_US = 3_600_000_000


class FakeArchive:
    """
    Keeps two backups, one of them broken; it restores nothing, and notes what it was asked.
    """

    database = "shop"
    asked: ClassVar[list[tuple]] = []
    resumes_to: Restored | None = None

    def __init__(self, label, parameters, world) -> None:
        self.asked.clear()

    def create(self) -> Taken:
        return Taken(snapshot="good", detail="removed: old")

    def kept(self):
        at = now_us() - HOUR_US
        return (
            Kept(snapshot="good", database="shop", started_us=at, finished_us=at + 1, size_bytes=62_700_000, fault=None),
            Kept(
                snapshot="broken-one",
                database=None,
                started_us=None,
                finished_us=None,
                size_bytes=None,
                fault="it has no sidecar",
            ),
        )

    def verify(self, snapshot):
        if snapshot != "good":
            raise NotDone("the backup is not whole")
        return self.kept()[0]

    def rehearse(self, snapshot, tell) -> str:
        tell("loading it")
        return "equal in all 12 sections"

    def restore(self, snapshot, consent) -> Restored:
        self.asked.append((snapshot, consent.loss_us))
        consent.tell("loading it")
        return Restored(database="shop", snapshot=snapshot, loss_us=HOUR_US, replaced="newer", detail="equal in all")

    def resume(self, tell):
        return self.resumes_to


@pytest.fixture
def environment(tmp_path, monkeypatch):
    """Two actuators: one that keeps what it takes, and a program that does not."""
    monkeypatch.setattr(module, "BACKUPS", {"mysqldump": FakeArchive, "command": CommandBackup})
    path = tmp_path / "environment.yaml"
    path.write_text(
        "apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {name: shop}\nactuators:\n"
        "  snapshot: {mysqldump: {url: 'mysql://x@y/shop', directory: backups}}\n"
        f"  own: {{command: {{create: {json.dumps(python('print(1)'))}}}}}\n"
        "  traffic: {dry_run: {}}\n"
    )
    return str(path)


def backup(*arguments):
    return canarypolicy("backup", *arguments)


def restore(environment, *more):
    return backup("restore", environment, "snapshot", "good", *more)


def test_backups_are_listed_with_age_size_and_what_is_wrong(environment):
    done = backup("list", environment, "snapshot")
    assert (done.exit_code, done.stderr) == (0, "")
    good, broken = done.stdout.splitlines()
    assert good.startswith("good        whole  62.7 MB  of 20")
    assert good.endswith("Z, 1h ago")
    assert broken == "broken-one  not whole: it has no sidecar"
    record = json.loads(backup("list", environment, "snapshot", "--format", "json").stdout)
    assert [(each["backup"], each["whole"], each["bytes"]) for each in record["backups"]] == [
        ("good", True, 62_700_000),
        ("broken-one", False, None),
    ]
    assert 3600 <= record["backups"][0]["age_seconds"] < 3700


def test_a_backup_that_is_taken_is_shown(environment):
    done = backup("create", environment, "snapshot")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("good  taken  62.7 MB  of ")
    assert done.stdout.endswith("   removed: old\n")
    assert backup("create", environment, "own").stdout == "1  taken\n"


def test_a_backup_is_verified_and_loaded_beside(environment):
    done = backup("verify", environment, "snapshot", "good", "--load")
    assert (done.exit_code, done.stderr) == (0, "canarypolicy: loading it\n")
    assert done.stdout.startswith("good  verified  62.7 MB")
    assert done.stdout.endswith("   equal in all 12 sections\n")
    done = backup("verify", environment, "snapshot", "broken-one")
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", "canarypolicy: error: the backup is not whole\n")


def test_a_restore_says_what_is_lost_and_where_the_rest_is(environment):
    done = restore(environment, "--accept-data-loss", "2h", "--database", "shop")
    assert done.exit_code == 0
    assert FakeArchive.asked == [("good", 2 * HOUR_US)]
    assert done.stderr.startswith("canarypolicy: what was changed in the last 1h1s, since 20")
    assert done.stderr.endswith("canarypolicy: loading it\n")
    assert done.stdout == (
        "`shop`: restored from `good`\n   equal in all\n   lost: what was changed in the 1h before\n"
        "   what was overwritten is in `newer`\n"
    )
    done = restore(environment, "--accept-data-loss", "2h", "--database", "shop", "--format", "json", "--quiet")
    assert json.loads(done.stdout)["lost_seconds"] == 3600
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "a restore loses what was changed in the last 1h1s"),
        (("--accept-data-loss", "1h"), "--accept-data-loss 1h is too little: the loss is 1h1s"),
        (("--accept-data-loss", "2h"), "give --database NAME"),
        (("--accept-data-loss", "2h", "--database", "Shop"), "`Shop` is not the name of the database that is overwritten"),
    ],
    ids=["no acceptance", "too little", "no name", "another name"],
)
def test_without_the_loss_and_the_name_nothing_is_restored(environment, options, told):
    done = restore(environment, *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr
    assert FakeArchive.asked == []


def test_what_is_not_whole_is_not_restored(environment):
    done = backup("restore", environment, "snapshot", "broken-one", "--accept-data-loss", "1d", "--database", "shop")
    assert (done.exit_code, FakeArchive.asked) == (1, [])
    assert done.stderr == "canarypolicy: error: the backup `broken-one` is not whole: it has no sidecar\n"


def test_an_interrupted_restore_is_resumed(environment, monkeypatch):
    done = backup("restore", environment, "snapshot", "--resume")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "canarypolicy: the database is as it was before; what lay about is removed\n"
    monkeypatch.setattr(
        FakeArchive,
        "resumes_to",
        Restored(database="shop", snapshot="good", loss_us=None, replaced=None, detail="verified before"),
    )
    assert backup("restore", environment, "snapshot", "--resume").stdout == "`shop`: restored from `good`\n   verified before\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "say what to do: `create`, `list`, `verify` or `restore`"),
        (("list", "ENV"), "has several actuators that take backups, say which: `snapshot` and `own`"),
        (("list", "ENV", "snapshots"), "that takes backups; did you mean `snapshot`?"),
        (("list", "ENV", "traffic"), "has no actuator `traffic` that takes backups"),
        (("list", "ENV", "snapshot", "more"), "are too many names: expected one actuator"),
        (("verify", "ENV"), "say which backup"),
        (("verify", "ENV", "snapshot", "god"), "`snapshot` keeps no backup `god`; did you mean `good`?"),
    ],
)
def test_what_is_not_clear_is_a_usage_error(environment, arguments, told):
    done = backup(*(environment if each == "ENV" else each for each in arguments))
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in done.stderr


def test_a_program_that_only_takes_backups_cannot_list_them(environment):
    done = backup("list", environment, "own")
    assert done.exit_code == 1
    assert "the actuator `own` only takes backups: `command` cannot list or restore them" in done.stderr
