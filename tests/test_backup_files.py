"""
A folder of backups: what counts, what does not, and what a new one does to it.
"""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from canarypolicy.backup_files import BackupRecord, backups_in, drafted, prune, why_changed

SECOND_US = 1_000_000


def write(folder, at_us: int, data: bytes = b"content", database: str = "shop", ending: str = ".sql.gz") -> str:
    with drafted(folder, database, at_us, ending) as draft:
        draft.file.write(data)
        draft.keep(
            BackupRecord(
                name=draft.name, kind="mysqldump", database=database, started_us=at_us, finished_us=at_us + SECOND_US,
                size_bytes=len(data), sha256=sha256(data).hexdigest(), compress="gzip", details={"a": 1},
            )
        )  # fmt: skip
    return draft.name


def test_what_is_written_is_read_again(tmp_path):
    name = write(tmp_path, 0)
    (file,) = backups_in(tmp_path)
    assert (file.name, file.fault, why_changed(file)) == (name, None, None)
    assert name == "shop-19700101T000000.000Z.sql.gz"
    assert (file.record.started_us, file.record.finished_us, file.record.details) == (0, SECOND_US, {"a": 1})


def test_the_youngest_comes_first_and_the_same_time_gives_another_name(tmp_path):
    old, first, second = write(tmp_path, 0), write(tmp_path, 9 * SECOND_US), write(tmp_path, 9 * SECOND_US)
    assert {each.name for each in backups_in(tmp_path)} == {old, first, second}
    assert backups_in(tmp_path)[-1].name == old
    assert second == "shop-19700101T000009.000Z-2.sql.gz"


def test_a_name_leads_out_of_no_folder(tmp_path):
    assert write(tmp_path, 0, database="../../x") == "..%2F..%2Fx-19700101T000000.000Z.sql.gz"


def test_what_is_not_kept_is_gone(tmp_path):
    with drafted(tmp_path, "shop", 0, ".sql") as draft:
        draft.file.write(b"half")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (lambda path: path.write_bytes(b"conten"), "it has 6 bytes, 7 were written"),
        (lambda path: path.with_name(f"{path.name}.json").unlink(), "it has no sidecar"),
        (lambda path: path.with_name(f"{path.name}.json").write_text("{}"), "its sidecar cannot be read"),
        (lambda path: path.with_name(f"{path.name}.json").write_text("["), "its sidecar cannot be read"),
        (lambda path: path.rename(path.with_name("other.sql.gz")), "it has no sidecar"),
    ],
    ids=["too short", "no sidecar", "an empty sidecar", "a torn sidecar", "renamed"],
)
def test_what_is_not_whole_has_a_fault_is_not_counted_and_not_removed(tmp_path, harm, fault):
    harm(tmp_path / write(tmp_path, 5 * SECOND_US))
    kept = [write(tmp_path, 1), write(tmp_path, 2)]
    faults = [file.fault for file in backups_in(tmp_path)]
    assert sorted(faults, key=str) == [None, None, fault]
    assert prune(tmp_path, "shop", 1) == (kept[0],) or prune(tmp_path, "shop", 1) == (kept[1],)
    assert len(backups_in(tmp_path)) == 2


def test_a_changed_byte_is_found_by_reading(tmp_path):
    path = tmp_path / write(tmp_path, 0)
    path.write_bytes(b"Content")
    (file,) = backups_in(tmp_path)
    assert file.fault is None
    assert why_changed(file) == "its content is not what was written: the checksum differs"


def test_only_the_oldest_whole_ones_of_the_database_are_removed(tmp_path):
    names = [write(tmp_path, n * SECOND_US) for n in range(4)]
    other = write(tmp_path, 0, database="other")
    (tmp_path / "notes.txt").write_text("mine")
    assert prune(tmp_path, "shop", 2) == (names[1], names[0])
    assert {each.name for each in backups_in(tmp_path)} == {names[2], names[3], other}
    assert (tmp_path / "notes.txt").exists()


def test_a_partial_file_that_nobody_holds_is_swept(tmp_path):
    (tmp_path / "shop-1.sql.gz.partial").write_bytes(b"half")
    with drafted(tmp_path, "shop", 0, ".sql"), drafted(tmp_path, "shop", 0, ".sql"):
        assert len(list(tmp_path.glob("*.partial"))) == 2
        assert not (tmp_path / "shop-1.sql.gz.partial").exists()
        assert backups_in(tmp_path) == ()


def test_the_sidecar_is_json_that_says_what_it_is(tmp_path):
    name = write(tmp_path, 0)
    record = json.loads((tmp_path / f"{name}.json").read_text())
    assert record["backup"] == "canarypolicy/v1"
    assert record["started"] == "1970-01-01T00:00:00Z"
