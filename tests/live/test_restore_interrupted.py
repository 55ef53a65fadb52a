"""
A restore of MySQL or MariaDB that stops half way, at any moment: one of the two databases is there, whole.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from canarypolicy.backups import mysql_placing, mysql_swap
from canarypolicy.live.archive import Consent
from canarypolicy.live.protocols import NotDone

from live.servers import program
from live.shop_database import LATER, ShopDatabase, in_memory
from store.database_servers import running_mariadb

ROOT = Path(__file__).parents[2]


HOUR_US = 3_600_000_000


@pytest.fixture(scope="module")
def mariadb():
    program("mariadbd")
    program("mariadb-dump")
    with in_memory(), running_mariadb() as server:
        yield server


@pytest.fixture
def shop(mariadb, tmp_path):
    database = ShopDatabase(mariadb, "shop", tmp_path / "backups")
    for name in database.schemas():
        database.sql(f"DROP DATABASE `{name}`")
    database.make()
    return database


def consent(told: list[str] | None = None, loss_us: int = HOUR_US) -> Consent:
    return Consent(loss_us=loss_us, tell=(told if told is not None else []).append)


class Killed(BaseException):
    """
    Stands for the death of the process.
    """


def interrupted(shop, monkeypatch, owner, name, replacement) -> tuple[dict, dict]:
    """
    Restore with a part replaced by something that ends in death; gives the old and the new.
    """
    new = shop.everything()
    taken = shop.backup().create().snapshot
    shop.sql(LATER, shop.name)
    old = shop.everything()
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, replacement(getattr(owner, name)))
        with pytest.raises(Killed):
            shop.backup().restore(taken, consent())
    return old, new


def dying(part: float):
    """
    Run so much of the swap's script, statement by statement, and die.
    """

    def replacement(real):
        def run(self, session, script):
            lines = script.split(b"RENAME TABLE", 1)
            done = {
                0.0: b"",
                0.5: lines[0],
                0.7: b"RENAME TABLE".join(lines)[: script.index(b";\n", len(lines[0])) + 2],
                1.0: script,
            }[part]
            real(self, session, done)
            raise Killed

        return run

    return replacement


@pytest.mark.parametrize("part", [0.0, 0.5, 0.7, 1.0], ids=["nothing", "before the tables", "after the tables", "all"])
def test_a_swap_that_stops_half_way_is_taken_back_or_brought_to_its_end(shop, monkeypatch, part):
    """Statement by statement, as for a server that is no MariaDB, or as if the server itself had died."""
    monkeypatch.setattr(mysql_swap.Swap, "can_be_one_statement", lambda *_: False)
    old, new = interrupted(shop, monkeypatch, mysql_placing.Placing, "_run", dying(part))
    with pytest.raises(NotDone, match="`restore --resume` brings it to its end"):
        shop.backup().rehearse(shop.backup().kept()[0].snapshot, print)
    resumed = shop.backup().resume(print)
    assert (resumed is None) == (part < 0.7)
    assert shop.everything() == (old if part < 0.7 else new)
    assert shop.schemas() == [shop.name]
    with pytest.raises(NotDone, match="no restore of `shop` was interrupted"):
        shop.backup().resume(print)


@pytest.mark.parametrize("drops", [False, True], ids=["before the old is dropped", "after the old was dropped"])
def test_what_is_in_place_stays_in_place(shop, monkeypatch, drops):
    """The old schema may be gone by then; that is no sign that the new one did not come."""

    def replacement(real):
        def drop(self, *schemas):
            if drops:
                real(self, *schemas)
            raise Killed

        return drop

    _, new = interrupted(shop, monkeypatch, mysql_placing.Placing, "_drop", replacement)
    assert shop.everything() == new
    assert shop.backup().resume(print) is not None
    assert shop.everything() == new
    assert shop.schemas() == [shop.name]


def descendants(pid: int) -> list[int]:
    found = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *descendants(int(child))]
    return found


def kill(process: subprocess.Popen, *, is_thorough: bool) -> None:
    """
    Kill a process and, if thorough, all that it started, at once.
    """
    process.send_signal(signal.SIGSTOP)
    pids = [process.pid, *(descendants(process.pid) if is_thorough else ())]
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


DRIVER = """
import sys
from pathlib import Path
from canarypolicy.live.archive import Consent
from live.shop_database import ShopDatabase, in_memory
from store.database_servers import Server

address, name, folder, backup = sys.argv[1:]
tell = lambda text: print(text, flush=True)
backups = ShopDatabase(Server("mysql", address, None), name, Path(folder)).backup(keep=100)
backups.restore(backup, Consent(loss_us=3_600_000_000, tell=tell)) if backup != "--resume" else backups.resume(tell)
"""


def restoring(shop, backup: str) -> subprocess.Popen:
    """
    Restore, or resume, in a process of its own; each step is told on stdout.
    """
    path = os.pathsep.join((str(ROOT), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")))
    return subprocess.Popen(
        [sys.executable, "-c", DRIVER, shop.server.address, shop.name, str(shop.folder), backup],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip


def told(process: subprocess.Popen, begin: bytes) -> None:
    """
    Wait until a restore says what it does.
    """
    while begin not in process.stdout.readline():
        assert process.poll() is None, process.stderr.read()


def seconds_of_putting(shop, backup: str) -> float:
    """
    Give how long the change of places takes on this machine as it is now, up to the end of the process.
    """
    process = restoring(shop, backup)
    told(process, b"putting")
    began = time.monotonic()
    process.communicate()
    assert process.returncode == 0
    return time.monotonic() - began


def test_a_restore_that_is_killed_at_20_moments_leaves_one_of_the_two_whole(shop):
    """At random: alone, or with all that it started. What it left is then removed, or brought to its end."""
    new = shop.everything()
    taken = shop.backup().create().snapshot
    shop.sql(LATER, shop.name)
    chance, seen = random.Random(20), []
    longest = seconds_of_putting(shop, taken)
    shop.make()
    shop.sql(LATER, shop.name)
    old = shop.everything()
    for number in range(20):
        process = restoring(shop, taken)
        # Mostly around the change of places, where there is something to break; some come too late, and find it done.
        begin = (b"loading", b"putting", b"comparing", b"putting")[number % 4]
        told(process, begin)
        time.sleep(chance.uniform(0, 1.5 * longest if begin == b"putting" else longest))
        kill(process, is_thorough=number % 8 < 4)
        process.communicate()
        shop.sql("SELECT GET_LOCK('canarypolicy:shop', 60)")  # what the server is doing for the killed client
        found = shop.everything()
        assert found in (old, new), f"neither of the two after kill {number}"
        resumed = restoring(shop, "--resume").communicate()
        assert shop.everything() == found, resumed
        assert shop.schemas() == [shop.name], resumed
        seen.append("new" if found == new else "old")
        if found == new:
            shop.make()
            shop.sql(LATER, shop.name)
            old = shop.everything()
    assert {"new", "old"} == set(seen), seen
    print(seen)
