"""
Times in a PolicyTest: durations since the first sample, or instants.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, WithJsonSchema

from canarypolicy.documents.duration import format_duration, format_instant, microseconds, parse_duration, parse_instant
from canarypolicy.documents.fields import fault
from canarypolicy.documents.wording import code


@dataclass(frozen=True, slots=True)
class TimeInTest:
    """
    A time in a test: since its first sample, or an instant.
    """

    us: int
    is_instant: bool = False

    def since(self, first_us: int) -> int:
        """
        Give the time in microseconds since 1970, for a history whose first sample is at `first_us`.
        """
        return self.us if self.is_instant else first_us + self.us

    def __str__(self) -> str:
        return format_instant(self.us) if self.is_instant else format_duration(self.us)


def _to_time(value: Any) -> TimeInTest:
    if isinstance(value, TimeInTest):
        return value
    asked = "expected a duration since the first sample such as `4m`, or an instant such as `2026-05-01T10:00:00Z`"
    if not isinstance(value, str):
        raise fault("wrong-type", f"a time is text: {asked}")
    try:
        if "T" in value:
            return TimeInTest(parse_instant(value), is_instant=True)
        return TimeInTest(microseconds(parse_duration(value)))
    except ValueError:
        raise fault("invalid-time", f"{code(value)} is no time: {asked}") from None


Time: TypeAlias = Annotated[
    TimeInTest,
    BeforeValidator(_to_time),
    WithJsonSchema(
        {"type": "string", "minLength": 1, "description": "A duration since the first sample such as 4m, or an RFC 3339 time."}
    ),
]
