"""
Making a history that shows something as small as it can be: few signals off healthy, short times, round numbers.

Every step is tried, and what no longer shows it is not taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from math import floor, log10, nextafter
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.documents.round_numbers import round_numbers
from canarypolicy.review.histories import Filler, Shape, Snapshot
from canarypolicy.review.limits import limits_of
from canarypolicy.review.openings import durations

if TYPE_CHECKING:
    from canarypolicy.review.replaying import Pair
    from canarypolicy.review.trial import Trial

Restoring: TypeAlias = Callable[[Shape, frozenset[str]], Shape]
_HALVINGS = 12
_MOST_BEYOND = 30
_ROUNDS = 3


def shrunk(pair: Pair, trial: Trial, shape: Shape) -> Shape:
    """
    Make a shape that shows what is asked smaller, until nothing can be taken away.
    """
    shape = _cleaned(pair, trial, shape)
    for _ in range(_ROUNDS):
        before = shape
        shape = _rounder(pair, trial, _shorter(pair, trial, _healthier(trial, shape)))
        if shape == before:
            break
    return shape


def first(trial: Trial, shapes: Iterable[Shape], otherwise: Shape) -> Shape:
    """
    Give the first shape that shows what is asked, or the one that is known to.
    """
    return next((shape for shape in shapes if shape == otherwise or trial.shows(shape)), otherwise)


def _cleaned(pair: Pair, trial: Trial, shape: Shape) -> Shape:
    """
    Find a time at which no earlier sample would have left the step, and stay with such times; there may be none.
    """
    trial.ask_clean(wanted=True)
    tried = durations(pair, shape.step)
    shapes = (each for elapsed_us in tried for each in _at_time(shape, elapsed_us))
    clean = next((each for each in (shape, *shapes) if trial.shows(each)), None)
    if clean is None:
        trial.ask_clean(wanted=False)
    return shape if clean is None else clean


def _at_time(shape: Shape, elapsed_us: int) -> Iterator[Shape]:
    """
    Move a shape to another time in the step: what stood stands as long, or all the time.
    """
    total_us = elapsed_us + shape.total_us - shape.elapsed_us
    for lasted_us in dict.fromkeys((min(shape.lasted_us, total_us), total_us)):
        yield replace(shape, elapsed_us=elapsed_us, total_us=total_us, lasted_us=lasted_us)


def _healthier(trial: Trial, shape: Shape) -> Shape:
    """
    Put as much back to healthy as can be.
    """
    for restoring in (_everywhere, _in_past, _in_before, _in_now):
        shape = _restored(trial, shape, sorted(_off(shape)), restoring)
    plainer = (
        {"before": None},
        {"rises": ()},
        {"is_paused": False},
        {"is_frozen": False},
        {"is_approved": False},
        {"before_gates": (), "after_gates": ()},
        {"filler": Filler.HEALTHY},
        {"earlier_step": None, "total_us": shape.elapsed_us, "lasted_us": min(shape.lasted_us, shape.elapsed_us)},
    )
    for change in plainer:
        shape = first(trial, (replace(shape, **change),), shape)
    return shape


def _restored(trial: Trial, shape: Shape, names: Sequence[str], restoring: Restoring) -> Shape:
    """
    Put signals back to healthy: all at once, else by halves.
    """
    if not names:
        return shape
    healthier = restoring(shape, frozenset(names))
    if healthier == shape or trial.shows(healthier):
        return healthier
    if len(names) == 1:
        return shape
    half = len(names) // 2
    shape = _restored(trial, shape, names[:half], restoring)
    return _restored(trial, shape, names[half:], restoring)


def _off(shape: Shape) -> set[str]:
    return {name for part in (shape.now, shape.before or (), shape.past) for name, _ in part}


def _without(part: Snapshot, names: frozenset[str]) -> Snapshot:
    return tuple(each for each in part if each[0] not in names)


def _everywhere(shape: Shape, names: frozenset[str]) -> Shape:
    rises = tuple(rise for rise in shape.rises if rise.name not in names)
    return replace(_in_past(_in_before(_in_now(shape, names), names), names), rises=rises)


def _in_past(shape: Shape, names: frozenset[str]) -> Shape:
    return replace(shape, past=_without(shape.past, names))


def _in_before(shape: Shape, names: frozenset[str]) -> Shape:
    return replace(shape, before=None if shape.before is None else _without(shape.before, names))


def _in_now(shape: Shape, names: frozenset[str]) -> Shape:
    return replace(shape, now=_without(shape.now, names))


def _shorter(pair: Pair, trial: Trial, shape: Shape) -> Shape:
    """
    Give the least time in the step, then the least time for which the values stand.
    """
    tried = durations(pair, shape.step)
    sooner = (each for elapsed_us in tried if elapsed_us < shape.elapsed_us for each in _at_time(shape, elapsed_us))
    shape = first(trial, sooner, shape)
    if shape.earlier_step is not None:
        totals = (shape.elapsed_us + more for more in tried)
        shape = first(
            trial,
            (replace(shape, total_us=each, lasted_us=min(shape.lasted_us, each)) for each in totals if each < shape.total_us),
            shape,
        )
    return first(trial, (replace(shape, lasted_us=each) for each in tried if each < shape.lasted_us), shape)


def _rounder(pair: Pair, trial: Trial, shape: Shape) -> Shape:
    """
    Put each number that is off healthy next to the limit that it passed, in few digits.
    """
    limits = limits_of(pair)
    for name, value in sorted(_numbers(shape)):
        healthy = pair.healthy[name]
        if isinstance(healthy, bool) or not isinstance(healthy, (int, float)):
            continue
        near = sorted(limits.get(name, ()), key=lambda limit, good=healthy: (abs(limit - good), limit))
        on_limit = next((each for each in near if trial.shows(_with(shape, name, value, type(healthy)(each)))), None)
        if on_limit is not None and not trial.shows(_with(shape, name, value, _towards(healthy, on_limit))):
            shape = _with(shape, name, value, type(healthy)(on_limit))
            continue
        beyond = (each for limit in near for each in _beyond(limit, healthy))
        small = first(trial, (_with(shape, name, value, each) for each in islice(beyond, _MOST_BEYOND)), shape)
        shape = small if small != shape else _near(trial, shape, name, (healthy, value))
    return shape


def _beyond(limit: float, healthy: float) -> Iterator[float]:
    """
    Give round numbers just beyond a limit, seen from health: 0.51, 0.501 and 0.5001 for 0.5.
    """
    away = 1 if limit >= healthy else -1
    if isinstance(healthy, int):
        yield int(limit) + away
        return
    exponent = floor(log10(abs(limit))) if limit else -1
    for digits in (1, 2, 3):
        yield round(limit + away * 10.0 ** (exponent - digits), digits - exponent)


def _towards(healthy: float, limit: float) -> float:
    """
    Give the value next to a limit on the healthy side: what no longer shows there stands on the limit itself.
    """
    if isinstance(healthy, int):
        return int(limit) + (1 if healthy > limit else -1)
    return nextafter(limit, healthy)


def _numbers(shape: Shape) -> set[tuple[str, float]]:
    parts = (*shape.now, *(shape.before or ()), *shape.past)
    found = {(name, value) for name, value in parts if isinstance(value, (int, float)) and not isinstance(value, bool)}
    return found | {(rise.name, rise.last) for rise in shape.rises}


def _near(trial: Trial, shape: Shape, name: str, between: tuple[float, float]) -> Shape:
    """
    Bisect between the healthy value and the one that shows it, then round on the near side of what was found.
    """
    inside, value = between
    outside, whole = value, isinstance(inside, int)
    for _ in range(_HALVINGS):
        middle = (inside + outside) // 2 if whole else (inside + outside) / 2
        if middle in (inside, outside):
            break
        if trial.shows(_with(shape, name, value, middle)):
            outside = middle
        else:
            inside = middle
    return first(trial, (_with(shape, name, value, each) for each in round_numbers(outside, whole=whole)), shape)


def _with(shape: Shape, name: str, value: float, other: float) -> Shape:
    """
    Put another value for one, wherever it stands.
    """

    def put(part: Snapshot) -> Snapshot:
        return tuple((name, other) if each == (name, value) else each for each in part)

    rises = tuple(replace(rise, last=other) if (rise.name, rise.last) == (name, value) else rise for rise in shape.rises)
    before = None if shape.before is None else put(shape.before)
    return replace(shape, now=put(shape.now), before=before, past=put(shape.past), rises=rises)
