"""
Rules that say the same whatever is measured: that never fire or are never met, or that are true of everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from canarypolicy.cel.terms import any_of, negated
from canarypolicy.documents.rule import RuleKind
from canarypolicy.review.findings import Certainty, Remark
from canarypolicy.review.own import label, place_of
from canarypolicy.review.solver import Answer

if TYPE_CHECKING:
    from canarypolicy.cel.terms import Term
    from canarypolicy.review.own import Own
    from canarypolicy.review.windows import RuleTerms


def dead_rules(own: Own) -> Iterator[tuple[RuleTerms, Remark]]:
    """
    Give each rule that says the same whatever is measured, or of which that is not known, with what is to be said.
    """
    for rule in own.rules:
        remark = _never(own, rule) or _ever(own, rule)
        if remark is not None:
            yield rule, remark


def _never(own: Own, rule: RuleTerms) -> Remark | None:
    is_slo = rule.rule.kind is RuleKind.SLO
    happens = rule.fires if is_slo else any_of((rule.fires, rule.rolls_back))
    if is_slo:
        said = "is never met, whatever is measured, so that no rollout leaves a step in which it acts"
        return _remark(own, rule, (happens,), "unmeetable-slo", said)
    return _remark(own, rule, (happens,), "dead-rule", "never fires, whatever is measured")


def _ever(own: Own, rule: RuleTerms) -> Remark | None:
    happens = (own.present(rule.rule.reads), negated(rule.truth.yes))
    if rule.rule.kind is RuleKind.SLO:
        return _remark(own, rule, happens, "effortless-slo", "is true of whatever is measured")
    return _remark(own, rule, happens, "ever-true-rule", "is true of whatever is measured, so that no rollout leaves its steps")


_FAULTS = frozenset({"unmeetable-slo", "ever-true-rule"})


def _remark(own: Own, rule: RuleTerms, happens: tuple[Term, ...], name: str, said: str) -> Remark | None:
    """
    Give the remark on what never happens in the steps in which the rule acts; None if it can.
    """
    answered = own.answer(own.acting(rule.rule), *happens)
    match answered.answer:
        case Answer.POSSIBLE:
            return None
        case Answer.IMPOSSIBLE:
            return Remark(
                name=name,
                sentence=f"{label(rule.rule)} {said}",
                place=place_of(rule.rule),
                certainty=Certainty.PROVED,
                is_fault=name in _FAULTS,
            )
    return Remark(
        name="not-answered",
        sentence=f"whether {label(rule.rule)} {said.partition(',')[0]} is not known",
        place=place_of(rule.rule),
        certainty=Certainty.UNKNOWN,
        why=answered.why,
    )
