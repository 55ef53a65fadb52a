"""
What a backup and a verified restore of a 200 MB table cost in processor time, beside `mysqldump | gzip -1` and `mysql`.

Run it with `PYTHONPATH=tests python benchmarks/backup.py`; it starts a MariaDB on loopback, in a temporary directory. All
time counts: that of the programs, of this one and of the server. Memory is the most that canarypolicy or one of its
programs ever had. Each is measured several times, one after the other, and the median taken.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from store.database_servers import PASSWORD, Server, running_mariadb

ROUNDS, TARGET = 3, 1.3
IDLE = 0.02
"""Of each second."""
ROOT = Path(__file__).parents[1]
TICKS = os.sysconf("SC_CLK_TCK")
FILL = """
CREATE DATABASE shop; USE shop;
CREATE TABLE orders (
  id INT PRIMARY KEY, name VARCHAR(60), a INT, b DOUBLE, note VARCHAR(600), at DATETIME, KEY (a)
) ENGINE=InnoDB;
INSERT INTO orders SELECT seq, MD5(seq), seq * 7919 % 1000003, RAND(seq),
  CONCAT_WS(' ', MD5(seq + 1), REPEAT('a word ', seq % 40), SHA2(seq, 256), REPEAT('and another ', 4)), '2026-01-01'
FROM seq_1_to_500000;
"""


def seconds(server: Server) -> float:
    """
    Give the processor time of the server, of this process and of all that it started and waited for.
    """
    stat = Path(f"/proc/{server.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return (int(stat[11]) + int(stat[12])) / TICKS + sum(each.ru_utime + each.ru_stime for each in used)


def cost(server: Server, act: Callable[[], None]) -> float:
    """
    Give the processor time of one act, and of what the server does in its wake.
    """
    before = settled(server)
    act()
    return settled(server) - before


def settled(server: Server) -> float:
    """
    Wait until the server has written what it still had to write.
    """
    before, now = 0.0, seconds(server)
    while now - before > IDLE:
        time.sleep(1)
        before, now = now, seconds(server)
    return now


class Plain:
    """
    The pipes of a shell.
    """

    def __init__(self, server: Server, folder: Path) -> None:
        host, port = server.address.split(":")
        self.dump = folder / "plain.sql.gz"
        self.options = folder / "client.cnf"
        self.options.write_text(f"[client]\nuser=canary\npassword={PASSWORD}\nhost={host}\nport={port}\n", encoding="utf-8")

    def sh(self, line: str) -> None:
        """
        Run a line of a shell.
        """
        line = line.replace("WITH", f"--defaults-file={self.options}")
        subprocess.run(["bash", "-o", "pipefail", "-c", line], check=True)  # noqa: S607 - the pipe to be compared with

    def backup(self) -> None:
        """
        Dump the database as people do.
        """
        whole = "--single-transaction --quick --routines --triggers --events --hex-blob --default-character-set=utf8mb4"
        self.sh(f"mysqldump WITH {whole} shop | gzip -1 > {self.dump}")

    def restore(self) -> None:
        """
        Restore it into a new schema.
        """
        self.sh(f"gzip -dc {self.dump} | mysql WITH plain_restore")


class Ours:
    """
    The command line, started anew each time.
    """

    def __init__(self, server: Server, folder: Path) -> None:
        self.environment = folder / "environment.yaml"
        self.environment.write_text(
            "apiVersion: canarypolicy/v1\nkind: Environment\nmetadata: {name: shop}\nactuators:\n"
            f"  snapshot: {{mysqldump: {{url: '{server.url('shop')}', directory: {folder}, keep: 2}}}}\n",
            encoding="utf-8",
        )
        self.folder = folder
        self.largest_mb = 0.0

    def backup(self) -> None:
        """
        Take a backup.
        """
        self.canarypolicy("create")

    def restore(self) -> None:
        """
        Restore the youngest one; the database is gone, so there is nothing to be backed up first.
        """
        youngest = max(self.folder.glob("shop-*.sql.gz")).name
        self.canarypolicy("restore", youngest, "--accept-data-loss", "1d", "--database", "shop")

    def canarypolicy(self, command: str, *more: str) -> None:
        """
        Run a command.
        """
        arguments = [sys.executable, "-m", "canarypolicy", "backup", command, str(self.environment), *more, "--quiet"]
        process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        assert status == 0, "canarypolicy failed"
        self.largest_mb = max(self.largest_mb, used.ru_maxrss / 1024)


def main() -> None:
    """
    Measure, print, and end in 1 if the target is missed.
    """
    with running_mariadb() as server, tempfile.TemporaryDirectory() as name:
        plain, ours = Plain(server, Path(name)), Ours(server, Path(name))
        plain.sh(f"mysql WITH <<'END'\n{FILL}END")
        found: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            for label, each in (("plain", plain), ("ours", ours)):
                found.setdefault(f"{label} backup", []).append(cost(server, each.backup))
            plain.sh("mysql WITH -e 'DROP DATABASE IF EXISTS plain_restore; CREATE DATABASE plain_restore'")
            found.setdefault("plain restore", []).append(cost(server, plain.restore))
            plain.sh("mysql WITH -e 'DROP DATABASE plain_restore; DROP DATABASE shop'")
            found.setdefault("ours restore", []).append(cost(server, ours.restore))
    costs = {label: median(each) for label, each in found.items()}
    for label, each in costs.items():
        print(f"{label:<14} {each:6.2f} s of processor time")
    ratios = {what: costs[f"ours {what}"] / costs[f"plain {what}"] for what in ("backup", "restore")}
    ratios["both"] = (costs["ours backup"] + costs["ours restore"]) / (costs["plain backup"] + costs["plain restore"])
    for what, ratio in ratios.items():
        print(f"{what:<14} {ratio:6.2f} times the plain pipe")
    print(f"memory         {ours.largest_mb:6.0f} MB, the largest of canarypolicy and its programs")
    sys.exit(ratios["both"] > TARGET)


if __name__ == "__main__":
    main()
