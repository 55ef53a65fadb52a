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
    low = "however low" if headroom.low is None else f"down to {value_text(headroom.low)}"
    high = "however high" if headroom.high is None else f"up to {value_text(headroom.high)}"
    beyond = [f"{side} {text}" for side, text in (("below:", headroom.below), ("above:", headroom.above)) if text]
    told = f"; {'; '.join(beyond)}" if beyond else ""
    place = f"{headroom.place.path}:{headroom.place.line}:{headroom.place.column}"
    return f"`{headroom.rule}` {value_text(headroom.limit)}: {low}, {high}{told} ({place})"
