"""
Bounded traces: histories of so many samples, each with values of its own, for what a snapshot that stands cannot show.

What is possible is replayed by the engine; what is impossible is so for histories of this length and form that are clear of
rounding, and no longer ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from canarypolicy.cel.terms import Term, all_of, any_of, implies, negated
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.event import ApproveEvent, PauseEvent, StepEvent
from canarypolicy.engine.sample import RawSample
from canarypolicy.review.histories import ORIGIN_US
from canarypolicy.review.proposals import coded
from canarypolicy.review.questions import value_in
from canarypolicy.review.solver import Answer
from canarypolicy.review.unrolled import Unrolled

if TYPE_CHECKING:
    from canarypolicy.review.encoded import Encoded
    from canarypolicy.review.histories import Item
    from canarypolicy.review.solver import Model
    from canarypolicy.review.windows import RuleTerms

TRACE_BUDGET = 60_000_000
"""Steps of one question over a trace, in z3's own unit."""
MOST_SAMPLES = 60
_SPARE = 5
"""Samples more than the longest window has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """
    What is known of a question over traces.
    """

    answer: Answer
    length: int
    """How many samples the traces have at most."""
    items: tuple[tuple[Item, ...], ...] = ()
    """If it is possible, histories that may show it: none of them has been replayed."""
    why: str = ""


def longest_trace(encoded: Encoded, every_us: int) -> int:
    """
    Give how many samples a trace needs for the longest window to pass, and a few more; no more than can be asked.
    """
    rules = [each.rule for side in (encoded.old, encoded.new) for each in side.rules]
    windows = [max(rule.asked.for_us or 0, rule.asked.after_us or 0) for rule in rules]
    return min(MOST_SAMPLES, max(windows, default=0) // every_us + _SPARE)


def first_divergence(encoded: Encoded, step: int, verdicts: tuple[Verdict, Verdict], length: int, every_us: int) -> Traced:
    """
    Ask for a history within one common step, by its place, whose last sample the policies decide so, and none settled before.
    """
    unrolled = Unrolled(encoded=encoded, length=length, every_us=every_us, budget=TRACE_BUDGET)
    last = length - 1
    sides = encoded.old, encoded.new
    asked = [unrolled.decided(last, step, verdict, side) for verdict, side in zip(verdicts, sides, strict=True)]
    for index in range(last):
        for side, name in zip(sides, encoded.snapshot.steps[step], strict=True):
            final = [Verdict.ROLLBACK]
            if side.program.step_named(name).index == len(side.program.steps) - 1:
                final.append(Verdict.ADVANCE)
            asked += [implies(unrolled.taken(index), negated(unrolled.decided(index, step, each, side))) for each in final]
    return _traced(unrolled, asked)


def first_violation(encoded: Encoded, mark: RuleTerms, within_us: int, length: int, every_us: int) -> Traced:
    """
    Ask for a history at whose last samples an expression has been true for a time, and that the new policy has not rolled back.

    The policy's advances are followed. `mark` is the expression as a rule of the new side.
    """
    window = -(-within_us // every_us)
    length = max(length, window + 1)
    unrolled = Unrolled(encoded=encoded, length=length, every_us=every_us, moves=True, budget=TRACE_BUDGET)
    last = length - 1
    asked = [unrolled.at(index, mark.truth.yes) for index in range(last - window, length)]
    asked.append(unrolled.taken(last - window))
    for index in range(length):
        rollbacks = [unrolled.decided(index, step, Verdict.ROLLBACK, encoded.new) for step in range(len(encoded.new.steps))]
        asked.append(implies(unrolled.taken(index), negated(any_of(rollbacks))))
    return _traced(unrolled, asked, fewest=window + 1)


def _traced(unrolled: Unrolled, asked: list[Term], *, fewest: int = 1) -> Traced:
    """
    Ask for histories clear of rounding, for short ones first; the one found is asked for again with as much healthy as can be.
    """
    margins = unrolled.encoded.encoding.doubles.margins
    for index in range(unrolled.length):
        asked = [*asked, *(implies(unrolled.taken(index), unrolled.at(index, each)) for each in margins)]
    answered = unrolled.solver.ask(asked)
    if answered.model is None:
        return Traced(answer=answered.answer, length=unrolled.length, why=answered.why)
    for count in _counts(fewest, unrolled.length):
        short = [*asked, negated(unrolled.taken(unrolled.length - count - 1))] if count < unrolled.length else asked
        model = unrolled.solver.ask(short).model
        if model is None:
            continue
        leaned = unrolled.solver.ask(_leaning(unrolled, short)).model
        items = tuple(_items(unrolled, each) for each in (leaned, model) if each is not None)
        return Traced(answer=Answer.POSSIBLE, length=unrolled.length, items=items)
    return Traced(answer=Answer.POSSIBLE, length=unrolled.length, items=(_items(unrolled, answered.model),))


def _counts(fewest: int, most: int) -> Iterator[int]:
    count = fewest
    while count < most:
        yield count
        count *= 2
    yield most


def _leaning(unrolled: Unrolled, asked: list[Term]) -> list[Term]:
    """
    Add that signals are present and healthy throughout, as many of them as can be: all at once, else by halves.
    """
    healthy = _healthy_terms(unrolled)
    return asked + _possible(unrolled, asked, healthy)


def _possible(unrolled: Unrolled, asked: list[Term], wanted: list[Term]) -> list[Term]:
    if not wanted:
        return []
    if unrolled.solver.is_possible(*asked, *wanted):
        return wanted
    if len(wanted) == 1:
        return []
    half = len(wanted) // 2
    first = _possible(unrolled, asked, wanted[:half])
    return first + _possible(unrolled, [*asked, *first], wanted[half:])


def _healthy_terms(unrolled: Unrolled) -> list[Term]:
    signals = {**unrolled.encoded.old.program.signals, **unrolled.encoded.new.program.signals}
    found: dict[str, list[Term]] = {}
    for index in range(unrolled.length):
        for name, variable in unrolled.measured(index):
            value = coded(unrolled.encoded, signals[name].type, signals[name].healthy)
            found.setdefault(name, []).append(all_of((variable.present, variable.value == value)))
    return [all_of(each) for each in found.values()]


def _items(unrolled: Unrolled, model: Model) -> tuple[Item, ...]:
    """
    Give the history of a model: when a step is entered, the samples, and what was said at the last one.
    """
    encoded = unrolled.encoded
    names = [new for _, new in encoded.snapshot.steps]
    taken = [index for index in range(unrolled.length) if model.holds(unrolled.taken(index))]
    first_us = ORIGIN_US + int(Fraction(model.of(unrolled.silent)))
    items: list[Item] = []
    before: str | None = None
    for count, index in enumerate(taken):
        at_us = first_us + count * unrolled.every_us
        here = next(step for step, term in enumerate(encoded.snapshot.in_step) if model.holds(unrolled.at(index, term)))
        if names[here] != before:
            items.append(StepEvent(at_us=ORIGIN_US if before is None else at_us - unrolled.every_us, step=names[here]))
            before = names[here]
            if model.holds(unrolled.at(index, encoded.flags.approved)):
                items.append(ApproveEvent(at_us=items[-1].at_us, step=before))
        if index == taken[-1] and model.holds(unrolled.at(index, encoded.flags.halted)):
            items.append(PauseEvent(at_us=at_us))
        values = {name: value_in(encoded, model, variable) for name, variable in unrolled.measured(index)}
        items.append(RawSample(at_us=at_us, signals={name: value for name, value in values.items() if value is not None}))
    return tuple(items)
