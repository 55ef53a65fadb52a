"""
What was recorded: how many samples, from when to when, and which signals are missing in how many of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_instant
from canarypolicy.documents.wording import code
from canarypolicy.reports.paint import Tone, paint

if TYPE_CHECKING:
    from canarypolicy.history.decision_record import Record
    from canarypolicy.reports.result import Recorded


def render_recorded(recorded: Recorded, *, color: bool = False) -> str:
    """
    Say what the recording holds.
    """
    span = ""
    if recorded.first_us is not None and recorded.last_us is not None:
        span = f", {format_instant(recorded.first_us)} to {format_instant(recorded.last_us)}"
    lines = [f"{recorded.path}: {_counted(recorded.samples, 'sample')} of {_counted(len(recorded.signals), 'signal')}{span}"]
    for signal in recorded.signals:
        if signal.missing:
            word = paint("missing", Tone.WAIT, color=color)
            lines.append(f"   {code(signal.name)} is {word} in {signal.missing} of {recorded.samples}, last: {signal.why}")
    return "\n".join(lines) + "\n"


def recorded_record(recorded: Recorded) -> Record:
    """
    Give the same as a JSON value.
    """
    return {
        "path": recorded.path,
        "samples": recorded.samples,
        "first": None if recorded.first_us is None else format_instant(recorded.first_us),
        "last": None if recorded.last_us is None else format_instant(recorded.last_us),
        "signals": [{"signal": each.name, "missing": each.missing, "why": each.why} for each in recorded.signals],
    }


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'s' if count != 1 else ''}"
