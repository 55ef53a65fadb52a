"""
Invariants over time: whether an expression that is true for long enough is always followed by a rollback.

A proof is about every history, a trace about those of so many samples; what breaks it is replayed, sample by sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from canarypolicy.cel import terms
from canarypolicy.cel.terms import all_of, implies, negated
from canarypolicy.documents.rule import RuleKind
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.rollout import Follow
from canarypolicy.history.recording import Recording
from canarypolicy.history.replay import replay
from canarypolicy.review.alone import own_witness
from canarypolicy.review.findings import Certainty
from canarypolicy.review.own_search import Sought, beside_marker, find_own_witness, is_marked
from canarypolicy.review.questions import stood_for
from canarypolicy.review.solver import Answer
from canarypolicy.review.trace import first_violation, longest_trace
from canarypolicy.review.windows import Counted, Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canarypolicy.cel.expression import Expression
    from canarypolicy.cel.terms import Term
    from canarypolicy.engine.program import Program
    from canarypolicy.review.findings import Witness
    from canarypolicy.review.histories import Item, Shape
    from canarypolicy.review.own import Own
    from canarypolicy.review.windows import RuleTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """
    What is known of an expression that lasts.
    """

    certainty: Certainty
    why: str = ""
    witness: Witness | None = None


def lasting(own: Own, mark: RuleTerms, within_us: int) -> Lasting:
    """
    Answer whether an expression can have been true for so long, in whatever steps, without a rollback now or before.
    """
    run = _run_of(own, mark)
    why = ""
    for step in own.program.steps:
        asked = own.here(step.index), mark.truth.yes, run >= within_us, negated(own.steps[step.index].rollback)
        answered = own.ask(*asked)
        if answered.answer is Answer.IMPOSSIBLE:
            continue
        witness = None if answered.model is None else _steady(own, mark, step.index, asked, within_us)
        if witness is not None:
            return Lasting(certainty=Certainty.WITNESS, witness=witness)
        why = why or own.why_unknown(answered)
    return _traced(own, mark, within_us, why) if why else Lasting(certainty=Certainty.PROVED)


def _run_of(own: Own, mark: RuleTerms) -> Term:
    """
    Give for how long an expression has been true at every sample, in any steps, with no gap over `max_gap`.

    It is a number of its own, tied to the runs of the rules that are true, or unknown, wherever it is true.
    """
    solver = own.encoded.solver
    held, is_true = terms.real(f"lasting#{mark.truth.yes.get_id()}"), mark.truth.yes
    solver.add([held >= 0, held <= own.encoded.snapshot.clock.total])
    for rule in own.rules:
        if rule.rule.kind is RuleKind.SLO:
            continue
        if rule.window is not None and own.ask(is_true, negated(rule.truth.yes)).answer is Answer.IMPOSSIBLE:
            solver.add([implies(all_of((is_true, _is_enough(held, rule.window))), _has_lasted(held, rule.window))])
        if rule.unknown is not None and own.ask(is_true, rule.truth.known).answer is Answer.IMPOSSIBLE:
            solver.add([implies(is_true, held <= rule.unknown.held)])
    return held


def _is_enough(held: Term, window: Run | Counted) -> Term:
    """
    Say that a run is long enough for a count: without a gap over `max_gap` it has k samples by then.
    """
    return terms.truth(True) if isinstance(window, Run) else held >= (window.samples - 1) * window.max_gap_us


def _has_lasted(held: Term, window: Run | Counted) -> Term:
    return held <= window.held if isinstance(window, Run) else window.reached


def _steady(own: Own, mark: RuleTerms, index: int, asked: tuple[Term, ...], within_us: int) -> Witness | None:
    """
    Show values that stand for so long while the expression is true, without a rollback.
    """

    def lasts(shape: Shape) -> bool:
        return shape.before is None and min(shape.lasted_us, shape.total_us) >= within_us

    step, expression = own.program.steps[index], mark.rule.when
    decided = frozenset({Verdict.HOLD, Verdict.ADVANCE})
    sought = Sought(step=step.name, decided=decided, marked=expression, fits=lasts)
    asked = (*asked, stood_for() >= within_us)
    found = find_own_witness(own.program, sought, own.candidates(index, asked, is_steady=True))
    return None if found is None else broken_by(own.program, expression, within_us, found.items)


def _traced(own: Own, mark: RuleTerms, within_us: int, why: str) -> Lasting:
    every_us = own.program.every_us
    traced = first_violation(own.encoded, mark, within_us, longest_trace(own.encoded, every_us), every_us)
    for items in traced.items:
        witness = broken_by(own.program, mark.rule.when, within_us, items)
        if witness is not None:
            return Lasting(certainty=Certainty.WITNESS, witness=witness)
    if traced.answer is Answer.IMPOSSIBLE:
        told = f"no history of {traced.length} samples breaks it, one each `every`; longer ones and others are not known"
        return Lasting(certainty=Certainty.NOT_WITHIN_K, why=told)
    return Lasting(certainty=Certainty.UNKNOWN, why=traced.why or why)


def broken_by(program: Program, expression: Expression, within_us: int, items: Sequence[Item]) -> Witness | None:
    """
    Replay a history up to where an expression has been true at every sample for so long; None if it is rolled back by then.
    """
    recording = Recording(rollout="witness", source="witness", items=tuple(items))
    pair = beside_marker(program, expression)
    decisions, markers = (replay(each, recording, follow=Follow.RECORDING).decisions for each in (pair.old, pair.new))
    marked = {each.at_us for each in markers if is_marked(each)}
    since_us = previous_us = None
    for decision in decisions:
        at_us = decision.at_us
        if decision.verdict is Verdict.ROLLBACK or decision.is_refused:
            return None
        if previous_us is not None and at_us - previous_us > program.max_gap_us:
            since_us = None
        since_us = (at_us if since_us is None else since_us) if at_us in marked else None
        if since_us is not None and at_us - since_us >= within_us:
            shown = [item for item in items if item.at_us <= at_us]
            return own_witness(program, shown, decision)
        if decision.is_complete:
            return None
        previous_us = at_us
    return None
