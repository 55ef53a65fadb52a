"""
Prometheus durations (`30s`, `5m`, `1h30m`) and instants, both in whole microseconds.

The engine counts time in integers so that shifting a history changes nothing, to the bit.
Source: https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND_US = 1_000_000

_UNITS_MS = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
PATTERN = r"^(?=.)([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$"
_DURATION = re.compile(PATTERN.replace("$", r"\Z"))
_LONGEST_MS = 100 * _UNITS_MS["y"]


def parse_duration(text: str) -> timedelta:
    """
    Read a Prometheus duration; units go from large to small, each at most once.

    Anything else, and anything over a hundred years, is a `ValueError` that says what is expected.
    """
    match = _DURATION.match(text)
    if match is None:
        raise ValueError(f"`{text}` is not a duration: expected digits and units such as `30s`, `5m` or `1h30m`")
    if len(text) > 64:
        raise ValueError("a duration has at most 64 characters")
    milliseconds = 0
    for group, (_, size) in zip(match.groups(), _UNITS_MS.items(), strict=True):
        if group is not None:
            milliseconds += int(group.rstrip("ywdhms")) * size
    if milliseconds > _LONGEST_MS:
        raise ValueError(f"`{text}` is longer than 100 years")
    return timedelta(milliseconds=milliseconds)


def format_duration(duration_us: int) -> str:
    """
    Write microseconds as the shortest Prometheus duration; fractions of a millisecond are rounded away.
    """
    milliseconds = round(abs(duration_us) / 1000)
    sign = "-" if duration_us < 0 and milliseconds else ""
    parts = []
    for unit in ("d", "h", "m", "s", "ms"):
        count, milliseconds = divmod(milliseconds, _UNITS_MS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return sign + ("".join(parts) or "0s")


def microseconds(duration: timedelta) -> int:
    """
    Give a duration in whole microseconds.
    """
    return duration // MICROSECOND


def parse_instant(value: object) -> int:
    """
    Read RFC 3339 text or epoch seconds as microseconds since 1970; a time without a zone is UTC.

    Anything else is a `ValueError` that says what is expected.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError("a time is RFC 3339 text or epoch seconds")  # noqa: TRY004 - one error for every bad time
    try:
        if not isinstance(value, str):
            return _whole(value)
        if re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", value, re.ASCII):
            seconds, _, fraction = value.partition(".")
            sign = -1 if seconds.startswith("-") else 1
            return _whole(int(seconds)) + sign * int(fraction[:6].ljust(6, "0"))
        moment = datetime.fromisoformat(value)
    except (ValueError, OverflowError) as fault:
        raise ValueError(
            f"`{value}` is not a time: expected RFC 3339 such as `2026-05-01T10:00:00Z`, or epoch seconds"
        ) from fault
    if len(value) < len("2026-05-01T10:00"):
        raise ValueError(f"`{value}` is a day, not a time: expected RFC 3339 such as `2026-05-01T10:00:00Z`")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // MICROSECOND


def _whole(seconds: float) -> int:
    whole = round(seconds * SECOND_US)
    EPOCH + timedelta(microseconds=whole)  # raises OverflowError where `format_instant` could not write it
    return whole


def format_instant(at_us: int) -> str:
    """
    Write an instant as RFC 3339 in UTC, with a fraction only where there is one.
    """
    moment = EPOCH + timedelta(microseconds=at_us)
    return moment.replace(tzinfo=None).isoformat() + "Z"
