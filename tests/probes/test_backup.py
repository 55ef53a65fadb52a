"""
The newest backup: whole, and young enough.
"""

from __future__ import annotations

import os
import time
from hashlib import sha256

import pytest
from canarypolicy.backup_files import BackupRecord, drafted
from canarypolicy.documents.part_tables import PROBE_PARAMETERS
from canarypolicy.probes.backup import BackupProbe

from programs import world

HOUR_US = 3_600_000_000


def now_us():
    return time.time_ns() // 1000


def put(folder, *, hours_old=1, database="shop", content=b"-- Dump completed\n"):
    finished_us = now_us() - round(hours_old * HOUR_US)
    with drafted(folder, database, finished_us, ".sql") as draft:
        draft.file.write(content)
        draft.keep(
            BackupRecord(
                name=draft.name,
                kind="mysqldump",
                database=database,
                started_us=finished_us,
                finished_us=finished_us,
                size_bytes=len(content),
                sha256=sha256(content).hexdigest(),
                compress="none",
                details={},
            )
        )
    return folder / draft.name


def look(folder, **more):
    parameters = PROBE_PARAMETERS["backup"].model_validate({"directory": str(folder), **more})
    return [(check.name, check.ok, check.detail) for check in BackupProbe("backup", parameters, world({})).look().checks]


def why(folder, **more):
    (failed,) = [(name, detail) for name, ok, detail in look(folder, **more) if not ok]
    return failed


def test_a_young_whole_backup_passes(tmp_path):
    put(tmp_path)
    assert look(tmp_path, checksum=True) == [("found", True, ""), ("whole", True, ""), ("age", True, "")]


def test_one_of_25_hours_is_too_old(tmp_path):
    put(tmp_path, hours_old=25)
    name, detail = why(tmp_path)
    assert name == "age" and detail.startswith("the newest backup is 1d1h old, over 1d: it was finished at ")
    assert all(ok for _, ok, _ in look(tmp_path, max_age="26h"))


def test_a_truncated_newest_one_is_not_excused_by_an_older_whole_one(tmp_path):
    put(tmp_path, hours_old=3)
    newest = put(tmp_path, hours_old=1)
    newest.write_bytes(b"-- Dump")
    name, detail = why(tmp_path)
    assert name == "whole" and detail == f"the newest backup `{newest.name}` is not whole: it has 7 bytes, 18 were written"


def test_another_content_of_the_same_size_shows_only_to_the_one_who_reads(tmp_path):
    put(tmp_path).write_bytes(b"-- Dump COMPLETED\n")
    assert all(ok for _, ok, _ in look(tmp_path))
    assert why(tmp_path, checksum=True)[1].endswith("the checksum differs")


def test_a_newer_file_without_a_sidecar_is_the_newest_one(tmp_path):
    put(tmp_path, hours_old=3)
    stray = tmp_path / "shop-copy.sql"
    stray.write_bytes(b"")
    assert why(tmp_path)[1] == "the newest backup `shop-copy.sql` is not whole: it has no sidecar"
    os.utime(stray, (0, 0))
    assert all(ok for _, ok, _ in look(tmp_path))


def test_the_backup_of_another_database_does_not_count(tmp_path):
    put(tmp_path, database="crm")
    assert why(tmp_path, database="shop") == ("found", "there is no backup of `shop`")


@pytest.mark.parametrize(
    ("folder", "detail"), [("", "there is no backup"), ("nowhere", "the folder cannot be read: no such file or directory")]
)
def test_where_nothing_is_to_be_found(folder, detail, tmp_path):
    assert why(tmp_path / folder) == ("found", detail)
