"""
Which values the limits of a policy were compared with on a recording: a rule that acts nowhere looks at every sample.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from canarypolicy.documents.rule import RuleKind
from canarypolicy.engine.engine import decide
from canarypolicy.engine.program import ProgramRule
from canarypolicy.engine.rollout import Follow
from canarypolicy.engine.sustained import Asked
from canarypolicy.history.replay import prepare
from canarypolicy.review.thresholds import cut_of

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Values
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.program import Program
    from canarypolicy.engine.sample import Sample
    from canarypolicy.history.recording import Recording
    from canarypolicy.review.thresholds import Number, Threshold

_FOR_EVER_US = 2**62


def seen_on(
    program: Program, found: Sequence[Threshold], recording: Recording, items: Iterable[Sample | Event]
) -> tuple[tuple[Number, ...], ...]:
    """
    Give, for each limit, the limits at which a sample of the recording would be judged otherwise, rising.

    Two courses are looked at: the policy's own, and one that never leaves the first step.
    """
    cuts = [cut_of(threshold) for threshold in found]
    seen: list[set[Number]] = [set() for _ in found]

    def look(values: Values) -> bool:
        for cut, into in zip(cuts, seen, strict=True):
            at = cut(values)
            if at is not None:
                into.add(at)
        return False

    items = tuple(items)
    if found:
        spy = _spy(program, found[0], look)
        first = replace(program.steps[0], min_us=_FOR_EVER_US, max_us=None)
        _fold(replace(program, watches=(*program.watches, spy)), recording, items)
        _fold(replace(program, watches=(spy,), steps=(first,), before_gates=()), recording, items)
    return tuple(tuple(sorted(each)) for each in seen)


def _spy(program: Program, threshold: Threshold, look: object) -> ProgramRule:
    return ProgramRule(
        name="spy",
        kind=RuleKind.HOLD,
        acts_in=frozenset(),
        when=replace(threshold.expression, evaluate=look, readings={}),  # type: ignore[arg-type]  # a reading of its own
        unless=None,
        asked=Asked(max_gap_us=program.max_gap_us),
        message=None,
        location=threshold.rule.location,
        reads=(),
    )


def _fold(program: Program, recording: Recording, items: Iterable[Sample | Event]) -> None:
    state = prepare(program, recording, Follow.POLICY, None).state
    for item in items:
        _, state = decide(program, state, item)
