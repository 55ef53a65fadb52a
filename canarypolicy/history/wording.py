"""
Words of the findings in recordings: how a user's text is quoted and what is offered instead.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from canarypolicy.cel.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 60
_MOST_NAMES = 500
"""Among so many names the nearest one is looked for."""


def quoted(value: object) -> str:
    """
    Give a user's text in backticks: one line, and no longer than a message bears.
    """
    text = str(value)
    shown = "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text[:_LONGEST])
    return f"`{shown}{'...' if len(text) > _LONGEST else ''}`"


def offered(name: str, allowed: Iterable[str]) -> str | None:
    """
    Give the help for an unknown name: the nearest first, at most eight; None if nothing is allowed.
    """
    return did_you_mean(name[:_LONGEST], islice(allowed, _MOST_NAMES), nothing=None, rest="expected one of")


def kind_of(value: object) -> str:
    """
    Name the kind of a JSON value.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "a bool"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "an array"
    return "an object"
