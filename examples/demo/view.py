"""
How a rollout is shown while it goes on: the live view at a terminal, lines of its log elsewhere.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from live.rollout import LiveRun

_LOOK_SECONDS = 0.1
_LAST_LOOK_SECONDS = 2.5
"""How long the view stays when the rollout has ended."""

Say = Callable[[str], None]


@contextmanager
def shown(run: LiveRun, say: Say) -> Iterator[Say]:
    """
    Show a run until the block is left; what is yielded tells something beside it.
    """
    if sys.stdout.isatty():
        with _watched(run, say) as tell:
            yield tell
    else:
        with _log_shown(run):
            yield say


@contextmanager
def _watched(run: LiveRun, say: Say) -> Iterator[Say]:
    """
    Run `canarypolicy status RUN --watch` on this terminal; what is told meanwhile is said when the view is gone.
    """
    told: list[str] = []
    view = subprocess.Popen(  # noqa: S603 - canarypolicy itself
        [sys.executable, "-m", "canarypolicy", "status", run.name, "--watch", "--store", f"sqlite:///{run.store}"],
        env=dict(run.variables),
    )
    try:
        yield told.append
        time.sleep(_LAST_LOOK_SECONDS)
    finally:
        if view.poll() is None:
            view.send_signal(signal.SIGINT)
        view.wait(10)
        for line in told:
            say(line)


@contextmanager
def _log_shown(run: LiveRun) -> Iterator[None]:
    over = Event()
    thread = Thread(target=_follow, args=(run, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _follow(run: LiveRun, over: Event) -> None:
    """
    Print the lines of a run's log as they come, to the last one.
    """
    with (run.folder / "stderr").open(encoding="utf-8", errors="replace") as log:
        is_last = False
        while not is_last:
            is_last = over.wait(_LOOK_SECONDS)
            for line in log:
                print(line, end="", flush=True)
