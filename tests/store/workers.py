"""
Processes that use one store, and what becomes of them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from live.servers import end
from stopping import stop

TESTS = Path(__file__).parent.parent


class Worker:
    """
    A process with a store: see `worker.py`.
    """

    def __init__(self, process: subprocess.Popen) -> None:
        self.process = process

    def ask(self, *command: object) -> object:
        self.tell(*command)
        return self.answer()

    def tell(self, *command: object) -> None:
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def answer(self) -> object:
        return json.loads(self.process.stdout.readline())

    def kill(self) -> None:
        """
        Kill it and leave it unburied: a process that has ended has a number until its parent asks for it.
        """
        self.process.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)

    def stop(self) -> None:
        stop(self.process.pid)

    def go_on(self) -> None:
        self.process.send_signal(signal.SIGCONT)


@contextmanager
def working(url: str, number: int = 1) -> Iterator[list[Worker]]:
    """
    Start so many processes on one store, all ready.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(TESTS), str(TESTS.parent)))}
    command = [sys.executable, str(TESTS / "store" / "worker.py"), url]
    started = []
    try:
        for _ in range(number):
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
            started.append(Worker(process))
        for worker in started:
            assert worker.answer() == "ready"
        yield started
    finally:
        for worker in started:
            end(worker.process)
            worker.process.stdin.close()
            worker.process.stdout.close()
