"""
Words that findings share: the user's text in backticks, the nearest name, what is allowed.

No sentence of one area lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 80
"""How much of the user's text a sentence repeats, in characters."""
MOST_NAMES = 8


def code(text: object) -> str:
    """
    Put the user's text in backticks, cut where it is long.
    """
    shown = str(text)
    return f"`{shown}`" if len(shown) <= LONGEST else f"`{shown[: LONGEST - 3]}...`"


def listed(names: Iterable[str], word: str = "and") -> str:
    """
    Join names in backticks, the last one behind a word.
    """
    *others, last = (code(name) for name in names)
    return f"{', '.join(others)} {word} {last}" if others else last


def nearest(name: str, names: Iterable[str]) -> str | None:
    """
    Give the name that was probably meant, or None if none is near.
    """
    if len(name) > LONGEST:
        return None
    from difflib import get_close_matches  # noqa: PLC0415 - only what is wrong is guessed at

    by_lower = {each.lower(): each for each in reversed(list(names))}
    found = get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def suggestion(name: str, names: Iterable[str], heading: str) -> str | None:
    """
    Say which name was probably meant, and which there are: the nearest first, at most eight.

    `heading` says what the names are: `allowed`, `declared`, `steps`.
    """
    known = list(dict.fromkeys(names))
    if not known:
        return None
    guess = nearest(name, known)
    if guess is not None:
        known.remove(guess)
        known.insert(0, guess)
    shown = ", ".join(code(each) for each in known[:MOST_NAMES])
    rest = f" and {len(known) - MOST_NAMES} more" if len(known) > MOST_NAMES else ""
    return f"{'' if guess is None else f'did you mean {code(guess)}? '}{heading}: {shown}{rest}"
