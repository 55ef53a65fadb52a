"""
A rule adds nothing, because another rule of its list is at least as strict.

Whenever the shadowed rollback or hold rule fires, the other one fires too; whenever the shadowed SLO breaks, so does the
other. The decisions would be the same without it. Two rules on one signal usually differ in their `for`: a small excess
for long, a large one at once.
Only plain cases are seen: equal expressions, and limits on the same value. `canarypolicy review` proves the rest.

Avoid:

    rollback:
      - {name: errors, when: canary.error_rate >= 0.02, for: 5m}
      - {name: many-errors, when: canary.error_rate >= 0.1, for: 5m}

Prefer:

    rollback:
      - {name: errors, when: canary.error_rate >= 0.02, for: 5m}
      - {name: many-errors, when: canary.error_rate >= 0.1}
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, islice

from canarypolicy.cel.ranges import Known, can_be
from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.rule import Missing, RuleKind, WatchRule
from canarypolicy.lints.declared import known_of
from canarypolicy.lints.implication import implies
from canarypolicy.lints.lint import Lint
from canarypolicy.lints.rules import PlacedRule, place_of, rules_of

_MOST_RULES = 300  # of one list: every pair is looked at
_EFFECTS = {
    RuleKind.SLO: "it is met whenever `{}` is met",
    RuleKind.ROLLBACK: "whenever it fires, `{}` fires too",
    RuleKind.HOLD: "whenever it holds, `{}` holds too",
}


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report each rule that another one makes needless; of two equal rules, the later.
    """
    known = known_of(checked)
    for kind in RuleKind:
        rules = [
            rule
            for rule in islice(rules_of(checked, kind), _MOST_RULES)
            if all(can_be(rule.condition.tree, truth, known) for truth in (True, False))
        ]
        for index, rule in enumerate(rules):
            earlier = (other for other in rules[:index] if _covers(other, rule, known))
            later = (other for other in rules[index + 1 :] if _covers(other, rule, known) and not _covers(rule, other, known))
            by = next(chain(earlier, later), None)
            if by is not None:
                yield SHADOWED_RULE.finding(
                    place_of(rule.condition),
                    f"{rule.label} adds nothing: {_EFFECTS[kind].format(by.rule.name)}",
                    help="remove it, or give it another `for`",
                )


def _covers(by: PlacedRule, rule: PlacedRule, known: Known) -> bool:
    """
    Tell whether all that a rule brings about is brought about by another.
    """
    if rule.kind is RuleKind.SLO:
        return _lasts(rule, by) and implies(by.condition.tree, rule.condition.tree, known) and rule.steps <= by.steps
    return (
        _lasts(by, rule)
        and implies(rule.condition.tree, by.condition.tree, known)
        and rule.steps <= by.steps
        and (by.unless is None or (rule.unless is not None and by.unless.tree == rule.unless.tree))
        and _minds_missing(by, rule)
    )


def _lasts(shorter: PlacedRule, longer: PlacedRule) -> bool:
    """
    Tell whether what has lasted for one rule's `for` has lasted for the other's, of which the first is no longer.
    """
    short, long = shorter.rule.for_ or timedelta(), longer.rule.for_ or timedelta()
    if isinstance(short, timedelta) and isinstance(long, timedelta):
        return short <= long
    return short == long and _is_same(shorter, longer)  # of k of n, only what is equal at every sample can be compared


def _is_same(one: PlacedRule, other: PlacedRule) -> bool:
    return [part.tree for part in one.parts] == [part.tree for part in other.parts]


def _minds_missing(by: PlacedRule, rule: PlacedRule) -> bool:
    one, other = by.rule, rule.rule
    assert isinstance(one, WatchRule)
    assert isinstance(other, WatchRule)
    match other.missing:
        case Missing.IGNORE:
            return True
        case Missing.HOLD:
            return one.missing is not Missing.IGNORE
        case _:
            return _is_same(by, rule) and one.after is not None and other.after is not None and one.after <= other.after


SHADOWED_RULE = Lint(name="shadowed-rule", severity=Severity.WARNING, find=find)
