"""
Rules without which every decision would be the same: one question for each, with the others as assumptions.

What the solver needs of the assumptions are the rules that do the work.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from canarypolicy.cel.terms import all_of, negated, truth
from canarypolicy.documents.rule import RuleKind
from canarypolicy.documents.wording import listed
from canarypolicy.review.findings import Certainty, Remark
from canarypolicy.review.own import label, place_of
from canarypolicy.review.solver import Answer

if TYPE_CHECKING:
    from canarypolicy.cel.terms import Term
    from canarypolicy.review.own import Own
    from canarypolicy.review.windows import RuleTerms

_MOST_NAMED = 8
"""Of more rules it is not tried whether some of them are enough."""
_DOES = {RuleKind.ROLLBACK: "fires or holds", RuleKind.HOLD: "holds"}


def needless_rules(own: Own, others: Sequence[RuleTerms]) -> Iterator[Remark]:
    """
    Give the rules that decide nothing; of those that make one another needless, the last.

    `others` are the rules of which nothing worse is known. What is said to be needless is none of the rules that
    do another's work, so that all of them can be removed together.
    """
    kept = list(others)
    found = []
    for rule in reversed(others):
        rest = [each for each in kept if each is not rule]
        instead = _instead(own, rule, rest)
        if instead:
            found.append((rule, instead))
            kept = rest
    for rule, instead in reversed(found):
        yield _remark(rule, _instead(own, rule, kept) or instead)


def _instead(own: Own, rule: RuleTerms, kept: Sequence[RuleTerms]) -> list[RuleTerms]:
    """
    Give the rules that do all that a rule does; nothing, if it does something of its own or that is not known.
    """
    if rule.rule.kind is RuleKind.SLO:
        slos = [each for each in kept if each.rule.kind is RuleKind.SLO]
        return _enough(own, rule.blocks, rule, [(each, each.blocks) for each in slos]) or []
    rolling = [(each, each.rolls_back) for each in kept if each.rule.kind is not RuleKind.SLO]
    for_rollback = _enough(own, rule.rolls_back, rule, rolling)
    if for_rollback is None:
        return []
    for others in (for_rollback, kept):
        for_hold = _enough(own, rule.blocks, rule, [(each, each.blocks) for each in others])
        if for_hold is not None:
            return [each for each in kept if each in for_rollback or each in for_hold]
    return []


def _enough(own: Own, does: Term, rule: RuleTerms, others: Sequence[tuple[RuleTerms, Term]]) -> list[RuleTerms] | None:
    """
    Give rules of which one always does what a rule does, few of them; None if the rule may do it alone.
    """
    if does.eq(truth(False)):
        return []
    asked = own.acting(rule.rule), does
    idle = [negated(all_of((own.acting(other.rule), other_does))) for other, other_does in others]
    answered = own.ask(*asked, *idle)
    if answered.answer is not Answer.IMPOSSIBLE:
        return None
    needed = [place - len(asked) for place in sorted(answered.core) if place >= len(asked)]
    if len(needed) <= _MOST_NAMED:
        for place in tuple(needed):
            fewer = [each for each in needed if each != place]
            if own.ask(*asked, *(idle[each] for each in fewer)).answer is Answer.IMPOSSIBLE:
                needed = fewer
    return [others[place][0] for place in needed]


def _remark(rule: RuleTerms, instead: Sequence[RuleTerms]) -> Remark:
    return Remark(
        name="needless-rule",
        sentence=f"{label(rule.rule)} decides nothing that would not be decided without it: {_effect(rule, instead)}",
        place=place_of(rule.rule),
        certainty=Certainty.PROVED,
    )


def _effect(rule: RuleTerms, instead: Sequence[RuleTerms]) -> str:
    slos = [each.rule.name for each in instead if each.rule.kind is RuleKind.SLO]
    watches = [each.rule.name for each in instead if each.rule.kind is not RuleKind.SLO]
    if rule.rule.kind is RuleKind.SLO:
        return f"it is met whenever {listed(slos)} {'is' if len(slos) == 1 else 'are'}"
    parts = [f"so does {listed(watches, 'or')}"] if watches else []
    parts += [f"SLO {listed(slos, 'or')} is not met"] if slos else []
    return f"whenever it {_DOES[rule.rule.kind]}, {', or '.join(parts)}"
