"""
Bytes of a recording as lines of text: unpacked within a limit, decoded, numbered.

What a line means is the business of the formats.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from canarypolicy.history.draft import BadLine, Line, TornLine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.history.draft import Draft

MOST_BYTES = 512 * 1024 * 1024
"""A recording may have so many bytes when it is unpacked."""

_CHUNK = 1 << 20
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
_CUT_CHARACTER = re.compile("[\udc80-\udcff]{1,3}\\Z")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def unpack(data: bytes, draft: Draft) -> bytes:
    """
    Unpack gzip; a stream that ends early gives the lines that are whole, and a note.

    A damaged stream, and one with more than `MOST_BYTES` inside, is a `BadLine`.
    """
    import gzip  # noqa: PLC0415 - most recordings are not packed
    import io  # noqa: PLC0415 - as above
    import zlib  # noqa: PLC0415 - as above

    unpacked = bytearray()
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        try:
            while part := stream.read1(_CHUNK):
                unpacked += part
                if len(unpacked) > MOST_BYTES:
                    raise BadLine("too-large", f"the file has more than {MOST_BYTES // 1024**2} MiB when it is unpacked")
        except EOFError:
            return _whole_lines(bytes(unpacked), draft)
        except (gzip.BadGzipFile, zlib.error) as fault:
            raise BadLine("bad-gzip", "the file is damaged, or is not compressed with gzip") from fault
    return bytes(unpacked)


def _whole_lines(data: bytes, draft: Draft) -> bytes:
    whole = data[: data.rfind(b"\n") + 1]
    number = whole.count(b"\n") + 1
    draft.note(
        BadLine("torn-line", f"the compressed file ends early: line {number} and what follows was skipped"), Line(number, "")
    )
    return whole


def text_of(data: bytes) -> str:
    """
    Decode a whole text; bytes that are no text are a `BadLine`.
    """
    text, is_damaged = _decode(data)
    if is_damaged and (found := _NOT_TEXT.search(text)):
        raise BadLine("not-text", f"the file is not UTF-8 text: it has the byte {_byte(found)}")
    return text


def lines_of(data: bytes, draft: Draft) -> Iterator[Line]:
    """
    Give the lines that hold anything, and tell the draft of those that are no text.

    A line ends in LF, CR LF or CR. A first line that is no text is a `BadLine`: nothing behind it could be understood.
    """
    text, is_damaged = _decode(data)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if lines[-1]:
        draft.torn_line = len(lines)
    for number, each in enumerate(lines, 1):
        if is_damaged and (found := _NOT_TEXT.search(each)):
            fault = _not_text(found, each, is_first=number == 1)
            line = Line(number, _NOT_TEXT.sub("\ufffd", each))
            if number == 1:
                raise fault
            draft.refuse(fault, line)
        elif each and not each.isspace():
            yield Line(number, each)


def _decode(data: bytes) -> tuple[str, bool]:
    """
    Give the text, and whether something in it is no text.
    """
    if data.startswith(_UTF_16):
        raise BadLine("not-text", "the file is UTF-16 text, expected UTF-8", help="save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("utf-8-sig", errors="surrogateescape"), True
    return text, "\x00" in text


def _not_text(found: re.Match[str], text: str, *, is_first: bool) -> BadLine:
    if is_first:
        return BadLine("not-text", f"the file is not UTF-8 text: its first line has the byte {_byte(found)}")
    kind = TornLine if _CUT_CHARACTER.match(text, found.start()) else BadLine
    return kind("not-text", f"the line is not UTF-8 text: it has the byte {_byte(found)}", (found.start(), found.end()))


def _byte(found: re.Match[str]) -> str:
    return f"0x{ord(found.group()) & 0xFF:02x}"
