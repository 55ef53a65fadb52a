"""
Calls into the world that may take long: each in a thread of its own, so that none delays the loop.
"""

from __future__ import annotations

from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING, Generic, TypeVar

from canarypolicy.live.protocols import NotDone

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


def in_background(call: Callable[[], Result]) -> Future[Result]:
    """
    Begin a call and give its future. A call that never returns does not keep the process from ending.
    """
    future: Future[Result] = Future()

    def settle() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - it belongs to the one who asks for the result
            future.set_exception(error)

    Thread(target=settle, daemon=True).start()
    return future


class OneAtATime(Generic[Result]):
    """
    A part that is asked one thing at a time: while it has not answered, nothing else is asked.
    """

    def __init__(self) -> None:
        self._asked: Future[Result] | None = None

    @property
    def is_busy(self) -> bool:
        """
        Tell whether a call goes on.
        """
        return self._asked is not None and not self._asked.done()

    def begin(self, call: Callable[[], Result]) -> bool:
        """
        Begin a call unless the last one goes on still.
        """
        if self.is_busy:
            return False
        self._asked = in_background(call)
        return True

    def result(self, seconds: float) -> Result:
        """
        Give the result of the call that was begun, waiting so long at most; `NotDone` if there is none by then.
        """
        assert self._asked is not None, "a result is asked of a call that was begun"
        try:
            return self._asked.result(max(0.0, seconds))
        except TimeoutError:
            raise NotDone("it has not answered yet") from None
        except NotDone:
            raise
        except Exception as error:  # a plug-in's mistake must not end a run that may have to roll back
            raise NotDone(f"a fault in it: {type(error).__name__}") from error
