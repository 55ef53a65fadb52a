"""
What all real servers in tests share: found or failed for, waited for, ended. `examples/demo/` runs the same ones, without pytest.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path


def program(name: str) -> str:
    """
    Give the path of a real server; in CI its absence is a failure, elsewhere a skip with the reason.
    """
    found = shutil.which(name)
    if found is None:
        import pytest

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


def fetch(url: str, seconds: float = 5) -> bytes:
    with urllib.request.urlopen(url, timeout=seconds) as answer:
        return answer.read()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(ready: Callable[[], object], process: subprocess.Popen, log: Path) -> None:
    """
    Wait until a server answers; one that has ended fails the test with the end of its log.
    """
    for _ in range(300):
        if process.poll() is not None:
            raise AssertionError(f"the server has ended: {log.read_text(errors='replace')[-2000:]}")
        try:
            ready()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not get ready")
