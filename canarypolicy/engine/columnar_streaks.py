"""
Rules in time over many rollouts at once: the meaning of `canarypolicy.engine.sustained`, by search instead of sample by sample.

Where rollback and hold rules stand depends on no decision; an SLO's streak begins at its step's entry, which the fold knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from canarypolicy.documents.rule import Missing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from canarypolicy.engine.sustained import Asked

    Array: TypeAlias = NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """
    The samples of many rollouts, one after the other, from each rollout's start on.
    """

    times_us: Array
    firsts: Array
    """The row with which each rollout begins; none is empty."""
    started_us: Array
    """When each rollout started."""

    rollout_of: Array
    """The rollout of each row, by its place in `firsts`."""

    @property
    def count(self) -> int:
        return len(self.times_us)

    @property
    def ends(self) -> Array:
        """
        The row behind each rollout's last.
        """
        return np.append(self.firsts[1:], self.count)

    def breaks(self, max_gap_us: int) -> Array:
        """
        Tell at which rows a rollout begins, or the sample before is further away than `max_gap`.
        """
        is_break = np.empty(self.count, dtype=np.bool_)
        is_break[:1] = True
        np.greater(np.diff(self.times_us), max_gap_us, out=is_break[1:])
        is_break[self.firsts] = True
        return is_break


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """
    Where a rollback or hold rule stands at each row; nowhere: it is quiet.
    """

    fires: Array
    pending: Array
    unknown: Array
    too_long: Array | None
    """Unknown for so long that it is a reason to roll back; None for rules that never are."""


def rows_of(times_us: Array, firsts: Array, started_us: Array) -> Rows:
    """
    Put rollouts side by side.
    """
    lengths = np.append(firsts[1:], len(times_us)) - firsts
    return Rows(times_us=times_us, firsts=firsts, started_us=started_us, rollout_of=np.repeat(np.arange(len(firsts)), lengths))


def watch_rows(asked: Asked, true: Array, false: Array, rows: Rows) -> Watched:
    """
    Say where a rollback or hold rule stands at each row, given where it is known to be true and where false.
    """
    known = true | false
    fires = true if asked.for_us is None and asked.samples is None else np.zeros(rows.count, dtype=np.bool_)
    if asked.samples is not None:
        _count_known(asked, true, known, rows, fires)
    elif asked.for_us is not None:
        _fire(asked, true, false, rows, fires)
    unknown, too_long = ~known, None
    if asked.missing is Missing.ROLLBACK and asked.after_us is not None:
        too_long = _unknown_too_long(asked, asked.after_us, unknown, rows)
        unknown &= ~too_long
    return Watched(fires=fires, pending=true & ~fires, unknown=unknown, too_long=too_long)


def _runs_since(starts: Array, times_us: Array) -> Array:
    """
    Give for each of some rows the time of the last start up to it; the first is one.
    """
    places = np.maximum.accumulate(np.where(starts, np.arange(len(starts)), 0))
    since: Array = times_us[places]
    return since


def _fire(asked: Asked, true: Array, false: Array, rows: Rows, fires: Array) -> None:
    """
    Mark the true rows whose run has lasted: false ends a run, unknown does not, and a gap between true rows begins it anew.
    """
    places = np.flatnonzero(true)
    if not len(places):
        return
    assert asked.for_us is not None
    times_us, rollout = rows.times_us[places], rows.rollout_of[places]
    is_dense = len(places) > rows.count // 16
    before = np.cumsum(false)[places] if is_dense else np.searchsorted(np.flatnonzero(false), places)
    starts = np.ones(len(places), dtype=np.bool_)
    starts[1:] = (before[1:] != before[:-1]) | (rollout[1:] != rollout[:-1]) | (np.diff(times_us) > asked.max_gap_us)
    fires[places] = times_us - _runs_since(starts, times_us) >= asked.for_us


def _count_known(asked: Asked, true: Array, known: Array, rows: Rows, fires: Array) -> None:
    """
    Mark the true rows at which k of the last n known ones are true, none older than n times `max_gap`.
    """
    assert asked.of is not None
    assert asked.samples is not None
    places = np.flatnonzero(known)
    times_us, rollout, is_true = rows.times_us[places], rows.rollout_of[places], true[places]
    count = is_true.astype(np.int64)
    for back in range(1, min(asked.of, len(places))):
        counts = is_true[:-back] & (rollout[back:] == rollout[:-back])
        count[back:] += counts & (times_us[back:] - times_us[:-back] <= asked.of * asked.max_gap_us)
    fires[places] = is_true & (count >= asked.samples)


def _unknown_too_long(asked: Asked, after_us: int, unknown: Array, rows: Rows) -> Array:
    """
    Mark the unknown rows that have been so for `after`, silence before the first of them included.
    """
    too_long = np.zeros(rows.count, dtype=np.bool_)
    places = np.flatnonzero(unknown)
    if not len(places):
        return too_long
    begins = np.isin(places, rows.firsts)
    starts = begins.copy()
    starts[0] = True
    starts[1:] |= np.diff(places) != 1
    times_us = rows.times_us[places]
    before_us = rows.times_us[places - 1] + asked.max_gap_us  # when the silence before the row became one
    began_us = rows.started_us[rows.rollout_of[places]]
    since_us = np.where(before_us < times_us, before_us, times_us)
    since_us = np.where(begins, np.where(times_us - began_us > asked.max_gap_us, began_us, times_us), since_us)
    too_long[places] = times_us - _runs_since(starts, since_us) >= after_us
    return too_long


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """
    What is known of an SLO at each row, whatever the step: the evidence still has to be as old as the step's entry allows.
    """

    asked: Asked
    true: Array
    false: Array
    lasted: Array
    """Where its run of true rows has lasted, were there no entries of steps."""
    trues: Array | None
    """For k of n: how many rows up to this one are true."""
    segments: Array | None
    """For k of n: the row of the last gap or beginning."""


def gather_rows(asked: Asked, true: Array, false: Array, rows: Rows, breaks: Array) -> Gathered:
    """
    Take in an SLO, given where it is known to be true and where false.
    """
    trues = segments = None
    lasted = true
    if asked.samples is not None:
        trues = np.cumsum(true)
        segments = np.maximum.accumulate(np.where(breaks, np.arange(rows.count), 0))
    elif asked.for_us:
        # A run starts at a true row behind one that is not, or at a gap.
        starts = breaks.copy()
        starts[1:] |= ~true[:-1]
        lasted = true & (rows.times_us - _runs_since(starts, rows.times_us) >= asked.for_us)
    return Gathered(asked=asked, true=true, false=false, lasted=lasted, trues=trues, segments=segments)


def met_since(slo: Gathered, first_rows: Array, first_us: Array, rows: Rows) -> Array:
    """
    Tell where an SLO is met, given for each row the row and the time with which its step began.
    """
    if slo.trues is None or slo.segments is None:
        return slo.lasted if not slo.asked.for_us else slo.lasted & (rows.times_us - first_us >= slo.asked.for_us)
    assert slo.asked.of is not None
    assert slo.asked.samples is not None
    before = np.maximum(np.arange(rows.count) - slo.asked.of, np.maximum(slo.segments, first_rows) - 1)
    counted = slo.trues - np.where(before >= 0, slo.trues[before], 0)
    met: Array = slo.true & (counted >= slo.asked.samples)
    return met
