"""
The present: the one place at which a command looks at the clock.
"""

from __future__ import annotations

import time


def now_us() -> int:
    """
    Give the present in microseconds since 1970.
    """
    return time.time_ns() // 1000
