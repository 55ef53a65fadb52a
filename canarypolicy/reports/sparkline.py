"""
A signal's last values as one line of small columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_COLUMNS = "▁▂▃▄▅▆▇█"
_MISSING = "·"
_FLAT = "▄"


def sparkline(values: Sequence[object]) -> str:
    """
    Draw numbers and truths from the lowest to the highest of them; whatever else there is counts as missing, a dot.
    """
    numbers = [float(value) if isinstance(value, (bool, int, float)) else None for value in values]
    known = [number for number in numbers if number is not None]
    if not known:
        return _MISSING * len(numbers)
    low, high = (0.0, 1.0) if all(isinstance(value, bool) or value is None for value in values) else (min(known), max(known))
    return "".join(_MISSING if number is None else _column(number, low, high) for number in numbers)


def _column(number: float, low: float, high: float) -> str:
    if high == low:
        return _FLAT
    # Halves, so that two numbers near the largest doubles have a difference.
    share = (number / 2 - low / 2) / (high / 2 - low / 2)
    return _COLUMNS[min(len(_COLUMNS) - 1, int(share * len(_COLUMNS)))]
