"""
How far limits could move, in words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.reports.value_text import value_text

if TYPE_CHECKING:
    from canarypolicy.review.findings import Headroom


def headroom_text(headroom: Headroom) -> str:
    """
    Say between which values a limit changes no recorded outcome, and what changes beyond them.
    """
    low = "any value below" if headroom.low is None else value_text(headroom.low)
    high = "any value above" if headroom.high is None else value_text(headroom.high)
    beyond = [f"{side} {text}" for side, text in (("further down:", headroom.below), ("further up:", headroom.above)) if text]
    told = f"; {'; '.join(beyond)}" if beyond else ""
    place = f"{headroom.place.path}:{headroom.place.line}:{headroom.place.column}"
    return f"`{headroom.rule}` {value_text(headroom.limit)}: the same outcomes from {low} to {high}{told} ({place})"
