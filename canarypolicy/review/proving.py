"""
The matrix of a change, proved: each question asked of the solver, and what is possible shown by the engine.

Before anything is asked, the terms of these very policies are held against the engine; if they part, nothing is said at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from canarypolicy.cel.terms import new_space
from canarypolicy.documents.duration import format_duration
from canarypolicy.documents.wording import listed
from canarypolicy.errors import Unsupported
from canarypolicy.review.blame import Accusation, Blame
from canarypolicy.review.encoded import encode
from canarypolicy.review.findings import Certainty, Transition
from canarypolicy.review.fold_validation import decision_mismatches
from canarypolicy.review.proposals import on_limits, proposals
from canarypolicy.review.questions import Form, ask_all
from canarypolicy.review.rounding_only import is_at_no_limit, is_clear, is_only_rounding
from canarypolicy.review.solver import Answer, require_solver
from canarypolicy.review.trace import first_divergence, longest_trace
from canarypolicy.review.trial import Question, every_of
from canarypolicy.review.uneven import flickering, gappy, stale
from canarypolicy.review.validation import admission_mismatches, rule_mismatches
from canarypolicy.review.witness import beside, find_witness, witness_of

if TYPE_CHECKING:
    from canarypolicy.engine.program import Program
    from canarypolicy.review.encoded import Encoded
    from canarypolicy.review.findings import Edit, Witness
    from canarypolicy.review.questions import Asked
    from canarypolicy.review.replaying import Pair

ONLY_TOGETHER = "none of these edits does it alone"
_MOST_ROUNDING_TRIES = 20
NOT_FOUND = "the proof does not exclude it, and no history that was tried does this"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """
    The matrix, and how many questions the solver was asked for it.
    """

    transitions: tuple[Transition, ...]
    queries: int


def prove(pair: Pair, steps: Mapping[str, str], edits: Sequence[Edit]) -> Proved:
    """
    Answer the six questions of each common step; `steps` gives the new name of each old one.

    Without z3 this is `Unavailable`; a reading that is not the engine's is `Unsupported`.
    """
    if not steps:
        return Proved(transitions=(), queries=0)
    require_solver()
    with new_space():
        encoded = encode(pair.old, pair.new, steps)
        check_reading(encoded)
        accusation = Accusation(pair, edits)
        transitions = tuple(_transition(encoded, pair, asked, accusation) for asked in ask_all(encoded))
        return Proved(transitions=transitions, queries=encoded.queries)


def check_reading(encoded: Encoded) -> None:
    """
    Hold the terms of these policies against the engine; where they part, this is `Unsupported`, and nothing may be said.
    """
    mismatch = next(
        chain(rule_mismatches(encoded), admission_mismatches(encoded), decision_mismatches(encoded)),
        None,
    )
    if mismatch is not None:
        raise Unsupported(
            f"nothing is said of this change, since the proof does not read it as the engine does: {mismatch.sentence}",
            help="this is a fault in canarypolicy; please report it with both policies",
        )


def _transition(encoded: Encoded, pair: Pair, asked: Asked, accusation: Accusation) -> Transition:
    certainty, why, witness = known(encoded, pair, asked)
    blame = Blame(edits=()) if witness is None else accusation.blame(witness)
    return Transition(
        step=asked.step,
        old=asked.old,
        new=asked.new,
        certainty=certainty,
        why=ONLY_TOGETHER if blame.is_joint else why,
        witness=witness,
        blamed=blame.edits,
    )


def known(encoded: Encoded, pair: Pair, asked: Asked) -> tuple[Certainty, str, Witness | None]:
    """
    Give how certain the answer to a question is, why it is not known, and the witness that the engine has replayed.
    """
    match asked.answer:
        case Answer.IMPOSSIBLE:
            return Certainty.PROVED, "", None
        case Answer.UNKNOWN:
            return Certainty.UNKNOWN, asked.why, None
    candidate = asked.candidate
    assert candidate is not None, "what is possible has a candidate"
    question = Question(step=asked.step, old=asked.old, new=asked.new)
    is_shown_clear = candidate.has_margin and asked.form is Form.STEADY
    if not is_shown_clear and is_only_rounding(encoded, asked):
        if is_at_no_limit(encoded, asked):
            witness = find_witness(pair, question, (candidate, *beside(candidate, pair)), most=_MOST_ROUNDING_TRIES)
            is_more = witness is not None and is_clear(pair, question, witness)
            return Certainty.WITNESS if is_more else Certainty.ROUNDING_ONLY, "", witness
        witness = find_witness(pair, question, on_limits(encoded, asked), most=_MOST_ROUNDING_TRIES)
        if witness is not None:
            return Certainty.WITNESS, "", witness
    witness = find_witness(pair, question, proposals(encoded, asked, pair))
    if witness is None:
        uneven = chain(flickering(pair, candidate), gappy(pair, candidate), stale(pair, candidate))
        witness = next((each for each in (witness_of(pair, question, items) for items in uneven) if each is not None), None)
    if witness is not None:
        return Certainty.WITNESS, "", witness
    return _traced(encoded, pair, asked)


def _traced(encoded: Encoded, pair: Pair, asked: Asked) -> tuple[Certainty, str, Witness | None]:
    """
    Look for a history whose samples all differ, where none with a snapshot that stands was found.
    """
    index, every_us = encoded.snapshot.steps.index((asked.old_step, asked.step)), every_of(pair)
    question = Question(step=asked.step, old=asked.old, new=asked.new)
    traced = first_divergence(encoded, index, (asked.old, asked.new), longest_trace(encoded, every_us), every_us)
    if traced.answer is Answer.IMPOSSIBLE:
        if _gates_of(pair.old) != _gates_of(pair.new):
            return Certainty.UNKNOWN, "the gates differ, and no search through histories of some length looks at gates", None
        gates = " without gates" if encoded.flags.gates else ""
        return Certainty.NOT_WITHIN_K, f"no {traced.length} samples, {format_duration(every_us)} apart{gates}, do this", None
    for items in traced.items:
        witness = witness_of(pair, question, items)
        if witness is not None:
            return Certainty.WITNESS, "", witness
    if traced.why:
        return Certainty.UNKNOWN, traced.why, None
    if asked.depends_on:
        return Certainty.UNKNOWN, f"it depends on {listed(asked.depends_on)}, into which no proof sees", None
    return Certainty.UNKNOWN, NOT_FOUND, None


def _gates_of(program: Program) -> set[tuple[object, ...]]:
    before = {(gate.name, gate.require.tree, True, gate.rolls_back_on_fail) for gate in program.before_gates}
    return before | {(gate.name, gate.require.tree, False, gate.rolls_back_on_fail) for gate in program.after_gates}
