"""
Rules in time, once more and from SPEC 2.3 alone: with ages for times, cut where longer makes no difference.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.documents.rule import Missing
from canarypolicy.engine.sustained import Asked

QUIET, PENDING, FIRES, UNCLEAR, TOO_LONG = range(5)
NEVER = -1


class Run(NamedTuple):
    """
    A rule's past as far as it matters: ages in microseconds, `NEVER` for none, cut at the longest that is asked.
    """

    true_for: int = NEVER
    last_true: int = NEVER
    unknown_for: int = NEVER
    recent: tuple[tuple[int, bool], ...] = ()


NO_RUN = Run()


def after_watch(asked: Asked, run: Run, truth: Any, after_us: int, unheard_us: int) -> tuple[Run, int]:
    """
    Take a sample into a rollback or hold rule's past and say where the rule stands (SPEC 2.3).
    """
    gap, of, for_us = asked.max_gap_us, asked.of or 0, asked.for_us or 0
    recent = tuple((age + after_us, was) for age, was in run.recent)
    if truth is UNKNOWN:
        unknown = run.unknown_for + after_us if run.unknown_for != NEVER else unheard_us
        true_for = NEVER if run.true_for == NEVER else min(run.true_for + after_us, for_us)
        last = NEVER if run.last_true == NEVER else min(run.last_true + after_us, gap + 1)
        due = asked.missing is Missing.ROLLBACK and unknown >= (asked.after_us or 0)
        after = Run(true_for, last, min(unknown, asked.after_us) if asked.after_us else NEVER, recent)
        return after, TOO_LONG if due else UNCLEAR
    if of:
        recent = tuple(each for each in (*recent, (0, truth))[-of:] if each[0] <= of * gap)
    if truth is False:
        return Run(recent=_worth_keeping(asked, recent)), QUIET
    goes_on = run.true_for != NEVER and run.last_true + after_us <= gap
    true_for = min(run.true_for + after_us, for_us) if goes_on else 0
    standing = FIRES if _lasted(asked, true_for, recent) else PENDING
    if not for_us:
        return Run(recent=_worth_keeping(asked, recent)), standing
    return Run(true_for, 0, NEVER, recent), standing


def after_slo(asked: Asked, run: Run, truth: Any, after_us: int) -> tuple[Run, bool]:
    """
    Take a sample of the step into an SLO's past and say whether it is met (SPEC 2.3).
    """
    if after_us > asked.max_gap_us:
        run = NO_RUN
    recent = (*run.recent, (0, truth is True))[-asked.of :] if asked.of else ()
    kept = _worth_keeping(asked, recent)
    if truth is not True:
        return Run(recent=kept), False
    true_for = 0 if run.true_for == NEVER else min(run.true_for + after_us, asked.for_us or 0)
    return Run(true_for=true_for if asked.for_us else NEVER, recent=kept), _lasted(asked, true_for, recent)


def _lasted(asked: Asked, true_for: int, recent: tuple[tuple[int, bool], ...]) -> bool:
    if asked.samples is not None:
        return sum(was for _, was in recent) >= asked.samples
    return true_for >= (asked.for_us or 0)


def _worth_keeping(asked: Asked, recent: tuple[tuple[int, bool], ...]) -> tuple[tuple[int, bool], ...]:
    """
    Forget what one true sample makes good, so that equal situations meet.
    """
    return () if asked.samples == 1 else recent


def unheard(is_first: bool, after_us: int, gap_us: int) -> int:  # noqa: FBT001 - a situation's own truth
    if after_us <= gap_us:
        return 0
    return after_us if is_first else after_us - gap_us
