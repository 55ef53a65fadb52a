"""
How each outcome of a rollout is toned, in the order in which outcomes are counted.
"""

from __future__ import annotations

from collections.abc import Mapping

from canarypolicy.history.replay import Outcome
from canarypolicy.reports.paint import Tone

OUTCOME_TONES: Mapping[Outcome, Tone] = {
    Outcome.COMPLETE: Tone.GOOD,
    Outcome.ROLLED_BACK: Tone.BAD,
    Outcome.REFUSED: Tone.BAD,
    Outcome.HOLDING: Tone.WAIT,
}
