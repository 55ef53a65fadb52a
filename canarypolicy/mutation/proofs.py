"""
What the solver knows of a mutant: that it decides alike in every history, or a history on which it does not.

A proof covers verdicts, not reasons. What it asks and how its witnesses are found is the business of `canarypolicy.review`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from canarypolicy.cel.terms import new_space
from canarypolicy.engine.decision import Verdict
from canarypolicy.errors import Unavailable, Unsupported
from canarypolicy.mutation.mutant import Danger
from canarypolicy.review.encoded import encode
from canarypolicy.review.findings import Certainty
from canarypolicy.review.proving import check_reading, known
from canarypolicy.review.questions import QUESTIONS, ask
from canarypolicy.review.replaying import Pair
from canarypolicy.review.solver import Answer, require_solver

if TYPE_CHECKING:
    from canarypolicy.engine.program import Program
    from canarypolicy.review.findings import Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """
    What a question about a mutant came to.
    """

    certainty: Certainty
    why: str = ""
    witness: Witness | None = None
    danger: Danger | None = None
    """What the witness shows."""


def lacking_solver() -> str | None:
    """
    Say why nothing can be proved; None if it can.
    """
    try:
        require_solver()
    except Unavailable as unavailable:
        return f"{unavailable.message}; {unavailable.help}"
    return None


def differences(program: Program, mutant: Program, *, most: int) -> tuple[Known, ...]:
    """
    Give what is possible and what is unknown, most dangerous first; nothing at all: the two decide alike in every history.

    After so many of them no further one is looked into. Where the proof does not read the policies as the engine does, that
    is all that is said.
    """
    with new_space():
        return tuple(islice(_differences(program, mutant), most))


def _differences(program: Program, mutant: Program) -> Iterator[Known]:
    steps = {step.name: step.name for step in program.steps}
    encoded = encode(program, mutant, steps)
    try:
        check_reading(encoded)
    except Unsupported as unsupported:
        yield Known(certainty=Certainty.UNKNOWN, why=unsupported.message)
        return
    pair = Pair(old=program, new=mutant)
    for old, new in QUESTIONS:
        for index in range(len(steps)):
            asked = ask(encoded, index, old, new)
            if asked.answer is Answer.IMPOSSIBLE:
                continue
            certainty, why, witness = known(encoded, pair, asked)
            if certainty is not Certainty.PROVED:
                yield Known(certainty=certainty, why=why, witness=witness, danger=danger_of_change(old, new))


def danger_of_change(old: Verdict, new: Verdict) -> Danger:
    """
    Say what it means that a mutant decides so what the policy decides otherwise.
    """
    if old is Verdict.ROLLBACK:
        return Danger.LOSES_ROLLBACK
    return Danger.GAINS_ADVANCE if new is Verdict.ADVANCE else Danger.STRICTER
