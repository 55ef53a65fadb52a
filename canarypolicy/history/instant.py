"""
Times as recordings give them, with a sentence for what is no time.
"""

from __future__ import annotations

from canarypolicy.documents.duration import parse_instant
from canarypolicy.history.wording import kind_of, quoted

_LONGEST = 64
_MILLISECONDS = (100_000_000_000, 100_000_000_000_000)
"""As seconds these are beyond the year 5138; as milliseconds they are from 1973 to 5138."""

EXPECTED = "expected RFC 3339 such as `2026-05-01T10:00:00Z`, or epoch seconds"
IN_SECONDS = "epoch times are in seconds: divide milliseconds by 1000"


class BadTime(Exception):
    """
    A value is no time; carries the sentence and, where there is one, the way out.
    """

    def __init__(self, message: str, help: str | None = None) -> None:  # noqa: A002 - the word of the messages
        super().__init__(message)
        self.message = message
        self.help = help


def instant_of(value: object) -> int:
    """
    Read a time as microseconds since 1970; what is none is a `BadTime`.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise BadTime(f"a time is text or a number, found {kind_of(value)}: {EXPECTED}")
    if isinstance(value, str) and len(value) > _LONGEST:
        raise BadTime(f"{quoted(value)} is not a time: {EXPECTED}")
    try:
        return parse_instant(value)
    except ValueError as fault:
        raise BadTime(f"{quoted(value)} is not a time: {EXPECTED}", _way_out(value)) from fault


def _way_out(value: float | str) -> str | None:
    try:
        return IN_SECONDS if _MILLISECONDS[0] <= float(value) < _MILLISECONDS[1] else None
    except (ValueError, OverflowError):
        return None
