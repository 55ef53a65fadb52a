"""
The two versions of the shop and their customers, as processes that a test may break and mend.

Like all servers here they are process groups of their own: a Ctrl-C ends them through those who started them, in order.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from live.servers import end, fetch
from stopping import stop

HERE = Path(__file__).parent


class ShopVersion:
    """
    One version of the shop: a process that can be killed, stopped and started again on its port.
    """

    def __init__(self, name: str, quickest: float, slowest: float) -> None:
        self.name = name
        self._thinks = (str(quickest), str(slowest))
        self.port = 0
        self.process: subprocess.Popen | None = None
        self.start()

    def start(self) -> None:
        arguments = [sys.executable, str(HERE / "shop.py"), self.name, str(self.port), *self._thinks]
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, process_group=0)
        line = self.process.stdout.readline()
        assert line, f"the shop's version `{self.name}` did not start"
        self.port = int(line)

    def fault(self, **faults: float) -> None:
        """
        Set these faults, and none else.
        """
        asked = "&".join(f"{name}={value}" for name, value in faults.items())
        fetch(f"http://127.0.0.1:{self.port}/fault?{asked}")

    def kill(self) -> None:
        self.process.kill()
        self._gone()

    def stop(self) -> None:
        stop(self.process.pid)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def mend(self) -> None:
        """
        Make it healthy again, whatever was done to it.
        """
        if self.process is None or self.process.poll() is not None:
            self.start()
        self.go_on()
        self.fault()

    def end(self) -> None:
        if self.process is not None:
            end(self.process)
            self._gone()

    def _gone(self) -> None:
        self.process.wait(10)
        self.process.stdin.close()
        self.process.stdout.close()
        self.process = None


@contextmanager
def running_version(name: str, quickest: float = 0.12, slowest: float = 0.2) -> Iterator[ShopVersion]:
    version = ShopVersion(name, quickest, slowest)
    try:
        yield version
    finally:
        version.end()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    What became of one request.
    """

    sent: float
    ended: float
    version: str
    status: str

    @property
    def failed(self) -> bool:
        return not self.status.startswith("2")


class Customers:
    """
    The load on the shop, as `load.py` writes it down.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def answers(self, since: float = 0.0, until: float = float("inf")) -> list[Answer]:
        """
        Give what became of the requests that were sent in a span of time and have ended.
        """
        found = []
        for line in self._file.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.endswith("\n"):  # the last one may be under way
                sent, ended, version, status = line.split()
                found.append(Answer(sent=float(sent), ended=float(ended), version=version, status=status))
        return [each for each in found if since <= each.sent < until]

    def share_of(self, version: str, since: float, until: float) -> float:
        """
        Give a version's share of the answered requests, in percent.
        """
        counted = Counter(each.version for each in self.answers(since, until) if each.version != "-")
        assert counted.total() >= 100, f"too few requests to measure a split: {counted}"
        return 100 * counted[version] / counted.total()

    def failures(self, since: float = 0.0, until: float = float("inf")) -> list[Answer]:
        return [each for each in self.answers(since, until) if each.failed]


@contextmanager
def buying(port: int, per_second: float, most_seconds: float, file: Path) -> Iterator[Customers]:
    """
    Let customers buy at a port until the block is left, or for the seconds that are given if that is sooner.
    """
    arguments = [sys.executable, str(HERE / "load.py"), str(port), str(per_second), str(most_seconds), str(file)]
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, process_group=0)
    try:
        assert process.stdout.readline() == "buying\n"
        yield Customers(file)
    finally:
        process.stdin.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        process.stdout.close()
        end(process)


def until(true, seconds: float, what: str, every: float = 0.05):
    """
    Ask until the answer is true and give it; a test that waited in vain fails and says for what.
    """
    most = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < most, f"waited {seconds} s in vain for {what}"
        time.sleep(every)
    return found
