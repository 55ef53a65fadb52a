"""
Rollback rules that fire where everything else would let the rollout advance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from canarypolicy.cel.terms import all_of, any_of, negated
from canarypolicy.documents.rule import RuleKind
from canarypolicy.documents.wording import code
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.alone import beside
from canarypolicy.review.findings import Certainty, Remark
from canarypolicy.review.own import label, place_of
from canarypolicy.review.trial import Question
from canarypolicy.review.witness import find_witness

if TYPE_CHECKING:
    from canarypolicy.cel.terms import Term
    from canarypolicy.engine.program import Program, ProgramRule
    from canarypolicy.review.findings import Witness
    from canarypolicy.review.own import Own
    from canarypolicy.review.windows import RuleTerms

_MOST_TRIES = 40
_MOST_CANDIDATES = 2


def overlaps(own: Own) -> Iterator[Remark]:
    """
    Give each rollback rule that fires in a history in which, without it, the step would be left.

    Only rules that read a signal of an SLO are asked about, and only what a history shows is said.
    """
    for rule in own.rules:
        if rule.rule.kind is RuleKind.ROLLBACK and _shares_a_signal(own.program, rule.rule):
            found = _shown(own, rule)
            if found is not None:
                yield Remark(
                    name="rollback-over-advance",
                    sentence=(
                        f"{label(rule.rule)} fires where every SLO is met and nothing holds: "
                        f"without it, step {code(found.step)} would be left"
                    ),
                    place=place_of(rule.rule),
                    certainty=Certainty.WITNESS,
                    witness=found,
                )


def _shares_a_signal(program: Program, rule: ProgramRule) -> bool:
    return any(not set(rule.reads).isdisjoint(slo.reads) and rule.acts_in & slo.acts_in for slo in program.slos)


def _shown(own: Own, rule: RuleTerms) -> Witness | None:
    others = [each for each in own.rules if each is not rule]
    calm = {step.index: _calm(own, step.index, others) for step in own.program.steps if step.name in rule.rule.acts_in}
    if own.ask(rule.fires, any_of(calm.values())).model is None:
        return None
    index = next((each for each, term in calm.items() if own.ask(rule.fires, term).model is not None), min(calm))
    pair = beside(own.program, without(own.program, rule.rule))
    question = Question(step=own.program.steps[index].name, old=Verdict.ROLLBACK, new=Verdict.ADVANCE)
    proposed = own.candidates(index, (rule.fires, calm[index]), is_steady=True)
    return find_witness(pair, question, islice(proposed, _MOST_CANDIDATES), most=_MOST_TRIES)


def _calm(own: Own, index: int, others: list[RuleTerms]) -> Term:
    """
    Say that the sample lies in a step in which no other rule keeps an advance away, and neither time nor an operator does.
    """
    step, encoded = own.program.steps[index], own.encoded
    acting = [each for each in others if step.name in each.rule.acts_in]
    idle = negated(any_of((encoded.flags.halted, encoded.flags.gated, *(each.blocks for each in acting))))
    ready = encoded.snapshot.clock.elapsed >= step.min_us
    return all_of((own.here(index), idle, ready, encoded.flags.approved))


def without(program: Program, rule: ProgramRule) -> Program:
    """
    Give a policy without one of its rollback or hold rules.
    """
    return replace(program, watches=tuple(each for each in program.watches if each is not rule))
