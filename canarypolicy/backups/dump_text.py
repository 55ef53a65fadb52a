r"""
The text that `mysqldump` writes, read as it streams by: its sections, and whether it came to its end.

A section begins with a title between two bare comment lines: `-- Table structure for table `orders` `, `-- Dumping
routines for database 'shop'`. A line break within a value is written as `\n`, so only the text of routines, triggers
and views can hold a line that looks like a title; it then does so in each dump alike, and comparing them stays true.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = "header"
"""What stands before the first title: nothing but settings of the session."""
EVENTS = "Dumping events"
_TRAILER = b"-- Dump completed"
_OF_DATABASE = re.compile(r" for database .*")
_LONGEST_LINE = 4096
_MARKS = (b"--", b"ALTER DATABASE `")
"""How lines begin that are looked at one by one."""
_NEXT_MARK = re.compile(rb"\n(?:--|ALTER DATABASE `)")
"""One search for both costs a third of two: most of a dump is looked through for nothing else."""
_OF_SCHEMA = re.compile(rb"ALTER DATABASE `(?:[^`]|``)+` (CHARACTER SET \w+ COLLATE \w+ ;;?)")
"""Around what was made while its schema had another collation; without the name it means the schema in use."""


class Sections:
    """
    A dump's text, cut into pieces that belong to one section each.

    The dump's own comments are left out, and so is the schema's name where the dump names it.
    """

    def __init__(self) -> None:
        self._section = HEADER
        self._carry = b""
        self._is_at_line_start = True
        self._is_behind_bar = False
        self.is_complete = False
        """Whether the last line that was not empty was the trailer."""

    def feed(self, chunk: bytes) -> Iterator[tuple[str, bytes]]:
        """
        Take a chunk and give what is complete of it.
        """
        data, self._carry = (self._carry + chunk if self._carry else chunk), b""
        at = 0
        while at < len(data):
            if self._is_at_line_start and data.startswith(_MARKS, at):
                end = data.find(b"\n", at) + 1 or len(data)
                if data[end - 1 : end] != b"\n" and end - at < _LONGEST_LINE:
                    self._carry = data[at:]
                    return
                yield from self._line(data[at:end])
            elif self._is_at_line_start and _may_become_mark(data, at):
                self._carry = data[at:]
                return
            else:
                end = _next_mark(data, at)
                yield self._text(data[at:end] if end - at < len(data) else data)
            self._is_at_line_start = data[end - 1 : end] == b"\n"
            at = end

    def rest(self) -> Iterator[tuple[str, bytes]]:
        """
        Give what is left at the end of the text.
        """
        data, self._carry = self._carry, b""
        if data:
            yield from self._line(data)

    def _text(self, data: bytes) -> tuple[str, bytes]:
        self._is_behind_bar = False
        if self.is_complete and not data.isspace():
            self.is_complete = False
        return self._section, data

    def _line(self, line: bytes) -> Iterator[tuple[str, bytes]]:
        words = line.rstrip()
        if not words.startswith(b"--"):
            yield self._text(without_schema(line))
        elif words == b"--":
            self._is_behind_bar = True
        elif words.startswith(_TRAILER):
            self.is_complete = True
        elif self._is_behind_bar:
            self._is_behind_bar = False
            self._section = _OF_DATABASE.sub("", words.removeprefix(b"-- ").decode("utf-8", "backslashreplace"))
            if self._section.startswith("Host: "):
                self._section = HEADER
        else:  # a line of a routine's, or of the header
            yield self._text(line)


def without_schema(text: bytes) -> bytes:
    """
    Leave out a schema's name where it stands for the schema that is dumped.
    """
    return _OF_SCHEMA.sub(rb"ALTER DATABASE \1", text)


def _next_mark(data: bytes, at: int) -> int:
    """
    Find where the next line begins that is marked, or may turn out to be when more of it has come.
    """
    found = _NEXT_MARK.search(data, at)
    if found is not None:
        return found.start() + 1
    last = data.rfind(b"\n", max(at, len(data) - max(map(len, _MARKS)))) + 1
    return last if last and _may_become_mark(data, last) else len(data)


def _may_become_mark(data: bytes, at: int) -> bool:
    return any(mark.startswith(data[at:]) for mark in _MARKS)


class DumpDigest:
    """
    A digest a section, to hold two dumps of the same data against one another.
    """

    def __init__(self) -> None:
        self._sections = Sections()
        self._digests: dict[str, Any] = {}
        self.size_bytes = 0

    @property
    def is_complete(self) -> bool:
        return self._sections.is_complete

    def see(self, chunk: bytes) -> None:
        """
        Take the next chunk.
        """
        self.size_bytes += len(chunk)
        self._take(self._sections.feed(chunk))

    def close(self) -> Mapping[str, str]:
        """
        Take what is left and give the digests by section; the header, which tells of programs and not of data, has none.
        """
        self._take(self._sections.rest())
        return {section: digest.hexdigest()[:32] for section, digest in self._digests.items() if section != HEADER}

    def _take(self, pieces: Iterator[tuple[str, bytes]]) -> None:
        for section, piece in pieces:
            digest = self._digests.get(section)
            if digest is None:
                digest = self._digests[section] = sha256()
            digest.update(piece)


class WithoutEvents:
    """
    A dump's text without its events, which are kept aside: in a schema beside the real one they would run.
    """

    def __init__(self) -> None:
        self._sections = Sections()
        self.events = bytearray()

    def chunks(self, source: Iterator[bytes]) -> Iterator[bytes]:
        """
        Give the text, chunk by chunk.
        """
        for chunk in source:
            yield from self._without(self._sections.feed(chunk))
        yield from self._without(self._sections.rest())

    def _without(self, pieces: Iterator[tuple[str, bytes]]) -> Iterator[bytes]:
        for section, piece in pieces:
            if section == EVENTS:
                self.events += piece
            else:
                yield piece


def differences(recorded: Mapping[str, str], found: Mapping[str, str]) -> tuple[str, ...]:
    """
    Name the sections that are not the same in two dumps, events left out.
    """
    sections = sorted((recorded.keys() | found.keys()) - {EVENTS})
    return tuple(section for section in sections if recorded.get(section) != found.get(section))


_TOKEN = re.compile(rb"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`[^`]*`|/\*(?!!|M!).*?\*/|(?:--[ \t]|#)[^\n]*|;", re.DOTALL)


def statements_of(text: bytes) -> tuple[bytes, ...]:
    """
    Cut SQL as `mysqldump` writes it into its statements; `DELIMITER` lines are obeyed and left out.
    """
    found: list[bytes] = []
    delimiter = b";"
    block: list[bytes] = []
    for line in text.splitlines(keepends=True):
        if not line.startswith(b"DELIMITER "):
            block.append(line)
            continue
        found += _cut(b"".join(block), delimiter)
        delimiter, block = line.split()[1], []
    return tuple(each for each in (*found, *_cut(b"".join(block), delimiter)) if each)


def _cut(block: bytes, delimiter: bytes) -> list[bytes]:
    if delimiter != b";":  # at the end of a line only, as `mysqldump` writes it
        return [each.strip() for each in re.split(re.escape(delimiter) + rb"[ \t]*\n", block)]
    ends = [match.start() for match in _TOKEN.finditer(block) if match[0] == b";"]
    starts = [0, *(end + 1 for end in ends)]
    return [block[start:end].strip() for start, end in zip(starts, [*ends, len(block)], strict=True)]
