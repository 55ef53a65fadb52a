"""
Witnesses: from a candidate to a short history that the engine, folded over it, decides as was asked.

A search folds the rules that could tell; what it finds is folded again with all rules, and only that is a witness.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import inf, nextafter
from typing import TYPE_CHECKING

from canarypolicy.engine.sample import RawSample
from canarypolicy.review.findings import Witness
from canarypolicy.review.histories import Shape, history
from canarypolicy.review.openings import off_healthy, openings
from canarypolicy.review.pasts import misfits
from canarypolicy.review.replaying import replayed
from canarypolicy.review.shrinking import shrunk
from canarypolicy.review.trial import MOST_SAMPLES, Question, Trial, reduced, shows, spacing_of, wide_spacing_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canarypolicy.documents.signals import Value
    from canarypolicy.review.candidate import Candidate
    from canarypolicy.review.histories import Item, Spacing
    from canarypolicy.review.replaying import Pair

MOST_TRIES = 400
"""How many histories are tried for one question: a count and no time, so that an answer does not depend on the machine."""
_SHRINKING = 5
"""How many times as many more to make one small."""
_MOST_OPENINGS = 120
"""How many of them to see whether one candidate leads anywhere."""


def find_witness(pair: Pair, question: Question, candidates: Iterable[Candidate], *, most: int = MOST_TRIES) -> Witness | None:
    """
    Give a small history that answers a question with yes; None if none of the candidates leads to one.
    """
    shrinking = _SHRINKING * most
    for candidate in candidates:
        if most <= 0:
            break
        for searched, spacing, is_rough in _searches(pair, candidate):
            trial = Trial(searched, question, min(most, _MOST_OPENINGS), spacing)
            opening = next((shape for shape in openings(searched, candidate) if trial.is_spent or trial.shows(shape)), None)
            most -= trial.tries
            if opening is not None and trial.shows(opening):
                found = _smallest(Trial(searched, question, shrinking, spacing), pair, opening)
                if found is not None:
                    return found
                # What was left out has a say: all rules are asked from the beginning.
            elif not is_rough:
                break
    return None


def _searches(pair: Pair, candidate: Candidate) -> Iterator[tuple[Pair, Spacing, bool]]:
    """
    Give the rules that could tell, at few samples if that makes fewer, and all rules; and whether samples were left out.
    """
    few = reduced(pair, candidate.step, moved_from_health(pair, candidate))
    wide, usual = wide_spacing_of(few), spacing_of(few)
    if wide != usual:
        yield few, wide, True
    yield few, usual, False
    yield pair, spacing_of(pair), False


def moved_from_health(pair: Pair, candidate: Candidate) -> frozenset[str]:
    """
    Name the measured signals that a search from a candidate may have off their healthy values at some time.
    """
    moved = {name for values in (candidate.values, candidate.before or {}) for name, _ in off_healthy(pair, values)}
    wanted = misfits(pair, candidate)
    for each in reversed((*pair.old.derived, *pair.new.derived)):
        if each.name in wanted or each.name in moved:
            moved |= set(each.reads)
    return frozenset(moved)


def _smallest(trial: Trial, pair: Pair, opening: Shape) -> Witness | None:
    """
    Make a shape small and replay it with all rules, with as little history before the rollout as they let it have.
    """
    for shape in (shrunk(trial.pair, trial, opening), opening):
        for lead_us in sorted({0, shape.lead_us // 2, shape.lead_us}):
            found = confirmed(pair, trial.question, replace(shape, lead_us=lead_us))
            if found is not None:
                return found
    return None


def confirmed(pair: Pair, question: Question, shape: Shape) -> Witness | None:
    """
    Replay a shape with all rules.
    """
    return witness_of(pair, question, history(shape, pair.healthy, spacing_of(pair)))


def witness_of(pair: Pair, question: Question, items: Sequence[Item]) -> Witness | None:
    """
    Replay a history through both policies; None unless it answers the question with yes.
    """
    taken = [item for item in items if isinstance(item, RawSample)]
    if not taken or len(taken) > MOST_SAMPLES:
        return None
    judgements = replayed(pair, items)
    if judgements is None or not shows(pair, question, judgements):
        return None
    old, new = judgements
    return Witness(
        step=question.step,
        items=tuple(items),
        old=old.decision,
        new=new.decision,
        off_healthy=_off_healthy(pair, taken[-1]),
        lasted_us=_lasted(taken),
    )


def _off_healthy(pair: Pair, last: RawSample) -> dict[str, Value | None]:
    values = {name: last.signals.get(name) for name in pair.healthy}
    return {name: value for name, value in values.items() if value is None or value != pair.healthy[name]}  # type: ignore[misc]


def _lasted(taken: Sequence[RawSample]) -> int:
    """
    Give for how long the last sample's values have stood.
    """
    since_us = taken[-1].at_us
    for each in reversed(taken):
        if each.signals != taken[-1].signals:
            break
        since_us = each.at_us
    return taken[-1].at_us - since_us


def beside(candidate: Candidate, pair: Pair) -> Iterator[Candidate]:
    """
    Give the candidates whose doubles lie next to a candidate's: what differs only within rounding shows there or nowhere.
    """
    for name, value in candidate.values.items():
        if isinstance(value, float) and name in pair.healthy:
            for towards in (-inf, inf):
                near = nextafter(value, towards)
                for each in (near, nextafter(near, towards)):
                    yield replace(candidate, values={**candidate.values, name: each})
