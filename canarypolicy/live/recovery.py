"""
Recovery: after a rollback, whether the service is well again for as long as the policy asks, within the time it gives.

Evidence is gathered as for an SLO: false, unknown and a gap each begin anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.engine.observation import observe
from canarypolicy.engine.sample import admit_sample
from canarypolicy.engine.sustained import NO_STREAK, Asked, Moment, gather, has_lasted

if TYPE_CHECKING:
    from canarypolicy.engine.program import Program
    from canarypolicy.engine.rollout import State
    from canarypolicy.engine.sample import RawSample

RECOVERED = "recovered"
NOT_RECOVERED = "not-recovered"


class Recovery:
    """
    The watch over a service after its rollback.
    """

    def __init__(self, program: Program, state: State, since_us: int, asked: tuple[int, int]) -> None:
        self._program = program
        self._state = state
        self._since_us = since_us
        for_us, self._within_us = asked
        self._asked = Asked(for_us=for_us, max_gap_us=program.max_gap_us)
        self._require = program.checked.expressions["plan", "on_rollback", "recovery", "require"]
        self._streak = NO_STREAK

    def take(self, raw: RawSample) -> str | None:
        """
        Take in a sample and give the verdict; None while there is none.

        Samples from before the traffic was back are only history for derived signals.
        """
        previous_us = self._state.previous_us
        seen, self._state = observe(self._program, self._state, admit_sample(raw, self._program.declared))
        if raw.at_us <= self._since_us:
            return None
        truth = self._require.evaluate(seen.values)
        moment = Moment(at_us=raw.at_us, previous_us=previous_us, silent_since_us=None)
        self._streak = gather(self._asked, self._streak, truth, moment)
        if truth is True and has_lasted(self._asked, self._streak, raw.at_us):
            return RECOVERED
        return NOT_RECOVERED if raw.at_us - self._since_us >= self._within_us else None
