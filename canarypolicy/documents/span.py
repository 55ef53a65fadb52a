"""
Places in a text: offsets, lines and columns, and expressions embedded in YAML scalars.

Columns and lines count from 1, columns in characters.
No YAML and no CEL is parsed here.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

LINE_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SourceText:
    """
    A text and the path under which users know it.
    """

    path: str
    text: str
    first_line: int = 1
    """The number of the text's first line, where the text is a part of a longer one."""
    _line_starts: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        starts = (0, *(match.end() for match in LINE_BREAK.finditer(self.text)))
        object.__setattr__(self, "_line_starts", starts)

    def line_of(self, offset: int) -> int:
        """
        Give the line number in which the character at `offset` lies.
        """
        return bisect_right(self._line_starts, offset) + self.first_line - 1

    def column_of(self, offset: int) -> int:
        """
        Give the column of the character at `offset` in its line.
        """
        return offset - self._line_starts[self.line_of(offset) - self.first_line] + 1

    def line(self, number: int) -> str:
        """
        Give the text of a line, without its line break.
        """
        index = number - self.first_line
        start = self._line_starts[index]
        end = self._line_starts[index + 1] if index + 1 < len(self._line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def span(self, start: int, end: int) -> Span:
        """
        Give the span of the characters from `start` up to, not including, `end`.
        """
        return Span(source=self, start=start, end=end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """
    A half-open range of characters in a text.
    """

    source: SourceText
    start: int
    end: int

    @property
    def path(self) -> str:
        return self.source.path

    @property
    def line(self) -> int:
        return self.source.line_of(self.start)

    @property
    def column(self) -> int:
        return self.source.column_of(self.start)

    @property
    def end_line(self) -> int:
        return self.source.line_of(max(self.start, self.end - 1))

    @property
    def end_column(self) -> int:
        """
        The column just behind the last character of the span.
        """
        return self.source.column_of(max(self.start, self.end - 1)) + (1 if self.end > self.start else 0)

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """
    An expression inside a document, with the place of each of its characters.

    `offsets[i]` is where character i of `text` stands in the source; a last entry stands behind the end.
    Quoted and folded scalars are why this is a table and no sum.
    """

    text: str
    span: Span
    offsets: tuple[int, ...]

    def place(self, start: int, end: int) -> Span:
        """
        Give the span in the document of the characters `start` to `end` of the expression.
        """
        first = self.offsets[start]
        if end <= start:
            return self.span.source.span(first, first)
        last = self.offsets[end - 1]
        # An escape has several characters in the source; the blanks of folded lines belong to none.
        written = self.span.source.text[last : self.offsets[end]].rstrip()
        return self.span.source.span(first, last + max(1, len(written)))
