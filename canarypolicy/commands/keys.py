"""
Keys pressed at a terminal, one at a time and without Enter.
"""

from __future__ import annotations

import os
import select
import sys
import time
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

_LOOK_SECONDS = 0.05


class Keys:
    """
    The keyboard while the `with` block lasts; where stdin is no terminal, no key is ever pressed.
    """

    def __init__(self) -> None:
        self._is_terminal = sys.stdin is not None and sys.stdin.isatty()
        self._before: list[Any] | None = None

    def __enter__(self) -> Self:
        if self._is_terminal and sys.platform != "win32":
            import termios  # noqa: PLC0415 - not on Windows
            import tty  # noqa: PLC0415 - not on Windows

            self._before = termios.tcgetattr(sys.stdin)
            tty.setcbreak(sys.stdin)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._before is not None and sys.platform != "win32":
            import termios  # noqa: PLC0415 - not on Windows

            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._before)

    def pressed(self, seconds: float) -> str:
        """
        Give the key that is pressed within so long, or nothing when none is.
        """
        if not self._is_terminal:
            time.sleep(seconds)
            return ""
        if sys.platform == "win32":
            return _pressed_on_windows(seconds)
        ready, _, _ = select.select([sys.stdin], [], [], seconds)
        return os.read(sys.stdin.fileno(), 1).decode(errors="replace") if ready else ""


def _pressed_on_windows(seconds: float) -> str:  # pragma: no cover - the console of Windows
    import msvcrt  # noqa: PLC0415 - Windows only

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if msvcrt.kbhit():  # type: ignore[attr-defined,unused-ignore]  # known on Windows only
            return str(msvcrt.getwch())  # type: ignore[attr-defined,unused-ignore]  # the same
        time.sleep(_LOOK_SECONDS)
    return ""
