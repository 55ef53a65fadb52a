"""
Rules in time: what true, false and unknown mean for a rule that asks for a while. The only home of SPEC section 2.3.

Two readings of a streak stand side by side, since they lean to opposite sides on purpose:
`watch` for rollback and hold rules, where unknown does not end a streak, and
`gather` for SLOs, where unknown and gaps do, for evidence must be whole.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.documents.rule_kind import Missing

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """
    What a rule asks of time; without `for_us` and `samples`, nothing: true is enough.
    """

    for_us: int | None = None
    samples: int | None = None
    of: int | None = None
    missing: Missing = Missing.HOLD
    after_us: int | None = None
    max_gap_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """
    The time of a sample and the silence before it.
    """

    at_us: int
    previous_us: int | None
    """The sample before; None at the first."""
    silent_since_us: int | None
    """From when on there has been silence, if the time before this sample was one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """
    How long a rule has been true, or unknown, up to now.
    """

    since_us: int | None = None
    """When the run of true samples began."""
    last_true_us: int | None = None
    """Of a rollback or hold rule; an SLO's run ends with every gap, so its last true sample is the one before."""
    unknown_since_us: int | None = None
    recent: tuple[tuple[int, bool], ...] = ()
    """The last samples that count for k of n: time, and whether it was true."""


NO_STREAK = Streak()


class Standing(Enum):
    """
    Where a rule stands at a sample.
    """

    QUIET = "quiet"
    PENDING = "pending"
    FIRES = "fires"
    UNKNOWN = "unknown"
    UNKNOWN_TOO_LONG = "unknown-too-long"
    NOT_MET = "not-met"
    MET = "met"


def watch(asked: Asked, streak: Streak, truth: Truth, moment: Moment) -> Streak:
    """
    Take a sample into the streak of a rollback or hold rule.

    False ends a run, unknown does not; two true samples further apart than `max_gap` begin it anew at the later one.
    """
    if truth is UNKNOWN:
        return streak if streak.unknown_since_us is not None else replace(streak, unknown_since_us=_unknown_since(moment))
    recent = _with(asked, streak.recent, moment, truth=truth) if asked.of is not None else ()
    if truth is False:
        return Streak(recent=recent) if recent else NO_STREAK
    last, at = streak.last_true_us, moment.at_us
    goes_on = streak.since_us is not None and last is not None and at - last <= asked.max_gap_us
    return Streak(since_us=streak.since_us if goes_on else at, last_true_us=at, recent=recent)


def gather(asked: Asked, streak: Streak, truth: Truth, moment: Moment) -> Streak:
    """
    Take a sample of the present step into the streak of an SLO.

    False, unknown and a gap over `max_gap` each end it.
    """
    at, previous = moment.at_us, moment.previous_us
    if previous is not None and at - previous > asked.max_gap_us:
        streak = NO_STREAK
    recent: tuple[tuple[int, bool], ...] = ()
    if asked.of is not None:
        recent = (*streak.recent, (at, truth is True))[-asked.of :]
    if truth is not True:
        return Streak(recent=recent) if recent else NO_STREAK
    if streak.since_us is not None and not recent:
        return streak
    return Streak(since_us=at if streak.since_us is None else streak.since_us, recent=recent)


def watched(asked: Asked, streak: Streak, truth: Truth, at_us: int) -> Standing:
    """
    Say where a rollback or hold rule stands, its streak already including this sample.
    """
    if truth is UNKNOWN:
        since = streak.unknown_since_us
        is_due = asked.after_us is not None and since is not None and at_us - since >= asked.after_us
        return Standing.UNKNOWN_TOO_LONG if asked.missing is Missing.ROLLBACK and is_due else Standing.UNKNOWN
    if truth is False:
        return Standing.QUIET
    return Standing.FIRES if has_lasted(asked, streak, at_us) else Standing.PENDING


def gathered(asked: Asked, streak: Streak, truth: Truth, at_us: int) -> Standing:
    """
    Say where an SLO stands, its streak already including this sample.
    """
    if truth is UNKNOWN:
        return Standing.UNKNOWN
    if truth is False:
        return Standing.NOT_MET
    return Standing.MET if has_lasted(asked, streak, at_us) else Standing.PENDING


def has_lasted(asked: Asked, streak: Streak, at_us: int) -> bool:
    """
    Tell whether a rule that is true now has been so for as long, or as often, as is asked.
    """
    if asked.samples is not None:
        return true_count(streak) >= asked.samples
    if asked.for_us is None:
        return True
    return streak.since_us is not None and streak.since_us <= at_us - asked.for_us


def true_count(streak: Streak) -> int:
    """
    Count the true samples among those that count.
    """
    return sum(is_true for _, is_true in streak.recent)


def _with(asked: Asked, recent: tuple[tuple[int, bool], ...], moment: Moment, *, truth: bool) -> tuple[tuple[int, bool], ...]:
    """
    Add a known sample to the last n that are known, none older than n * `max_gap`.
    """
    of = asked.of or 0
    oldest = moment.at_us - of * asked.max_gap_us
    kept = (*recent, (moment.at_us, truth))[-of:]
    return tuple(entry for entry in kept if entry[0] >= oldest) if kept[0][0] < oldest else kept


def _unknown_since(moment: Moment) -> int:
    return moment.at_us if moment.silent_since_us is None else moment.silent_since_us
