"""
How a run ended, in two lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.reports.paint import Tone, paint

if TYPE_CHECKING:
    from canarypolicy.history.decision_record import Record
    from canarypolicy.reports.rollout_result import RunEnded

_TONES = {"complete": Tone.GOOD, "rolled-back": Tone.BAD}


def render_ended(ended: RunEnded, *, color: bool = False) -> str:
    """
    Say how it ended, and why.
    """
    outcome = ended.outcome or "interrupted"
    word = paint(outcome, _TONES.get(outcome, Tone.WAIT), color=color)
    recovery = f", {ended.recovery.replace('-', ' ')}" if ended.recovery is not None else ""
    return f"{ended.run}: {word}{recovery}\n   {ended.why}\n"


def ended_record(ended: RunEnded) -> Record:
    """
    Give the same as a JSON value.
    """
    return {"run": ended.run, "outcome": ended.outcome or "interrupted", "recovery": ended.recovery, "why": ended.why}
