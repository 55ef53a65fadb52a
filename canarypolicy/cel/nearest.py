"""
Which of the allowed names a reader may have meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_MOST: Final = 8
_ALIKE: Final = 0.6
"""Share of common letters from which a name may have been meant."""
_LAST_PART_COUNTS: Final = 0.9


def did_you_mean(name: str, allowed: Iterable[str], *, nothing: str | None, rest: str = "declared") -> str | None:
    """
    Name the nearest allowed name, if one is near, and at most eight in all; `nothing` is what to say when none is allowed.
    """
    ranked = sorted({each: _likeness(name, each) for each in allowed}.items(), key=lambda pair: (-pair[1], pair[0]))
    if not ranked:
        return nothing
    nearest, likeness = ranked[0]
    shown = f"{rest}: {listed(each for each, _ in ranked[:_MOST])}"
    return f"did you mean `{nearest}`? {shown}" if likeness >= _ALIKE else shown


def listed(names: Iterable[str]) -> str:
    """
    Give names in backticks, parted by commas.
    """
    return ", ".join(f"`{name}`" for name in names)


def _likeness(name: str, other: str) -> float:
    """
    Compare whole names, and last parts for who left out the first ones.
    """
    return max(_ratio(name, other), _LAST_PART_COUNTS * _ratio(name.rpartition(".")[2], other.rpartition(".")[2]))


def _ratio(name: str, other: str) -> float:
    from difflib import SequenceMatcher  # noqa: PLC0415 - only what is wrong is guessed at

    return SequenceMatcher(a=name.lower(), b=other.lower(), autojunk=False).ratio()
