"""
A recording in the making: the items of each rollout, and every fault that was found on the way.

The order of times is judged here, for all formats alike. No format is known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from canarypolicy.documents.duration import format_instant
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.span import SourceText, Span
from canarypolicy.engine.sample import RawSample

if TYPE_CHECKING:
    from canarypolicy.engine.event import Event

MOST_SHOWN = 20
"""So many bad lines are shown; of further ones only the number is told."""

Place = tuple[int, int]
"""Offsets in a line: the first character and the one behind the last."""


class Line(NamedTuple):
    """
    One line of a text, or one row of a table that has no text.
    """

    number: int
    text: str


class BadLine(Exception):
    """
    A line cannot be read; the reader of its format goes on with the next one.
    """

    def __init__(self, name: str, message: str, place: Place | None = None, help: str | None = None) -> None:  # noqa: A002 - the word of the messages
        super().__init__(message)
        self.name = name
        self.message = message
        self.place = place
        self.help = help


class TornLine(BadLine):
    """
    A line ends before it says all: if it is the last one and has no line break, writing it was cut short.
    """


class Course:
    """
    The items of one rollout in the order of the file.
    """

    def __init__(self) -> None:
        self.items: list[RawSample | Event] = []
        self.steps: dict[str, Span] = {}
        """Each recorded step -> where it stands first."""
        self._last: tuple[int, int] | None = None
        self._last_sample: tuple[int, int] | None = None
        self._has_events = False

    def add(self, item: RawSample | Event, line: Line) -> str | None:
        """
        Take an item if its time may follow; else give the sentence that says why not.

        Samples rise strictly. An event may have the time of the item before it, and a sample that of an event.
        """
        is_sample = isinstance(item, RawSample)
        before = self._last
        if before is not None and item.at_us < before[0]:
            return _falls(item.at_us, *before)
        if is_sample:
            before = self._last_sample
            if before is not None and item.at_us == before[0]:
                return f"time {_at(item.at_us)} repeats that of line {before[1]}: times must rise"
            self._last_sample = (item.at_us, line.number)
        else:
            self._has_events = True
        self._last = (item.at_us, line.number)
        self.items.append(item)
        return None

    def in_order(self) -> tuple[RawSample | Event, ...]:
        """
        Give the items in the order of time; of one time, events come before the sample.
        """
        if self._has_events:
            self.items.sort(key=lambda item: (item.at_us, isinstance(item, RawSample)))
        return tuple(self.items)


class Draft:
    """
    What was read of a file so far.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.rollout: str | None = None
        """The name that the file itself gives to its only rollout."""
        self.is_gated: bool | None = None
        """Whether the file itself says that its rollout has gates, also while none has a result."""
        self.has_begun: bool | None = None
        """Whether the file itself says that the rollout has begun: false where all is only what lies before its first step."""
        self.torn_line: int | None = None
        """The number of a last line without a line break."""
        self.courses: dict[str | None, Course] = {}
        self.notes: list[Finding] = []
        self._errors: list[Finding] = []
        self._last_error: Line | None = None
        self._hidden = 0

    @property
    def errors(self) -> tuple[Finding, ...]:
        """
        The faults found, in the order of the file; many end in one that counts the rest.
        """
        if self._last_error is None:
            return tuple(self._errors)
        counted = f"{self._hidden} more bad line{'s' if self._hidden > 1 else ''} up to here"
        more = BadLine("more-bad-lines", counted)
        return (*self._errors, self._finding(more, self._last_error, Severity.ERROR))

    def course(self, rollout: str | None = None) -> Course:
        """
        Give the course of a rollout; None is the only one of its file.
        """
        found = self.courses.get(rollout)
        if found is None:
            found = self.courses[rollout] = Course()
        return found

    def refuse(self, bad: BadLine, line: Line) -> None:
        """
        Note a torn last line; count any other bad line as an error.
        """
        if isinstance(bad, TornLine) and line.number == self.torn_line and line.number > 1:
            self.note(BadLine("torn-line", f"the last line is torn and was skipped: {bad.message}", bad.place), line)
        elif len(self._errors) < MOST_SHOWN:
            self._errors.append(self._finding(bad, line, Severity.ERROR))
        else:
            self._hidden += 1
            self._last_error = line

    def note(self, what: BadLine, line: Line) -> None:
        """
        Add a note: nothing that keeps the recording from being used.
        """
        self.notes.append(self._finding(what, line, Severity.NOTE))

    def span(self, line: Line, place: Place | None = None) -> Span:
        """
        Give a place in the file that keeps one line of it, and not the whole file, alive.
        """
        start, end = (0, len(line.text)) if place is None else place
        return SourceText(path=self.path, text=line.text, first_line=line.number).span(start, end)

    def _finding(self, bad: BadLine, line: Line, severity: Severity) -> Finding:
        span = self.span(line, bad.place)
        return Finding(name=bad.name, message=bad.message, span=span, severity=severity, help=bad.help)


def _falls(at_us: int, before_us: int, before_line: int) -> str:
    return f"time {_at(at_us)} lies before {_at(before_us)} of line {before_line}: times must rise"


def _at(at_us: int) -> str:
    return f"`{format_instant(at_us)}`"
