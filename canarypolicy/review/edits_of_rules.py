"""
Edits of rules: added, gone, renamed, put elsewhere, and whatever else a rule says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from canarypolicy.documents.rule import RuleKind
from canarypolicy.documents.wording import code
from canarypolicy.review.facts import told
from canarypolicy.review.findings import Edit
from canarypolicy.review.matching import matched_rules
from canarypolicy.review.noted import Both
from canarypolicy.review.taking_back import drop, insert, one_after_the_other, restore
from canarypolicy.review.written import apart

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path
    from canarypolicy.review.matching import MatchedSteps, Placed
    from canarypolicy.review.noted import Noted
    from canarypolicy.review.taking_back import TakingBack

WORDS = {RuleKind.SLO: "SLO", RuleKind.ROLLBACK: "rollback rule", RuleKind.HOLD: "hold rule"}


def compare_rules(noted: Noted, steps: MatchedSteps) -> None:
    """
    Note what has become of the rules; those of a step that came or went are part of it.
    """
    matched = matched_rules(noted.old, noted.new, steps)
    for old, new in matched.both:
        _compare_rule(noted, steps, old, new)
    for rule in matched.added:
        noted.added(f"{_who(rule)} is new: {_told(rule)}", rule.path)
    for rule in matched.removed:
        into = _list_of(noted, rule)
        back = _at_the_end(noted, into, noted.old.at(rule.path), _limits(noted, steps, rule))
        noted.item_removed(f"{_who(rule)} is gone, it was {_told(rule)}", rule.path, into, back)


def _compare_rule(noted: Noted, steps: MatchedSteps, old: Placed, new: Placed) -> None:
    # A rule that was put elsewhere keeps the name of its old place, so that its edits read the same with the move taken back.
    both = Both(who=_who(new if old.home == new.home else old), old=old.path, new=new.path)
    if old.name != new.name:
        back = restore(noted.old.at(old.path), new.path, ["name"])
        span, was = noted.new.span((*new.path, "name")), noted.old.span((*old.path, "name"))
        sentence = f"{_who(old)} is called {code(new.name)} now"
        noted.note(Edit(sentence=sentence, old=was, new=span), (*new.path, "name"), back)
    noted.compare(both, old.facts, new.facts, without="steps")
    limits, present = old.facts["steps"], new.facts["steps"]
    if limits.value != present.value:
        noted.differ(both, limits, present, _limited_again(noted, steps, old, new))


def _limited_again(noted: Noted, steps: MatchedSteps, old: Placed, new: Placed) -> TakingBack:
    """
    Let a rule act where it did; one that stands elsewhere goes back to its list with what it says now.
    """
    limits = _limits(noted, steps, old)
    if old.home == new.home:
        return restore(limits, new.path, ["steps"])
    into = _list_of(noted, old)
    return one_after_the_other(drop(new.path), _at_the_end(noted, into, noted.new.at(new.path), limits))


def _limits(noted: Noted, steps: MatchedSteps, rule: Placed) -> dict[str, list[str]]:
    """
    Give the steps that a rule of the old side was limited to, under their new names.
    """
    limits = noted.old.at((*rule.path, "steps"))
    return {} if limits is None else {"steps": [steps.common.get(name, name) for name in limits]}


def _at_the_end(noted: Noted, into: Path, written: dict[str, Any], limits: dict[str, list[str]]) -> TakingBack:
    """
    Put a rule at the end of a list, with other limits than are written.
    """
    rule = {key: value for key, value in written.items() if key != "steps"}
    return insert(into, len(noted.new.at(into) or []), {**rule, **limits})


def _list_of(noted: Noted, rule: Placed) -> Path:
    """
    Give the list of the new side that a rule of the old one would stand in.
    """
    *around, _ = rule.path
    if rule.home is None:
        return tuple(around)
    names = [step.name for step in noted.new.checked.policy.plan.steps]
    return ("plan", "steps", names.index(rule.home), rule.path[3])


def _who(rule: Placed) -> str:
    home = "" if rule.home is None else f" of step {code(rule.home)}"
    return f"{WORDS[rule.kind]} {code(rule.name)}{home}"


def _told(rule: Placed) -> str:
    return apart(told(rule.facts, rule.kind), "")[0]
