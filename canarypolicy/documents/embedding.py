"""
Where each character of a YAML scalar's value stands in the file, for every style of scalar.

YAML folds lines, drops indentation and has escapes; this module walks the written text by the same rules.
That it arrives at the parser's own value is checked each time: a value that is not met is placed as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from canarypolicy.documents.span import Embedded, Span

Placed: TypeAlias = tuple[str, int]
"""A character of the value and its offset in the source."""

_BLANKS_AND_BREAK = re.compile(r"[ \t]*(?:\r\n|\r|\n)")
_BLANKS = re.compile(r"[ \t]*")
_HEADER = re.compile(r"[|>][-+0-9]*[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n|\Z)")
_LINE = re.compile(r"([^\r\n]*)(?:\r\n|\r|\n|\Z)")
_SPACES = re.compile(r"\s*")
_WIDEST_INDENT = 100
"""Where an indentation is written (`|2`), how many are tried."""
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)+")
_HEXADECIMAL = {"x": 2, "u": 4, "U": 8}
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip


def embed(value: str, span: Span) -> Embedded:
    """
    Give the value of the scalar at a span with the place of each of its characters.
    """
    for placed in _readings(span):
        text = "".join(character for character, _ in placed)
        # A block scalar is read with all its last line breaks; how many of them count, its value shows.
        if text.startswith(value) and not text[len(value) :].strip("\n"):
            offsets = tuple(offset for _, offset in placed[: len(value)])
            behind = placed[len(value)][1] if len(placed) > len(value) else (offsets[-1] + 1 if offsets else span.start)
            return Embedded(text=value, span=span, offsets=(*offsets, behind))
    return Embedded(text=value, span=span, offsets=(*[span.start] * len(value), span.end))


def _readings(span: Span) -> Iterator[list[Placed]]:
    """
    Read the scalar at a span; a block scalar may have been indented by any number of blanks.
    """
    text, start, end = span.source.text, span.start, span.end
    properties = _PROPERTIES.match(text, start, end)
    if properties:
        start = properties.end()
    match text[start : start + 1]:
        case "'" | '"' as quote:
            yield list(_flow(text, start + 1, end - 1, quote))
        case "|" | ">":
            yield from _blocks(text, start, _SPACES.match(text, end))
        case _:
            yield list(_flow(text, start, end, ""))


def _flow(text: str, at: int, end: int, quote: str) -> Iterator[Placed]:
    while at < end:
        folded = _BLANKS_AND_BREAK.match(text, at, end)
        if folded:
            breaks, at = _breaks(text, at, end)
            yield from breaks[1:] or [(" ", breaks[0][1])]
        elif quote == '"' and text[at] == "\\":
            escape = text[at + 1]
            if escape in "\r\n":
                breaks, at = _breaks(text, at + 1, end)
                yield from breaks[1:]
            else:
                digits = _HEXADECIMAL.get(escape, 0)
                yield (chr(int(text[at + 2 : at + 2 + digits], 16)) if digits else _ESCAPES[escape]), at
                at += 2 + digits
        else:
            yield text[at], at
            at += 2 if quote == "'" == text[at] else 1


def _breaks(text: str, at: int, end: int) -> tuple[list[Placed], int]:
    """
    Take line breaks with the blanks around them, and give each break and where the text goes on.
    """
    breaks: list[Placed] = []
    while found := _BLANKS_AND_BREAK.match(text, at, end):
        blanks = _BLANKS.match(text, at, end)
        breaks.append(("\n", blanks.end() if blanks else at))
        at = found.end()
    rest = _BLANKS.match(text, at, end)
    return breaks, rest.end() if rest else at


def _blocks(text: str, start: int, rest: re.Match[str] | None) -> Iterator[list[Placed]]:
    header = _HEADER.match(text, start)
    end = rest.end() if rest else len(text)
    if header is None:
        return
    lines = [(match.start(), match.end(1)) for match in _LINE.finditer(text, header.end(), end)]
    first = next((text[line[0] : line[1]] for line in lines if text[line[0] : line[1]].strip(" ")), "")
    deepest = len(first) - len(first.lstrip(" "))
    for indent in (deepest, *range(min(deepest, _WIDEST_INDENT))):
        yield list(_block(text, lines, indent, is_folded=header[0][0] == ">"))


def _block(text: str, lines: list[tuple[int, int]], indent: int, *, is_folded: bool) -> Iterator[Placed]:
    """
    Read the lines of a block scalar that is indented by so many blanks.
    """
    breaks: list[Placed] = []
    is_joined = False
    for start, end in lines:
        content = text[start:end][indent:]
        if not content and not text[start:end].strip(" "):
            breaks.append(("\n", end))
            continue
        if text[start : start + indent].strip(" "):
            break
        joins = is_folded and content[0] not in " \t"
        if joins and is_joined and breaks:
            breaks = breaks[1:] or [(" ", breaks[0][1])]
        yield from breaks
        yield from zip(content, range(start + indent, end), strict=True)
        breaks, is_joined = [("\n", end)], joins
    yield from breaks
