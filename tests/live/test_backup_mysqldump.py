"""
Backups of a real MariaDB: whole ones, and every way in which one is not.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from canarypolicy.live.protocols import NotDone

from live.servers import program
from live.shop_database import ShopDatabase, in_memory
from store.database_servers import PASSWORD, running_mariadb

ROWS = 40_000


BIG = f"CREATE TABLE big (id INT PRIMARY KEY, x CHAR(200)) ENGINE=InnoDB; INSERT INTO big SELECT seq, REPEAT(MD5(seq), 6) FROM seq_1_to_{ROWS};"


@pytest.fixture(scope="module")
def mariadb():
    program("mariadbd")
    program("mariadb-dump")
    with in_memory(), running_mariadb() as server:
        yield server


@pytest.fixture
def shop(mariadb, tmp_path, request):
    database = ShopDatabase(mariadb, "shop", tmp_path / "backups")
    database.make()
    return database


@pytest.fixture
def big(mariadb, tmp_path):
    database = ShopDatabase(mariadb, "big", tmp_path / "backups")
    database.make(BIG)
    return database


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("compress", [True, "gzip", "zstd", False])
def test_a_backup_is_kept_listed_and_verified(shop, compress):
    """Its sidecar says what it is; nothing partial is left."""
    backup = shop.backup(compress=compress)
    if compress == "zstd":
        program("zstd")
    taken = backup.create()
    (kept,) = backup.kept()
    assert (kept.snapshot, kept.database, kept.fault) == (taken.snapshot, "shop", None)
    assert names(shop.folder) == [taken.snapshot, f"{taken.snapshot}.json"]
    assert backup.verify(taken.snapshot) == kept
    assert (shop.folder / taken.snapshot).stat().st_mode & 0o777 == 0o600
    record = json.loads((shop.folder / f"{taken.snapshot}.json").read_text())
    assert PASSWORD not in json.dumps(record)
    assert record["details"]["server"].endswith("MariaDB-0+deb12u1") or "MariaDB" in record["details"]["server"]


def test_only_the_youngest_stay_and_another_database_is_left_alone(shop, mariadb):
    other = ShopDatabase(mariadb, "shop2", shop.folder)
    other.make("CREATE TABLE t (a INT)")
    kept = other.backup(keep=1).create().snapshot
    made = [shop.backup(keep=2).create().snapshot for _ in range(4)]
    assert len(set(made)) == 4
    assert [each.snapshot for each in shop.backup().kept()] == made[:1:-1]
    assert [each.snapshot for each in other.backup().kept()] == [kept]


@pytest.mark.parametrize("harm", ["truncated", "changed", "no sidecar", "another's sidecar"])
def test_what_is_no_longer_whole_is_said_and_does_not_count(shop, harm):
    backup = shop.backup(keep=2)
    first, second = backup.create().snapshot, backup.create().snapshot
    path = shop.folder / second
    if harm == "truncated":
        path.write_bytes(path.read_bytes()[:-10])
    elif harm == "changed":
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    elif harm == "no sidecar":
        (shop.folder / f"{second}.json").unlink()
    else:
        (shop.folder / f"{second}.json").write_text((shop.folder / f"{first}.json").read_text())
    with pytest.raises(NotDone, match="is not whole"):
        backup.verify(second)
    third = backup.create().snapshot
    whole = [each.snapshot for each in backup.kept() if each.fault is None]
    assert whole == ([third, second] if harm == "changed" else [third, first])  # only reading it to its end shows a change


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"directory": "/nonexistent"}, "actuator `snapshot`: the backup cannot be kept: no such file or directory"),
        ({"program": "/nonexistent/mysqldump"}, "cannot start `/nonexistent/mysqldump`: there is no such program"),
        ({"compressor": "/nonexistent/gzip"}, "cannot start `/nonexistent/gzip`: there is no such program"),
        ({"compressor": "false"}, "`false` ended in status 1"),
        ({"program": "true"}, "`true` ended in status 0, but its last line does not say that the dump is complete"),
    ],
    ids=["no folder", "no program", "no compressor", "a compressor that fails", "a dump of nothing"],
)
def test_what_is_not_as_it_should_be_is_told(shop, change, why):
    with pytest.raises(NotDone) as raised:
        shop.backup(**change).create()
    assert raised.value.why == why
    assert names(shop.folder) == []


def test_a_database_that_is_not_there_and_a_wrong_password(shop):
    with pytest.raises(NotDone) as raised:
        shop.backup(url=shop.server.url("nothing")).create()
    assert raised.value.why == "the server has no database `nothing`, or the user may not see it"
    with pytest.raises(NotDone, match="Access denied") as raised:
        shop.backup(url=shop.url.replace(PASSWORD, "wrong-secret")).create()
    assert "wrong-secret" not in raised.value.why


def test_the_password_is_in_no_process_list(big, tmp_path):
    """Neither in the arguments nor in the variables of any program; any password reaches the server whole."""
    odd = "p#'\" \\x;ü%\t$"
    big.as_root(
        f"CREATE OR REPLACE USER odd@localhost IDENTIFIED BY '{odd.replace(chr(92), chr(92) * 2).replace(chr(39), chr(39) * 2)}'; GRANT ALL ON *.* TO odd@localhost"
    )
    from urllib.parse import quote

    recorder = tmp_path / "recorder"
    recorder.write_text(
        f"#!{sys.executable} -S\nimport os, sys\n"
        f"open({str(tmp_path / 'seen')!r}, 'a').write(repr((sys.argv, dict(os.environ))))\n"
        "os.execvp('mysqldump', ['mysqldump', *sys.argv[1:]])\n"
    )
    recorder.chmod(0o755)
    big.backup(url=big.url.replace(f"canary:{PASSWORD}", f"odd:{quote(odd, safe='')}"), program=str(recorder)).create()
    seen = (tmp_path / "seen").read_text()
    assert "--defaults-file=" in seen
    assert "p#" not in seen
