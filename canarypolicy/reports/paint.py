"""
Colours for terminals. Nothing is told by colour alone.
"""

from __future__ import annotations

from enum import Enum

from canarypolicy.engine.decision import Verdict


class Tone(Enum):
    """
    A tone and its ANSI sequence.
    """

    GOOD = "\x1b[1;32m"
    WAIT = "\x1b[1;33m"
    BAD = "\x1b[1;31m"
    STRONG = "\x1b[1m"
    FAINT = "\x1b[2m"


TONES = {Verdict.ADVANCE: Tone.GOOD, Verdict.HOLD: Tone.WAIT, Verdict.ROLLBACK: Tone.BAD}


def paint(text: str, tone: Tone, *, color: bool) -> str:
    """
    Give text in a tone, or as it is.
    """
    return f"{tone.value}{text}\x1b[0m" if color else text
