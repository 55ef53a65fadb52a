"""
States that hold for ever: values which, however long they stand, neither end a step nor the rollout.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from canarypolicy.cel.terms import negated
from canarypolicy.documents.duration import format_duration
from canarypolicy.documents.wording import listed
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.candidate import Candidate
from canarypolicy.review.findings import Certainty, Remark
from canarypolicy.review.healthy_course import patience_us
from canarypolicy.review.own_search import Sought, find_own_witness
from canarypolicy.review.questions import stood_for

if TYPE_CHECKING:
    from canarypolicy.cel.terms import Term
    from canarypolicy.engine.program import ProgramStep
    from canarypolicy.review.findings import Witness
    from canarypolicy.review.histories import Shape
    from canarypolicy.review.own import Own

_MOST_CANDIDATES = 2
_MOST_SAMPLES = 300
"""Of a step in which waiting for all that is asked for takes more, nothing is said."""
_MOST_TRIES = 8
"""These histories are long, and the solver has put all that can be healthy to healthy."""


def standstills(own: Own) -> Iterator[Remark]:
    """
    Give the states that hold for ever, those that stand still in several steps once; only what a history shows is said.
    """
    found: dict[tuple[object, ...], list[tuple[ProgramStep, Witness]]] = {}
    before: Witness | None = None
    for step in own.program.steps:
        witness = _shown(own, step, before)
        if witness is not None:
            before = witness
            found.setdefault(tuple(sorted(witness.off_healthy.items())), []).append((step, witness))
    for same in found.values():
        step, witness = same[0]
        steps = [each.name for each, _ in same]
        lasted = format_duration(witness.new.elapsed_us)
        yield Remark(
            name="endless-hold",
            sentence=(
                f"values can stand for ever in {'step' if len(steps) == 1 else 'steps'} {listed(steps)} "
                f"without an advance or a rollback: after {lasted} it still holds"
            ),
            place=step.location,
            certainty=Certainty.WITNESS,
            witness=witness,
        )


def _shown(own: Own, step: ProgramStep, before: Witness | None) -> Witness | None:
    """
    Show values that stand still in a step: those of the step before, if they do so here, too.
    """
    every_us = own.program.every_us
    most_us = -(-patience_us(own.program, step) // every_us) * every_us
    if most_us // every_us > _MOST_SAMPLES:
        return None

    def stands_still(shape: Shape) -> bool:
        is_whole = shape.before is None and min(shape.lasted_us, shape.elapsed_us) >= most_us
        return is_whole and (shape.is_approved or not step.needs_approval) and not shape.is_paused

    sought = Sought(step=step.name, decided=frozenset({Verdict.HOLD}), fits=stands_still, is_whole=True)
    if before is not None:
        same = Candidate(
            step=step.name,
            values=before.off_healthy,
            lasted_us=most_us,
            elapsed_us=most_us,
            is_approved=step.needs_approval,
        )
        again = find_own_witness(own.program, sought, [same], most=1)
        if again is not None:
            return again
    proposed = own.candidates(step.index, _standing(own, step, most_us), is_steady=True)
    return find_own_witness(own.program, sought, islice(proposed, _MOST_CANDIDATES), most=_MOST_TRIES)


def _standing(own: Own, step: ProgramStep, most_us: int) -> tuple[Term, ...]:
    """
    Say that a step holds at a time, with everything present, the same values since its entry, and nobody to wait for.
    """
    encoded = own.encoded
    return (
        own.here(step.index),
        own.steps[step.index].of(Verdict.HOLD),
        own.everything_present(),
        encoded.flags.approved,
        negated(encoded.flags.halted),
        negated(encoded.flags.gated),
        encoded.snapshot.clock.elapsed == most_us,
        encoded.snapshot.clock.total == most_us,
        encoded.snapshot.clock.idle <= 0,
        stood_for() >= most_us,
    )
