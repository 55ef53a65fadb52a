"""
Real servers on loopback, in temporary directories, ended with the tests that started them.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from threading import Event, Thread

import pytest

SHOP = Path(__file__).parent / "shop.py"


def program(name: str) -> str:
    """
    Give the path of a real server; in CI its absence is a failure, elsewhere a skip with the reason.
    """
    found = shutil.which(name)
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"`{name}` is not installed: `make test` installs it where it may")
    return found


def end(process: subprocess.Popen) -> None:
    """
    End a process that a test started, also one that it had stopped.
    """
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


def fetch(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read()


class Shop:
    """
    Two versions of the shop under bounded load: so many requests a second, for so long at most.
    """

    PER_SECOND = 40
    MOST_SECONDS = 180

    def __init__(self, ports: dict[str, int]) -> None:
        self.ports = ports
        self.over = Event()
        self.customers = [Thread(target=self._buy, args=(port,)) for port in ports.values()]

    def fail(self, version: str, share: float) -> None:
        fetch(f"http://127.0.0.1:{self.ports[version]}/fail/{share}")

    def _buy(self, port: int) -> None:
        for _ in range(self.PER_SECOND * self.MOST_SECONDS):
            if self.over.wait(1 / self.PER_SECOND):
                return
            try:
                fetch(f"http://127.0.0.1:{port}/buy")
            except OSError:
                continue  # a failed purchase, as it was asked for


@pytest.fixture(scope="module")
def shop():
    process = subprocess.Popen(
        [sys.executable, str(SHOP), "canary", "baseline"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    running = None
    try:
        running = Shop({name: int(process.stdout.readline()) for name in ("canary", "baseline")})
        for customer in running.customers:
            customer.start()
        yield running
    finally:
        if running is not None:
            running.over.set()
            for customer in running.customers:
                customer.join()
        process.stdin.close()
        process.stdout.close()
        end(process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Prometheus:
    """
    A real Prometheus and its address.
    """

    def __init__(self, process: subprocess.Popen, url: str) -> None:
        self.process = process
        self.url = url

    def stop(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)


@pytest.fixture(scope="module")
def prometheus(shop, tmp_path_factory):
    folder = tmp_path_factory.mktemp("prometheus")
    targets = ", ".join(f"'127.0.0.1:{port}'" for port in shop.ports.values())
    (folder / "p.yml").write_text(
        f"global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: shop, static_configs: [{{targets: [{targets}]}}]}}]\n",
        encoding="utf-8",
    )
    port = free_port()
    arguments = [
        program("prometheus"), "--config.file", "p.yml", "--storage.tsdb.path", "data",
        "--web.listen-address", f"127.0.0.1:{port}", "--query.lookback-delta=10s",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(arguments, cwd=folder, stdout=log, stderr=log)
        try:
            running = Prometheus(process, f"http://127.0.0.1:{port}")
            wait_for(lambda: fetch(f"{running.url}/-/ready"), process, folder / "log")
            yield running
        finally:
            end(process)


def wait_for(ready, process: subprocess.Popen, log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            pytest.fail(f"the server has ended: {log.read_text(errors='replace')[-2000:]}")
        try:
            ready()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not get ready")
