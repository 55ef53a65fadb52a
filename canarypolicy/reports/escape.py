"""
Text from documents and recordings made harmless for where it is shown.

What a terminal would obey and what XML cannot hold is written as an escape that a reader can see.
"""

from __future__ import annotations

import re

# C0, C1 and DEL steer terminals; the rest turns text around or breaks lines unseen; lone surrogates have no UTF-8 form.
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_NOT_XML = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


def visible(text: str) -> str:
    """
    Give text for one line of a terminal.
    """
    return _STEERING.sub(_as_escape, text)


def xml_text(text: str) -> str:
    """
    Give text for an XML or HTML document, also inside a quoted attribute.
    """
    from html import escape  # noqa: PLC0415 - its table of names is large, and a terminal needs none

    return escape(re.sub(_NOT_XML, _as_escape, text), quote=True)


def _as_escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
