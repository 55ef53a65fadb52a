"""
Room on Python's stack for expressions as deep as the limits allow.

No expression is read here.
"""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass, field
from typing import Final

_NEEDED: Final = 10_000
"""celpy needs some ten frames for each level of its grammar: 400 tokens and 32 levels take about 3,200."""


@dataclass(slots=True)
class _Borrowed:
    """
    The recursion limit that was there before the first of the present borrowers.
    """

    borrowers: int = 0
    before: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


_BORROWED: Final = _Borrowed()


class deep_stack:  # noqa: N801 - reads as what it does: `with deep_stack():`
    """
    Raises the recursion limit inside of a `with`, and gives it back when the last of all threads has left.

    celpy sets the process's limit to 2,500, also when it was higher; that, too, is undone here.
    """

    __slots__ = ()

    def __enter__(self) -> None:
        with _BORROWED.lock:
            if _BORROWED.borrowers == 0:
                _BORROWED.before = sys.getrecursionlimit()
                sys.setrecursionlimit(max(_BORROWED.before, _NEEDED))
            _BORROWED.borrowers += 1

    def __exit__(self, *error: object) -> None:
        with _BORROWED.lock:
            _BORROWED.borrowers -= 1
            if _BORROWED.borrowers == 0:
                sys.setrecursionlimit(_BORROWED.before)
