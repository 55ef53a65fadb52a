"""
From bytes to text, and from text to YAML's events: everything that can stop a document before it has a structure.

PyYAML is used for its parser's events only, the C one if it is there; what events mean is in `yaml_tree`.
The faults that PyYAML finds are put in words in `yaml_wording`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import Event
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from canarypolicy.documents.finding import Finding
from canarypolicy.documents.span import SourceText, Span
from canarypolicy.documents.yaml_wording import reword
from canarypolicy.errors import InvalidInput

LARGEST = 1_048_576
"""How many bytes a document may have."""

UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Characters that no document holds, written or escaped: the canonical form could not carry them through YAML again."""


class PureParser(Reader, Scanner, Parser):
    """
    The events of PyYAML's Python parser, where the C one is not installed.
    """

    def __init__(self, stream: str) -> None:
        Reader.__init__(self, stream)
        Scanner.__init__(self)
        Parser.__init__(self)


try:
    from yaml._yaml import CParser as FastParser
except ImportError:  # pragma: no cover - PyYAML built without libyaml
    FastParser = PureParser  # type: ignore[misc, assignment]  # both give the same events


def read_text(data: bytes, path: str) -> SourceText:
    """
    Decode a document; too large, not UTF-8 and binary ones are `InvalidInput`.
    """
    if len(data) > LARGEST:
        head = SourceText(path=path, text=data[:200].decode("utf-8", "replace"))
        message = f"the document has {len(data):,} bytes, at most {LARGEST:,} are read"
        raise stop("document-too-large", message, head.span(0, 0))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf_8(data, path, error.start) from None
    source = SourceText(path=path, text=text.removeprefix("\ufeff"))
    odd = UNPRINTABLE.search(source.text)
    if odd is not None:
        message = f"the control character U+{ord(odd[0]):04X} stands here, expected text"
        raise stop("control-character", message, source.span(odd.start(), odd.end()))
    return source


def _not_utf_8(data: bytes, path: str, at: int) -> InvalidInput:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        source = SourceText(path=path, text=data.decode("utf-16", "replace"))
        way_out = "save it as UTF-8; in Windows PowerShell use `Set-Content -Encoding utf8` instead of `>`"
        return stop("not-utf-8", "the file is UTF-16, expected UTF-8", source.span(0, 0), way_out)
    source = SourceText(path=path, text=data.decode("utf-8", "replace"))
    start = len(data[:at].decode("utf-8"))
    message = f"the byte 0x{data[at]:02x} is not UTF-8"
    return stop("not-utf-8", message, source.span(start, start + 1), "save the file as UTF-8")


def events(source: SourceText, parser: Any = FastParser) -> Iterator[Event]:
    """
    Give the events of a YAML text; what is no YAML is `InvalidInput`.
    """
    try:
        stream = parser(source.text)
        while stream.check_event():
            yield stream.get_event()
    except yaml.YAMLError as error:
        raise InvalidInput((reword(error, source),)) from None


def stop(name: str, message: str, span: Span, help: str | None = None) -> InvalidInput:  # noqa: A002 - the word of the messages
    """
    Make the exception of a fault behind which nothing can be read.
    """
    return InvalidInput((Finding(name=name, message=message, span=span, help=help),))
