"""
The earliest time at which an advance is possible, if all goes well from now on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.engine.sustained import Standing

if TYPE_CHECKING:
    from canarypolicy.engine.observation import Observation
    from canarypolicy.engine.program import Program, RuleStanding


def earliest_advance(program: Program, seen: Observation) -> int:
    """
    Give the later of the step's least duration and the time that each SLO still needs, samples coming each `every`.

    It is a bound, not a promise: it takes every sample to come for a good one, and operators for willing.
    """
    next_us = seen.at_us + program.every_us
    return max(
        next_us,
        seen.entered_us + seen.step.min_us,
        *(_when_met(each, seen.at_us, program.every_us) for each in seen.slos),
    )


def _when_met(slo: RuleStanding, at_us: int, every_us: int) -> int:
    asked, streak = slo.rule.asked, slo.streak
    if asked.samples is not None and asked.of is not None:
        return at_us + every_us * _samples_needed(asked.samples, asked.of, [is_true for _, is_true in streak.recent])
    if asked.for_us is None:
        return at_us
    if slo.standing in (Standing.MET, Standing.PENDING) and streak.since_us is not None:
        return streak.since_us + asked.for_us
    return at_us + every_us + asked.for_us


def _samples_needed(samples: int, of: int, recent: list[bool]) -> int:
    """
    Count the true samples that must still come until k of the last n are true.
    """
    for more in range(samples + 1):
        kept = recent[-(of - more) :] if more < of else []
        if sum(kept) + more >= samples:
            return more
    raise AssertionError("k true samples are enough")  # pragma: no cover - k is at most n
