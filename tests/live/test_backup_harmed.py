"""
A dump that is killed, stopped or starved half way: no backup, its cause told, and the good one stays.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest
from canarypolicy.backup_files import backups_in
from canarypolicy.live.protocols import NotDone

from live.servers import program
from live.shop_database import ShopDatabase, in_memory
from store.database_servers import running_mariadb

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


def _hurting(backup, name: str, hurt) -> str:
    """
    Take a backup, do harm to a program of it while it runs, and give why there is none.
    """
    thread = Thread(target=_when_running, args=(name, hurt))
    thread.start()
    try:
        with pytest.raises(NotDone) as raised:
            backup.create()
    finally:
        thread.join()
    return raised.value.why


def _when_running(name: str, hurt) -> None:
    """
    Wait for a child of ours of that name, and a moment more, so that it is half way.
    """
    until = time.monotonic() + 20
    while time.monotonic() < until:
        for pid in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
            for child in pid.read_text().split():
                try:
                    command = Path(f"/proc/{child}/cmdline").read_bytes()
                except OSError:
                    continue
                if any(part.endswith(name.encode()) for part in command.split(b"\0")) and b"--version" not in command:
                    time.sleep(0.05)
                    hurt(int(child))
                    return
        time.sleep(0.001)


SLOW_GZIP = """#!{python} -S
import os, subprocess, sys, time
child = subprocess.Popen(["gzip", *sys.argv[1:]], stdin=subprocess.PIPE)
while chunk := os.read(0, 65536):
    time.sleep(0.02)
    child.stdin.write(chunk)
child.stdin.close()
sys.exit(child.wait())
"""


@pytest.fixture
def slowly(big, tmp_path):
    """A backup that takes a second or two, since its compressor is slow, beside a good one."""
    path = tmp_path / "slow-gzip"
    path.write_text(SLOW_GZIP.format(python=sys.executable))
    path.chmod(0o755)
    good = big.backup(keep=1).create().snapshot
    return big.backup(compressor=str(path), timeout="4s", keep=1), good


def still_good(backup, folder: Path, good: str) -> None:
    """Nothing but the good one is there, and it is whole."""
    assert names(folder) == [good, f"{good}.json"]
    assert [each.snapshot for each in backup.kept()] == [good]
    backup.verify(good)


def test_a_killed_dump_is_no_backup(slowly, big):
    backup, good = slowly
    why = _hurting(backup, "mysqldump", lambda pid: os.kill(pid, signal.SIGKILL))
    assert why == "`mysqldump` was ended by SIGKILL"
    still_good(backup, big.folder, good)


def test_a_killed_compressor_is_no_backup(slowly, big):
    backup, good = slowly
    why = _hurting(backup, "slow-gzip", lambda pid: os.killpg(pid, signal.SIGKILL))
    assert why.endswith("slow-gzip` was ended by SIGKILL")
    still_good(backup, big.folder, good)


def test_a_stopped_server_is_given_up_at_the_time_limit(slowly, big, mariadb):
    backup, good = slowly
    began = time.monotonic()
    try:
        why = _hurting(backup, "mysqldump", lambda _: mariadb.stop())
    finally:
        mariadb.go_on()
    assert why == "`mysqldump` did not end within 4s"
    assert time.monotonic() - began < 60  # the limit of 4 s, and a busy machine
    still_good(backup, big.folder, good)


def test_a_killed_connection_is_no_backup(slowly, big):
    """To the dump it is the same as a server that is killed, which `test_a_server_that_is_killed` does."""
    backup, good = slowly

    def cut(_: int) -> None:
        for (number,) in big.sql("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = 'big'"):
            big.sql(f"KILL {number}")

    why = _hurting(backup, "mysqldump", cut)
    assert why.startswith("`mysqldump` ended in status ")
    assert "during query" in why or "Lost connection" in why
    still_good(backup, big.folder, good)


def test_a_server_that_is_killed_half_way(tmp_path):
    program("mariadbd")
    with running_mariadb() as server:
        big = ShopDatabase(server, "big", tmp_path / "backups")
        big.make(BIG)
        path = tmp_path / "slow-gzip"
        path.write_text(SLOW_GZIP.format(python=sys.executable))
        path.chmod(0o755)
        good = big.backup().create().snapshot
        backup = big.backup(compressor=str(path))
        why = _hurting(backup, "mysqldump", lambda _: server.process.kill())
    assert why.startswith("`mysqldump` ended in status ")
    still_good(backup, big.folder, good)


def test_a_full_disk_is_no_backup_and_its_cause_is_told(big, tmp_path):
    """A limit on the size of files stands for the disk; the command ends in 1, and says why."""
    good = big.backup(keep=1).create().snapshot
    environment = big.environment(tmp_path / "environment.yaml", keep=1, compress="false")
    done = subprocess.run(
        [sys.executable, "-m", "canarypolicy", "backup", "create", environment],
        env={**os.environ, "SHOP_URL": big.url}, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, 10**6)),
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "canarypolicy: error: the backup cannot be written: file too large\n"
    still_good(big.backup(), big.folder, good)


def test_a_process_that_is_killed_leaves_what_the_next_one_sweeps(big, tmp_path):
    path = tmp_path / "slow-gzip"
    path.write_text(SLOW_GZIP.format(python=sys.executable))
    path.chmod(0o755)
    environment = big.environment(tmp_path / "environment.yaml", compressor=str(path))
    process = subprocess.Popen(
        [sys.executable, "-m", "canarypolicy", "backup", "create", environment],
        env={**os.environ, "SHOP_URL": big.url}, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    while not list(big.folder.glob("*.partial")):
        time.sleep(0.01)
    good = big.backup().create().snapshot
    assert list(big.folder.glob("*.partial")), "a partial file that is being written is not swept"
    process.kill()
    process.wait()
    assert [each.name for each in backups_in(big.folder)] == [good]
    time.sleep(0.5)  # the compressor has the file no longer: it ends with its reader
    second = big.backup().create().snapshot
    assert not list(big.folder.glob("*.partial"))
    assert {each.name for each in backups_in(big.folder)} == {good, second}
