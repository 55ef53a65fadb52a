"""
Stopping processes as a hanging machine does: they exist, and do nothing.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

PATIENCE_SECONDS = 10


def stop(pid: int) -> None:
    """
    Stop a process, and wait until each of its threads has stopped: on a busy machine that comes after the signal.

    A process that has ended meanwhile is stopped enough. Where the system shows no threads, the signal has to do.
    """
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
    until = time.monotonic() + PATIENCE_SECONDS
    while not _stands(Path(f"/proc/{pid}/task")):
        assert time.monotonic() < until, f"the process {pid} does not stop"
        time.sleep(0.002)


def _stands(tasks: Path) -> bool:
    """
    Tell whether no thread runs: T is stopped, Z and X have ended.
    """
    try:
        return all((task / "stat").read_text().rpartition(")")[2].split()[0] in "TZX" for task in tasks.iterdir())
    except FileNotFoundError:
        return not tasks.exists() or _stands(tasks)
    except ProcessLookupError:
        return _stands(tasks)


def stop_group(leader: int) -> None:
    """
    Stop all processes of a group.
    """
    members = [int(each.name) for each in Path("/proc").glob("[0-9]*") if _group_of(int(each.name)) == leader]
    os.killpg(leader, signal.SIGSTOP)
    for pid in members:
        stop(pid)


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None
