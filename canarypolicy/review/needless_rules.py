"""
Rules without which every decision would be the same: one question for each, with the others as assumptions.

What the solver needs of the assumptions are the rules that do the work.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
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
_MOST_TOLD = 60
"""So many others are looked at for each rule: in larger policies, those that read the same signals or are not far from it."""
_DOES = {RuleKind.ROLLBACK: "fires or holds", RuleKind.HOLD: "holds"}


def needless_rules(own: Own, others: Sequence[RuleTerms]) -> Iterator[Remark]:
    """
    Give the rules that decide nothing; of those that make one another needless, the last.

    `others` are the rules of which nothing worse is known. What is said to be needless is none of the rules that
    do another's work, so that all of them can be removed together.
    """
    search, kept = _Search(own=own), list(others)
    found = []
    for rule in reversed(others):
        rest = [each for each in kept if each is not rule]
        instead = search.instead(rule, rest)
        if instead:
            found.append((rule, instead))
            kept = rest
    for rule, instead in reversed(found):
        yield _remark(rule, search.instead(rule, kept) or instead)


@dataclass(slots=True, kw_only=True)
class _Search:
    """
    What rules do, in words that the solver is told once.
    """

    own: Own
    _idle: dict[tuple[int, bool], Term] = field(default_factory=dict)

    def instead(self, rule: RuleTerms, kept: Sequence[RuleTerms]) -> list[RuleTerms]:
        """
        Give the rules that do all that a rule does; nothing, if it does something of its own or that is not known.
        """
        near = _nearest(rule, kept)
        if rule.rule.kind is RuleKind.SLO:
            return self._enough(rule, [each for each in near if each.rule.kind is RuleKind.SLO], rolls_back=False) or []
        rolling = [each for each in near if each.rule.kind is not RuleKind.SLO]
        for_rollback = self._enough(rule, rolling, rolls_back=True)
        if for_rollback is None:
            return []
        for others in (for_rollback, near):
            for_hold = self._enough(rule, others, rolls_back=False)
            if for_hold is not None:
                return [each for each in kept if each in for_rollback or each in for_hold]
        return []

    def _enough(self, rule: RuleTerms, others: Sequence[RuleTerms], *, rolls_back: bool) -> list[RuleTerms] | None:
        """
        Give rules of which one always does what a rule does, few of them; None if the rule may do it alone.
        """
        does = rule.rolls_back if rolls_back else rule.blocks
        if does.eq(truth(False)):
            return []
        asked = self.own.acting(rule.rule), does
        idle = [self._idle_of(other, rolls_back=rolls_back) for other in others]
        answered = self.own.answer(*asked, *idle)
        if answered.answer is not Answer.IMPOSSIBLE:
            return None
        needed = [place - len(asked) for place in sorted(answered.core) if place >= len(asked)]
        if len(needed) <= _MOST_NAMED:
            for place in tuple(needed):
                fewer = [each for each in needed if each != place]
                if self.own.answer(*asked, *(idle[each] for each in fewer)).answer is Answer.IMPOSSIBLE:
                    needed = fewer
        return [others[place] for place in needed]

    def _idle_of(self, rule: RuleTerms, *, rolls_back: bool) -> Term:
        key = (id(rule), rolls_back)
        if key not in self._idle:
            does = rule.rolls_back if rolls_back else rule.blocks
            self._idle[key] = negated(all_of((self.own.acting(rule.rule), does)))
        return self._idle[key]


def _nearest(rule: RuleTerms, others: Sequence[RuleTerms]) -> Sequence[RuleTerms]:
    """
    Keep the rules that could do another's work, if there are many: those that read its signals, then those that read theirs.
    """
    if len(others) <= _MOST_TOLD:
        return others
    near: list[RuleTerms] = []
    read = set(rule.rule.reads)
    left = list(others)
    while left and len(near) < _MOST_TOLD:
        found = [each for each in left if not read.isdisjoint(each.rule.reads)]
        if not found:
            break
        near += found
        left = [each for each in left if read.isdisjoint(each.rule.reads)]
        read |= {name for each in found for name in each.rule.reads}
    kept = {id(each) for each in near[:_MOST_TOLD]}
    return [each for each in others if id(each) in kept]


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
