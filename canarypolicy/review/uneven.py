"""
Histories that no snapshot which stands can show: samples that come and go, gaps between them, and values that are too old.

Guesses only; the engine judges each.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import SECOND_US, microseconds
from canarypolicy.engine.event import ApproveEvent, StepEvent
from canarypolicy.engine.sample import RawSample
from canarypolicy.review.histories import ORIGIN_US, in_order
from canarypolicy.review.openings import durations, off_healthy
from canarypolicy.review.trial import every_of

if TYPE_CHECKING:
    from canarypolicy.engine.program import Program, ProgramRule
    from canarypolicy.engine.sustained import Asked
    from canarypolicy.review.candidate import Candidate
    from canarypolicy.review.histories import Item
    from canarypolicy.review.replaying import Pair

_MOST_PATTERNS = 60


def flickering(pair: Pair, candidate: Candidate) -> Iterator[tuple[Item, ...]]:
    """
    Give histories in which a candidate's values come and go among healthy ones, if the policies do not count samples alike.
    """
    every_us, step = every_of(pair), candidate.step
    asked = _counted(pair)
    read = {name for rule in _rules(pair) if rule.asked in asked for name in rule.reads}
    off = {name: value for name, value in off_healthy(pair, candidate.values) if name in read}
    there = {name: value for name, value in {**pair.healthy, **off}.items() if value is not None}
    min_us = max(pair.old.step_named(pair.old_name(step)).min_us, pair.new.step_named(step).min_us)
    for count, pattern in enumerate(_patterns(asked)):
        if count >= _MOST_PATTERNS:
            return
        for healthy in (0, max(0, -(-min_us // every_us) - len(pattern) + 1)):
            shown = [False] * healthy + pattern
            items: list[Item] = [StepEvent(at_us=ORIGIN_US, step=step)]
            for index, is_off in enumerate(shown):
                items.append(RawSample(at_us=ORIGIN_US + index * every_us, signals=there if is_off else dict(pair.healthy)))
            yield tuple(items)


def _counted(pair: Pair) -> list[Asked]:
    """
    Give what rules ask of counted samples, if that is not the same in both policies.
    """
    old, new = ({rule.asked for rule in _rules_of(program) if rule.asked.of is not None} for program in (pair.old, pair.new))
    return sorted(old | new, key=lambda each: (each.of or 0, each.samples or 0)) if old != new else []


def _rules(pair: Pair) -> tuple[ProgramRule, ...]:
    return (*_rules_of(pair.old), *_rules_of(pair.new))


def _rules_of(program: Program) -> tuple[ProgramRule, ...]:
    return (*program.slos, *program.watches)


def _patterns(asked: list[Asked]) -> Iterator[list[bool]]:
    """
    Give runs of samples of which some are off: so many in a row, a pause, and one more; and the same the other way round.
    """
    longest = max((each.of or 0 for each in asked), default=0)
    seen = set()
    for samples in sorted({each.samples or 0 for each in asked}):
        for pause in range(longest):
            for first in range(1, samples + 1):
                pattern = [True] * first + [False] * pause + [True] * max(1, samples - first)
                for each in (pattern, [not is_off for is_off in pattern]):
                    if tuple(each) not in seen:
                        seen.add(tuple(each))
                        yield each


def gappy(pair: Pair, candidate: Candidate) -> Iterator[tuple[Item, ...]]:
    """
    Give histories in which a candidate's values stand, at samples that only one of the policies takes for an unbroken row.
    """
    shorter_us, longer_us = sorted((pair.old.max_gap_us, pair.new.max_gap_us))
    if shorter_us == longer_us:
        return
    values = {**pair.healthy, **dict(off_healthy(pair, candidate.values))}
    signals = {name: value for name, value in values.items() if value is not None}
    for end_us in durations(pair, candidate.step):
        for last in (signals, dict(pair.healthy)):
            items: list[Item] = [StepEvent(at_us=ORIGIN_US, step=candidate.step)]
            times = [*range(0, end_us, longer_us), end_us]
            items += [RawSample(at_us=ORIGIN_US + at_us, signals=last if at_us == end_us else signals) for at_us in times]
            yield tuple(items)


def stale(pair: Pair, candidate: Candidate) -> Iterator[tuple[Item, ...]]:
    """
    Give histories in which signals that the policies let get unlike old have values that only one of them still takes.

    All values stand as the candidate has them, for as long as it says; the old ones are old throughout, or at the last sample.
    """
    ages_us = {name: age_us for name in pair.healthy if (age_us := _age_between(pair, name)) is not None}
    if not ages_us:
        return
    every_us = every_of(pair)
    values = {**pair.healthy, **dict(off_healthy(pair, candidate.values))}
    there = {name: pair.healthy[name] if value is None and name in ages_us else value for name, value in values.items()}
    signals = {name: value for name, value in there.items() if value is not None}
    total_us = -(-max(candidate.elapsed_us, candidate.lasted_us) // every_us) * every_us
    for end_us in dict.fromkeys((total_us, *durations(pair, candidate.step))):
        for is_old_throughout in (False, True):
            items: list[Item] = [StepEvent(at_us=ORIGIN_US, step=candidate.step)]
            for at_us in range(ORIGIN_US, ORIGIN_US + end_us + 1, every_us):
                is_old = is_old_throughout or at_us == ORIGIN_US + end_us
                times_us = {name: at_us - age_us for name, age_us in ages_us.items()} if is_old else {}
                items.append(RawSample(at_us=at_us, signals=signals, times_us=times_us))
            if candidate.is_approved:
                items.append(ApproveEvent(at_us=ORIGIN_US, step=candidate.step))
            yield in_order(items)


def _age_between(pair: Pair, name: str) -> int | None:
    """
    Give an age at which one policy takes a value and the other does not; None if they let it get equally old.
    """
    ages = [program.signals[name].max_age for program in (pair.old, pair.new) if name in program.signals]
    limits = [microseconds(age) for age in ages if age is not None]
    if len(ages) != 2 or not limits or (len(limits) == 2 and limits[0] == limits[1]):
        return None
    return min(limits) + min(SECOND_US, (max(limits) - min(limits)) // 2 or SECOND_US)
