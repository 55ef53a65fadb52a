"""
The log of a run: one line for each thing told, as text for people or as JSON for machines.

A thread of its own writes the lines, so that a reader that has stopped reading never delays the rollout.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from queue import Full, Queue
from threading import Thread
from typing import TYPE_CHECKING, Any

from canarypolicy.documents.duration import SECOND_US, format_instant
from canarypolicy.live.protocols import Told
from canarypolicy.reports.escape import visible
from canarypolicy.reports.paint import Tone, paint

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

_WAITING_LINES = 10_000
_CLOSING_SECONDS = 2.0

_TONES = {"info": Tone.FAINT, "warning": Tone.WAIT, "error": Tone.BAD}
_FIXED = ("t", "level", "event", "message")


class LogFormat(Enum):
    """
    How lines of the log are written.
    """

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStyle:
    """
    How the user wants the log.
    """

    format: LogFormat = LogFormat.TEXT
    has_color: bool = False
    is_quiet: bool = False
    """Warnings and errors only."""


class LogWatcher:
    """
    Writes what it is told to a stream, one line each.

    When lines wait because nobody reads, the newest are dropped, and the next line that goes out says how many.
    """

    def __init__(self, stream: TextIO, now_us: Callable[[], int], style: LogStyle) -> None:
        self._stream = stream
        self._now_us = now_us
        self._style = style
        self._lines: Queue[str | None] = Queue(_WAITING_LINES)
        self._dropped = 0
        self._writer = Thread(target=self._write, name="log", daemon=True)
        self._writer.start()

    def tell(self, told: Told) -> None:
        """
        Take a line of the log.
        """
        if self._style.is_quiet and told.level == "info":
            return
        line = self._line(told)
        if self._dropped:
            line = self._line(_lines_lost(self._dropped)) + line
        try:
            self._lines.put_nowait(line)
        except Full:
            self._dropped += 1
        else:
            self._dropped = 0

    def measure(self, facts: Mapping[str, Any]) -> None:
        """
        Take nothing: what matters to people is told.
        """

    def close(self) -> None:
        """
        Write what waits, for as long as somebody reads.
        """
        try:
            self._lines.put(None, timeout=_CLOSING_SECONDS)
        except Full:  # nobody has read ten thousand lines, and nobody will
            return
        self._writer.join(_CLOSING_SECONDS)

    def _line(self, told: Told) -> str:
        at_us = self._now_us()
        return json_line(told, at_us) if self._style.format is LogFormat.JSON else text_line(told, at_us, self._style.has_color)

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            # A reader that has gone, or a closed stream, is no reason to stop a rollout: there is nobody left to tell.
            with suppress(OSError, ValueError):
                self._stream.write(line)
                self._stream.flush()


def text_line(told: Told, at_us: int, has_color: bool) -> str:  # noqa: FBT001 - the stream's property
    """
    Write a line for people: the time of day in UTC, the level where it is no plain news, the run, the sentence.
    """
    clock = paint(format_instant(at_us - at_us % SECOND_US)[11:19], Tone.FAINT, color=has_color)
    level = "" if told.level == "info" else paint(f"{told.level}: ", _TONES[told.level], color=has_color)
    run = told.facts.get("run")
    whose = "" if run is None else f"rollout {visible(str(run))}: "
    return f"{clock} {level}{whose}{visible(told.message)}\n"


def json_line(told: Told, at_us: int) -> str:
    """
    Write a line for machines: the fixed keys first, then the facts.
    """
    fixed = dict(zip(_FIXED, (format_instant(at_us), told.level, told.event, told.message), strict=True))
    facts = {name: _plain(value) for name, value in told.facts.items() if name not in fixed}
    return json.dumps({**fixed, **facts}, ensure_ascii=False, allow_nan=False) + "\n"


def _lines_lost(count: int) -> Told:
    message = f"{count} line{'s' if count != 1 else ''} of the log could not be written in time"
    return Told(level="warning", event="log-lines-lost", message=message, facts={"count": count})


def _plain(value: object) -> object:
    """
    Give a fact as a JSON value; what JSON has no form for is written as text, a number that is none as null.
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return str(value)
