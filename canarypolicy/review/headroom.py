"""
Thresholds in context: how far each limit could move without another outcome on recorded rollouts.

Moving a limit changes nothing until it passes a value that it was compared with, so only those values are tried.
For each limit, side and recording that has such values: one replay beyond the last of them and, where that ends otherwise,
a bisection. Bounds only come closer, and a recording without a value inside of them costs nothing. Since an outcome need not
change only once, values between are tried as well, at most `MOST_BETWEEN` a side; what was left out is said.
Values of signals that depend on the course itself are those of the policy's own course and of one that never leaves its
first step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.engine.engine import decide
from canarypolicy.engine.rollout import NOT_YET_US, Follow, Phase
from canarypolicy.engine.sample import RawSample, Sample, admit_sample
from canarypolicy.history.replay import outcome_of, prepare
from canarypolicy.review.findings import Headroom
from canarypolicy.review.spying import seen_on
from canarypolicy.review.thresholds import Threshold, after, thresholds, with_limit

if TYPE_CHECKING:
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.program import Program
    from canarypolicy.history.recording import Recording
    from canarypolicy.review.thresholds import Number

    Admitted: TypeAlias = tuple[Sample | Event, ...]

MOST_BETWEEN = 64
"""How many values inside of a found interval are tried once more, on each side of a limit."""
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """
    A recording whose samples have been admitted, and how it ends.
    """

    recording: Recording
    items: Admitted
    ends: Phase
    cuts: tuple[tuple[Number, ...], ...]
    """For each threshold, the limits at which its comparison changes, rising."""


def headroom(program: Program, recordings: Iterable[Recording]) -> tuple[Headroom, ...]:
    """
    Give the headroom of each limit of a policy's rules, in the order of the file.
    """
    found = sorted(thresholds(program), key=lambda threshold: threshold.place.start)
    played = [_played(program, found, recording) for recording in recordings]
    return tuple(_headroom(program, index, threshold, played) for index, threshold in enumerate(found))


def _played(program: Program, found: Sequence[Threshold], recording: Recording) -> Played:
    items = tuple(admit_sample(item, program.declared) if isinstance(item, RawSample) else item for item in recording.items)
    return Played(
        recording=recording,
        items=items,
        ends=_end(program, recording, items),
        cuts=seen_on(program, found, recording, items),
    )


def _end(program: Program, recording: Recording, items: Admitted) -> Phase:
    state = prepare(program, recording, Follow.POLICY, None).state
    for item in items:
        if state.course.final is not None or state.course.start_us == NOT_YET_US:
            break
        _, state = decide(program, state, item)
    return state.course.phase


def _headroom(program: Program, index: int, threshold: Threshold, played: Sequence[Played]) -> Headroom:
    down = _Side(program=program, index=index, threshold=threshold, played=played, is_up=False)
    up = _Side(program=program, index=index, threshold=threshold, played=played, is_up=True)
    low_cut, high_cut = down.search(), up.search()
    opens_low = threshold.is_exact and threshold.takes_its_own_side
    opens_high = threshold.is_exact and not threshold.takes_its_own_side
    low = None if low_cut is None else low_cut if opens_low else after(low_cut)
    high = None if high_cut is None else after(high_cut) if opens_high else high_cut
    return Headroom(
        place=threshold.place,
        rule=threshold.rule.name,
        limit=threshold.limit,
        low=low,
        high=high,
        below="however low, no outcome changes"
        if low is None
        else f"{'at' if opens_low else 'just below'} `{low!r}`:{down.told()}",
        above="however high, no outcome changes"
        if high is None
        else f"{'at' if opens_high else 'just above'} `{high!r}`:{up.told()}",
        low_is_open=low is not None and opens_low,
        high_is_open=high is not None and opens_high,
    )


@dataclass(slots=True, kw_only=True)
class _Side:
    """
    The search on one side of a limit.
    """

    program: Program
    index: int
    threshold: Threshold
    played: Sequence[Played]
    is_up: bool
    bound: Number | None = None
    between: int = 0
    tried: int = 0
    ends: dict[tuple[int, Number], Phase] = field(default_factory=dict)
    programs: dict[Number, Program] = field(default_factory=dict)

    def search(self) -> Number | None:
        """
        Find the nearest cut beyond which an outcome changes; None if there is none.
        """
        mine = [self._outwards(each) for each in self.played]
        order = sorted((index for index, cuts in enumerate(mine) if cuts), key=lambda index: self._far(mine[index][0]))
        for index in order:
            cuts = [cut for cut in mine[index] if self._is_inside(cut)]
            if cuts and self._changes(index, cuts[-1]):
                self.bound = self._first_change(index, cuts)
        self._try_between(mine)
        return self.bound

    def told(self) -> str:
        """
        Say what happens beyond the bound.
        """
        assert self.bound is not None, "there is a bound"
        changed = [
            f"`{each.recording.rollout}` is {outcome_of(self._end_at(index, self.bound)).value} "
            f"instead of {outcome_of(each.ends).value}"
            for index, each in enumerate(self.played)
            if not self._is_untouched(each) and self._changes(index, self.bound)
        ]
        more = f" and {len(changed) - _MOST_NAMED} more change" if len(changed) > _MOST_NAMED else ""
        left_out = f" ({self.tried} of {self.between} values between were tried)" if self.tried < self.between else ""
        return f" {', '.join(changed[:_MOST_NAMED])}{more}{left_out}"

    def _far(self, cut: Number) -> Number:
        return cut if self.is_up else -cut

    def _is_inside(self, cut: Number) -> bool:
        return self.bound is None or self._far(cut) < self._far(self.bound)

    def _outwards(self, played: Played) -> list[Number]:
        limit, cuts = self.threshold.limit, played.cuts[self.index]
        return [cut for cut in cuts if cut >= limit] if self.is_up else [cut for cut in reversed(cuts) if cut < limit]

    def _is_untouched(self, played: Played) -> bool:
        assert self.bound is not None, "there is a bound"
        return not any(self._far(cut) <= self._far(self.bound) for cut in self._outwards(played))

    def _first_change(self, index: int, cuts: Sequence[Number]) -> Number:
        """
        Bisect for the first cut beyond which a recording ends otherwise; beyond the last one it does.
        """
        low, high = -1, len(cuts) - 1
        while high - low > 1:
            middle = (low + high) // 2
            if self._changes(index, cuts[middle]):
                high = middle
            else:
                low = middle
        return cuts[high]

    def _try_between(self, mine: Sequence[Sequence[Number]]) -> None:
        """
        Try values inside of the bound, evenly spread; one that changes an outcome is the new bound.
        """
        inside = [(cut, index) for index, cuts in enumerate(mine) for cut in cuts if self._is_inside(cut)]
        inside.sort(key=lambda each: (self._far(each[0]), each[1]))
        self.between = len(inside)
        stride = max(1, -(-len(inside) // MOST_BETWEEN))
        for cut, index in inside[::stride]:
            self.tried += 1
            if self._changes(index, cut):
                self.bound, self.between = cut, self.tried * stride
                return  # all that lie nearer have been tried

    def _changes(self, index: int, cut: Number) -> bool:
        return self._end_at(index, cut) is not self.played[index].ends

    def _end_at(self, index: int, cut: Number) -> Phase:
        """
        Give how a recording ends with the limit just beyond a cut.
        """
        limit = after(cut) if self.is_up else cut
        if (index, limit) not in self.ends:
            if limit not in self.programs:
                self.programs[limit] = with_limit(self.program, self.threshold, limit)
            each = self.played[index]
            self.ends[index, limit] = _end(self.programs[limit], each.recording, each.items)
        return self.ends[index, limit]
