"""
An asyncio loop in a thread of its own, kept from one tick to the next.
"""

from __future__ import annotations

import asyncio
import os
from threading import Thread
from typing import TYPE_CHECKING, TypeVar
from weakref import finalize

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from concurrent.futures import Future

Result = TypeVar("Result")

_CLOSING_SECONDS = 1.0


class LoopThread:
    """
    Runs coroutines for those who have no loop; ends when nobody holds it any more, at the latest with the process.

    Its tasks are cancelled then.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._pid = os.getpid()
        # A daemon: whatever hangs in it must not keep the process from ending.
        thread = Thread(target=_run, args=(self._loop,), name="canarypolicy http", daemon=True)
        thread.start()
        self.close = finalize(self, _end, self._loop, thread, self._pid)

    @property
    def is_running(self) -> bool:
        """
        Whether it can be used: it was not closed, and no fork has left its thread behind.
        """
        return self.close.alive and not self.is_of_a_parent

    @property
    def is_of_a_parent(self) -> bool:
        """
        Whether it was made before this process was forked.
        """
        return self._pid != os.getpid()

    def start(self, coroutine: Coroutine[object, object, Result]) -> Future[Result]:
        """
        Run a coroutine, and go on.
        """
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        for _ in range(3):  # aborted transports close their sockets in the next rounds, TLS a round later
            loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def _end(loop: asyncio.AbstractEventLoop, thread: Thread, pid: int) -> None:
    if pid != os.getpid():
        return  # the parent's loop: its selector is shared, and whatever is closed here would be closed there
    loop.call_soon_threadsafe(loop.stop)
    thread.join(_CLOSING_SECONDS)
