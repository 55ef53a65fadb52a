"""
The shapes that a search begins with: a candidate's values and times, and the pasts that give derived signals their values.

Nothing here is sure; each shape is tried, and what the engine computes from it counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import SECOND_US, microseconds
from canarypolicy.review.histories import Filler, Shape, Snapshot, snapshot
from canarypolicy.review.pasts import pasts
from canarypolicy.review.trial import every_of

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.program import Program, ProgramRule
    from canarypolicy.review.candidate import Candidate
    from canarypolicy.review.replaying import Pair

_ROUND_SECONDS = (0, 60, 120, 300, 600, 900, 1200, 1800, 2700, 3600, 7200)


def openings(pair: Pair, candidate: Candidate) -> Iterator[Shape]:
    """
    Give the shapes that a candidate can mean, the likeliest first.
    """
    leads_us = tuple(dict.fromkeys((longest_window_us(pair), 0)))
    timed = list(_timed(pair, candidate))
    for filler in Filler:
        for shape in timed:
            if filler is not Filler.HEALTHY and shape.lasted_us >= shape.total_us:
                continue  # nothing is to be filled
            for past in pasts(pair, candidate, shape):
                yield from (replace(past, lead_us=lead_us, filler=filler) for lead_us in leads_us)


def off_healthy(pair: Pair, values: Mapping[str, Value | None]) -> Snapshot:
    """
    Keep the measured signals that are not at their healthy value.
    """
    healthy = pair.healthy
    return snapshot({name: value for name, value in values.items() if name in healthy and not _is_same(value, healthy[name])})


def _is_same(value: Value | None, other: Value) -> bool:
    return value is not None and value == other


def durations(pair: Pair, step: str) -> tuple[int, ...]:
    """
    Give the times that could matter in a step, rounded up to whole samples.

    Round ones, and those in the rules and the plan, each also with a sample more or less.
    """
    every_us = every_of(pair)
    found = {seconds * SECOND_US for seconds in _ROUND_SECONDS}
    for program, name in ((pair.old, pair.old_name(step)), (pair.new, step)):
        present = program.step_named(name)
        asked = [_asked_us(rule, program) for rule in (*program.slos, *program.watches) if name in rule.acts_in]
        limits = [present.min_us, present.max_us or 0, *(each for times in asked for each in times)]
        found |= {limit + more for limit in limits for more in (-every_us, 0, every_us)}
    return tuple(sorted({-(-each // every_us) * every_us for each in found if each >= 0}))


def _least(pair: Pair, step: str) -> tuple[int, ...]:
    """
    Give the first sample of a step at which each policy lets it be left.
    """
    every_us = every_of(pair)
    present = pair.old.step_named(pair.old_name(step)), pair.new.step_named(step)
    return tuple(-(-each.min_us // every_us) * every_us for each in present)


def _asked_us(rule: ProgramRule, program: Program) -> tuple[int, ...]:
    asked = rule.asked
    counted = [(asked.samples or 0) * program.every_us, (asked.of or 0) * program.every_us]
    return (asked.for_us or 0, asked.after_us or 0, *counted)


def longest_window_us(pair: Pair) -> int:
    """
    Give how far back the derived signals of either policy look.
    """
    windows = [microseconds(each.parameters.over) for program in (pair.old, pair.new) for each in program.derived]
    return max(windows, default=0)


def earlier_step(pair: Pair, step: str) -> str | None:
    """
    Give the step before, if both policies have it before this one.
    """
    index = pair.new.step_named(step).index
    if index == 0:
        return None
    name = pair.new.steps[index - 1].name
    old_index = pair.old.step_named(pair.old_name(step)).index
    is_before = any(each.name == pair.old_name(name) for each in pair.old.steps[:old_index])
    return name if is_before else None


def _timed(pair: Pair, candidate: Candidate) -> Iterator[Shape]:
    earlier = earlier_step(pair, candidate.step)
    before = {gate.name for program in (pair.old, pair.new) for gate in program.before_gates}
    gates = tuple(sorted(candidate.gates.items()))
    base = Shape(
        step=candidate.step,
        now=off_healthy(pair, candidate.values),
        before=None if candidate.before is None else off_healthy(pair, candidate.before),
        lasted_us=0,
        elapsed_us=0,
        total_us=0,
        is_paused=candidate.is_paused,
        is_frozen=candidate.is_frozen,
        is_approved=candidate.is_approved,
        before_gates=tuple(each for each in gates if each[0] in before),
        after_gates=tuple(each for each in gates if each[0] not in before),
    )
    for lasted_us, elapsed_us, total_us in dict.fromkeys(_times(pair, candidate)):
        if total_us > elapsed_us and earlier is not None:
            yield replace(base, lasted_us=lasted_us, elapsed_us=elapsed_us, total_us=total_us, earlier_step=earlier)
        else:
            yield replace(base, lasted_us=min(lasted_us, elapsed_us), elapsed_us=elapsed_us, total_us=elapsed_us)


def _times(pair: Pair, candidate: Candidate) -> Iterator[tuple[int, int, int]]:
    """
    Give how long it lasted, the time in the step and since the start: the candidate's own, rounded, then any that could matter.
    """
    total_us = candidate.elapsed_us if candidate.total_us is None else candidate.total_us
    own = candidate.lasted_us, candidate.elapsed_us, total_us
    every_us = every_of(pair)
    whole = [-(-each // every_us) * every_us for each in own]
    yield whole[0], whole[1], whole[2]
    yield own
    yield 0, *own[1:]
    for elapsed_us in _least(pair, candidate.step):
        yield 0, elapsed_us, elapsed_us
        yield min(own[0], elapsed_us), elapsed_us, elapsed_us
    rounded = [(each // every_us * every_us, -(-each // every_us) * every_us) for each in own]
    yield from product(*rounded)
    tried = durations(pair, candidate.step)
    elapsed_us, total_us = rounded[1][1], rounded[2][1]
    yield from ((lasted_us, elapsed_us, total_us) for lasted_us in tried if lasted_us <= total_us)
    for elapsed_us in (*_least(pair, candidate.step), *tried):
        yield from ((lasted_us, elapsed_us, elapsed_us) for lasted_us in tried if lasted_us <= elapsed_us)
