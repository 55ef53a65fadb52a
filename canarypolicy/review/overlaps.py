"""
Rollback rules that fire where everything else would let the rollout advance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from canarypolicy.cel.terms import all_of, any_of, negated
from canarypolicy.documents.rule import RuleKind
from canarypolicy.documents.wording import code
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.alone import beside
from canarypolicy.review.findings import Certainty, Remark
from canarypolicy.review.own import label, part_of, place_of
from canarypolicy.review.solver import Answer
from canarypolicy.review.trial import Question
from canarypolicy.review.witness import find_witness

if TYPE_CHECKING:
    from canarypolicy.cel.terms import Term
    from canarypolicy.engine.program import Program, ProgramRule, ProgramStep
    from canarypolicy.review.findings import Witness
    from canarypolicy.review.own import Own
    from canarypolicy.review.windows import RuleTerms

_MOST_TRIES = 16
_MOST_CANDIDATES = 2
MOST_SOUGHT = 8
"""For so many rules a history is sought, however many there are."""


def overlaps(own: Own) -> Iterator[Remark]:
    """
    Give each rollback rule that fires in a history in which, without it, the step would be left.

    Only rules that read a signal of an SLO are asked about, and only what a history shows is said.
    """
    watched = [rule for rule in own.rules if rule.rule.kind is RuleKind.ROLLBACK and _shares_a_signal(own.program, rule.rule)]
    left = MOST_SOUGHT
    for place, rule in enumerate(watched):
        if left <= 0:
            yield _not_sought(watched[place:])
            return
        calm = _calm_part(own, rule.rule)
        if calm is None:
            continue
        left -= 1
        found = _shown(own, rule.rule, *calm)
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


def _not_sought(rules: Sequence[RuleTerms]) -> Remark:
    return Remark(
        name="not-answered",
        sentence=f"whether {label(rules[0].rule)} or one of those after it fires where all else would advance was not tried",
        place=place_of(rules[0].rule),
        certainty=Certainty.UNKNOWN,
        why=f"a history was sought for {MOST_SOUGHT} rollback rules before",
    )


def _shares_a_signal(program: Program, rule: ProgramRule) -> bool:
    return any(not set(rule.reads).isdisjoint(slo.reads) and rule.acts_in & slo.acts_in for slo in program.slos)


def _calm_part(own: Own, rule: ProgramRule) -> tuple[Own, ProgramStep, tuple[Term, ...]] | None:
    """
    Give a step in which a rule can fire while nothing else keeps an advance away, and what that comes to; None if there is none.

    Only rules that could tell are looked at, the others being what they are where all is well; steps that differ in nothing
    that matters are looked at once.
    """
    seen = set()
    for step in own.program.steps:
        if step.name not in rule.acts_in:
            continue
        part = part_of(own, step, rule.reads)
        key = (frozenset(id(each.rule) for each in part.rules), step.index == len(own.program.steps) - 1)
        if key in seen:
            continue
        seen.add(key)
        fires = next(each.fires for each in part.rules if each.rule is rule)
        asked = fires, _calm(part, step, [each for each in part.rules if each.rule is not rule])
        if part.answer(*asked).answer is Answer.POSSIBLE:
            return part, step, asked
    return None


def _shown(own: Own, rule: ProgramRule, part: Own, step: ProgramStep, asked: tuple[Term, ...]) -> Witness | None:
    pair = beside(own.program, without(own.program, rule))
    question = Question(step=step.name, old=Verdict.ROLLBACK, new=Verdict.ADVANCE)
    proposed = part.candidates(step.index, asked, is_steady=True)
    return find_witness(pair, question, islice(proposed, _MOST_CANDIDATES), most=_MOST_TRIES)


def _calm(part: Own, step: ProgramStep, others: list[RuleTerms]) -> Term:
    """
    Say that the sample lies in a step in which no other rule keeps an advance away, and neither time nor an operator does.
    """
    encoded = part.encoded
    acting = [each for each in others if step.name in each.rule.acts_in]
    idle = negated(any_of((encoded.flags.halted, encoded.flags.gated, *(each.blocks for each in acting))))
    ready = encoded.snapshot.clock.elapsed >= step.min_us
    return all_of((part.here(step.index), idle, ready, encoded.flags.approved))


def without(program: Program, rule: ProgramRule) -> Program:
    """
    Give a policy without one of its rollback or hold rules.
    """
    return replace(program, watches=tuple(each for each in program.watches if each is not rule))
