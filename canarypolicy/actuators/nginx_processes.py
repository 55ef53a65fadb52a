"""
The processes of a running nginx, as Linux shows them in `/proc`.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

from canarypolicy.live.protocols import NotDone

_PROC = Path("/proc")
_MASTER = "nginx: master process"
_WORKER = "nginx: worker process"
_LEAVING = "is shutting down"


@dataclass(frozen=True, slots=True)
class Master:
    """
    The process that is told to reload.
    """

    pid: int

    def workers(self) -> frozenset[int]:
        """
        Give the workers that take new connections: those that are not shutting down.
        """
        found = (int(each.name) for each in _PROC.iterdir() if each.name.isdigit())
        return frozenset(pid for pid in found if _parent(pid) == self.pid and _takes_connections(_title(pid)))

    def reload(self) -> None:
        """
        Tell nginx to read its configuration again.
        """
        try:
            os.kill(self.pid, signal.SIGHUP)
        except OSError as error:
            why = "this user may not" if isinstance(error, PermissionError) else "it has ended"
            raise NotDone(f"nginx cannot be told to reload: {why}") from None


def master_of(pid_file: Path) -> Master:
    """
    Find the master by its pid file. A pid that is no nginx's, from before a crash, is `NotDone`: HUP ends other programs.
    """
    if not _PROC.is_dir():
        raise NotDone("nginx's processes cannot be seen: this system has no `/proc`")
    try:
        pid = int(pid_file.read_text(encoding="ascii"))
    except OSError as error:
        raise NotDone(f"nginx's pid file cannot be read: {error.strerror or 'the system gives no reason'}") from None
    except ValueError:
        raise NotDone("nginx's pid file holds no number") from None
    if pid <= 1 or not _title(pid).startswith(_MASTER):
        raise NotDone("the process in nginx's pid file is no master of nginx")
    return Master(pid)


def _takes_connections(title: str) -> bool:
    return title.startswith(_WORKER) and _LEAVING not in title


def _title(pid: int) -> str:
    """
    Give a process's command line; of one that has ended it is empty.
    """
    return _content(pid, "cmdline").replace("\0", " ")


def _parent(pid: int) -> int | None:
    # `pid (name) state parent ...`, and a name may hold anything
    _, _, rest = _content(pid, "stat").rpartition(")")
    fields = rest.split()
    return int(fields[1]) if len(fields) > 1 else None


def _content(pid: int, name: str) -> str:
    try:
        return (_PROC / str(pid) / name).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""  # it has ended, or is hidden from this user
