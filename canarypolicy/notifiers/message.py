"""
A notice as bytes of JSON, in the forms that receivers read.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from canarypolicy.live.protocols import Notice


def plain_message(notice: Notice) -> bytes:
    """
    Write all of a notice on one line.
    """
    return _bytes({"occurrence": notice.occurrence.value, "key": notice.key, "text": notice.text, "facts": dict(notice.facts)})


def slack_message(notice: Notice) -> bytes:
    """
    Write what Slack's incoming webhooks, and all that copy them, take: the text, with their three special characters escaped.
    """
    text = notice.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _bytes({"text": text})


def _bytes(message: dict[str, object]) -> bytes:
    # Facts are what the journal holds, and so JSON; a plug-in's own value is better told as text than not at all.
    return json.dumps(message, ensure_ascii=False, default=str).encode("utf-8", "replace")
