"""
Who holds a run: this process, and whether another one on this host still lives.

A process is called dead only where that is certain; otherwise its lease has to expire.
"""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path

from canarypolicy.live.storing import Holder

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_DEAD = ("Z", "X")
"""States of a process that has ended and of which only its number is left."""


def holder_of_this_process() -> Holder:
    """
    Give this process as a holder.
    """
    pid = os.getpid()
    state = _state_of(pid)
    return Holder(host=socket.gethostname(), pid=pid, started="" if state is None else f"{_realm()}/{state[1]}")


def is_dead(holder: Holder) -> bool:
    """
    Tell whether a holder's process has certainly ended.

    On Linux, a process of another boot or another container cannot be seen from here, so nothing is certain of it.
    On Windows nobody asks.
    """
    if holder.host != socket.gethostname() or os.name == "nt":
        return False
    realm, _, started = holder.started.rpartition("/")
    if not realm:
        return not _has_process(holder.pid)
    if realm != _realm():
        return False
    state = _state_of(holder.pid)
    if state is None:  # gone, or somebody else's and hidden
        return not _has_process(holder.pid)
    return state[0] in _DEAD or state[1] != started


@cache
def _realm() -> str:
    """
    Give what process numbers of Linux belong to: the boot and the namespace; empty where there is none.
    """
    try:
        return f"{_BOOT.read_text(encoding='ascii').strip()}/{os.readlink('/proc/self/ns/pid')}"  # noqa: PTH115 - no path, a name
    except OSError:
        return ""


def _state_of(pid: int) -> tuple[str, str] | None:
    """
    Give a process's state and the tick at which it was started, as Linux tells them; None if it is not there.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    after_name = text.rpartition(")")[2].split()
    return after_name[0], after_name[19]


def _has_process(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is there, and somebody else's
    return True
