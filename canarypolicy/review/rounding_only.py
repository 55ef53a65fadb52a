"""
What only rounding could do: whether a change shows at values that are clear of the limits it is about, or next to them alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from canarypolicy.cel.smt import Lowering, lower
from canarypolicy.engine.sample import RawSample
from canarypolicy.review.encoded import lattice_given
from canarypolicy.review.witness import witness_of

if TYPE_CHECKING:
    from canarypolicy.cel.terms import Term
    from canarypolicy.review.encoded import Encoded
    from canarypolicy.review.findings import Witness
    from canarypolicy.review.histories import Item
    from canarypolicy.review.questions import Asked
    from canarypolicy.review.replaying import Pair
    from canarypolicy.review.trial import Question

_APART = 1e-6
"""By how much of itself a value is moved to see whether a witness is one only next to a limit."""


def changed_margins(encoded: Encoded) -> list[Term]:
    """
    Say that each computed comparison of the rules that only one policy has, is clear of its limit.

    Rules of both policies are left out: what they compute is one term to both, and may never be clear of anything.
    """
    return margins_and_touches(encoded)[0]


def margins_and_touches(encoded: Encoded) -> tuple[list[Term], list[Term]]:
    """
    Give for each of these comparisons that it is clear of its limit, and that it is clear of it or exactly at it.
    """
    doubles = encoded.encoding.doubles
    count = len(doubles.margins)
    for side, other in ((encoded.old, encoded.new), (encoded.new, encoded.old)):
        common = {each.truth.identity for each in other.rules}
        lowering = Lowering(encoding=encoded.encoding, variables=side.lowering.variables)
        for each in side.rules:
            if each.truth.identity not in common:
                lower(lowering, each.rule.when)
                if each.rule.unless is not None:
                    lower(lowering, each.rule.unless)
    changed, touches = doubles.margins[count:], doubles.touches[count:]
    del doubles.margins[count:], doubles.touches[count:]
    return changed, touches


def is_only_rounding(encoded: Encoded, asked: Asked) -> bool:
    """
    Tell whether no history does it in which what changed is clear of its limits at every sample.
    """
    margins = changed_margins(encoded)
    if not margins:
        return False
    index = encoded.snapshot.steps.index((asked.old_step, asked.step))
    before, after = encoded.old.steps[index], encoded.new.steps[index]
    facts = (encoded.snapshot.in_step[index], before.of(asked.old), after.of(asked.new), *margins)
    return encoded.solver.is_impossible(*facts) or encoded.solver.is_impossible(*facts, *lattice_given(encoded, margins))


def unrounded(encoded: Encoded, asked: Asked) -> tuple[Term, ...]:
    """
    Say that what is asked is so where what changed is clear of its limits or exactly at one, and nothing of it is rounded.
    """
    index = encoded.snapshot.steps.index((asked.old_step, asked.step))
    before, after = encoded.old.steps[index], encoded.new.steps[index]
    _, touches = margins_and_touches(encoded)
    exact = encoded.encoding.doubles.exactly(encoded.names_of_what_differs)
    return (encoded.snapshot.in_step[index], before.of(asked.old), after.of(asked.new), *touches, *exact)


def is_at_no_limit(encoded: Encoded, asked: Asked) -> bool:
    """
    Tell whether no history does it without rounding, not even at a limit: there `>=` is not `>`.
    """
    facts = unrounded(encoded, asked)
    exact = encoded.exact_solver()
    return (
        encoded.solver.is_impossible(*facts)
        or (exact is not None and exact.is_impossible(*facts))
        or encoded.solver.is_impossible(*facts, *lattice_given(encoded, facts[3:]))
    )


def is_clear(pair: Pair, question: Question, witness: Witness) -> bool:
    """
    Tell whether a witness is still one if its values are a little larger, or smaller: then it is no matter of rounding.
    """
    return any(witness_of(pair, question, items) is not None for items in _moved(witness))


def _moved(witness: Witness) -> Iterator[tuple[Item, ...]]:
    off = [name for name, value in witness.off_healthy.items() if isinstance(value, float)]
    doubles = {
        name
        for item in witness.items
        if isinstance(item, RawSample)
        for name, value in item.signals.items()
        if isinstance(value, float)
    }
    for names in ({each} for each in off or sorted(doubles)):
        for factor in (1 + _APART, 1 - _APART):
            yield tuple(_scaled(item, names, factor) if isinstance(item, RawSample) else item for item in witness.items)


def _scaled(sample: RawSample, names: set[str], factor: float) -> RawSample:
    signals = {
        name: value * factor if name in names and isinstance(value, float) else value for name, value in sample.signals.items()
    }
    return replace(sample, signals=signals)
