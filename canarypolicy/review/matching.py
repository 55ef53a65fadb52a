"""
Which step, and which rule, of the old policy is which of the new one: by name, and a renamed one by its content.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from canarypolicy.documents.written_rules import written_rules
from canarypolicy.review.facts import rule_facts, step_content
from canarypolicy.review.written import Facts, side_of, values_of

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy, Path
    from canarypolicy.documents.rule import RuleKind
    from canarypolicy.documents.written_rules import WrittenRule
    from canarypolicy.review.written import Side

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedSteps:
    """
    The steps of both policies.
    """

    common: Mapping[str, str]
    """Old name -> new name, in the old order: the same step, renamed or not."""
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def renamed(self) -> dict[str, str]:
        """
        Old name -> new name, of those that have another name.
        """
        return {old: new for old, new in self.common.items() if old != new}


def match_steps(old: CheckedPolicy, new: CheckedPolicy) -> MatchedSteps:
    """
    Match the steps of two policies by name, and those left by content.
    """
    return matched_steps(side_of(old), side_of(new))


def matched_steps(old: Side, new: Side) -> MatchedSteps:
    """
    Match the steps of two sides by name, and those left by content.
    """
    before, after = _steps(old), _steps(new)
    common = {name: name for name in before if name in after}
    added = [name for name in after if name not in common]
    for name in before:
        if name in common:
            continue
        twin = next((each for each in added if after[each] == before[name]), None)
        if twin is not None:
            common[name] = twin
            added.remove(twin)
    return MatchedSteps(
        common={name: common[name] for name in before if name in common},
        added=tuple(added),
        removed=tuple(name for name in before if name not in common),
    )


def _steps(side: Side) -> dict[str, tuple[object, ...]]:
    rules = [each for each in written_rules(side.checked.policy) if _home(each.path) is not None]
    return {
        step.name: step_content(side, index, step, (rule for rule in rules if rule.path[2] == index))
        for index, step in enumerate(side.checked.policy.plan.steps)
    }


def _home(path: Path) -> int | None:
    """
    Give the index of the step that a rule stands in; None: the policy's own.
    """
    home = path[2] if path[0] == "plan" else None
    assert not isinstance(home, str), "steps are a list"
    return home


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """
    A rule with all that it says, the steps of both sides under their new names.
    """

    written: WrittenRule
    home: str | None
    """The new name of the step that it stands in; None: it is one of the policy's own."""
    facts: Facts

    @property
    def kind(self) -> RuleKind:
        return self.written.kind

    @property
    def name(self) -> str:
        return self.written.rule.name

    @property
    def path(self) -> Path:
        return self.written.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched(Generic[T]):
    """
    What stands on both sides, and what on one only.
    """

    both: tuple[tuple[T, T], ...]
    added: tuple[T, ...]
    removed: tuple[T, ...]


def matched_rules(old: Side, new: Side, steps: MatchedSteps) -> Matched[Placed]:
    """
    Match rules by kind, place and name, then without the place, then by content alone.

    Rules that stand inside of a step that was added or removed come and go with it.
    """
    everywhere = frozenset(step.name for step in new.checked.policy.plan.steps)
    before = _placed(old, steps.common, everywhere)
    after = _placed(new, {name: name for name in steps.common.values()}, everywhere)
    both: list[tuple[Placed, Placed]] = []
    keys: tuple[Callable[[Placed], Hashable], ...] = (
        lambda rule: (rule.kind, rule.home, rule.name),
        lambda rule: (rule.kind, rule.name),
        lambda rule: (rule.kind, rule.home, *values_of(rule.facts).values()),
    )
    for key in keys:
        before, after = _take_pairs(before, after, key, both)
    return Matched(both=tuple(both), added=tuple(after), removed=tuple(before))


def _take_pairs(
    before: list[Placed], after: list[Placed], key: Callable[[Placed], Hashable], both: list[tuple[Placed, Placed]]
) -> tuple[list[Placed], list[Placed]]:
    """
    Add the pairs with equal keys, and give those that are left of both lists.
    """
    waiting: dict[Hashable, list[Placed]] = {}
    for rule in before:
        waiting.setdefault(key(rule), []).append(rule)
    left: list[Placed] = []
    for rule in after:
        twins = waiting.get(key(rule))
        if twins:
            both.append((twins.pop(0), rule))
        else:
            left.append(rule)
    unpaired = {id(rule) for twins in waiting.values() for rule in twins}
    return [rule for rule in before if id(rule) in unpaired], left


def _placed(side: Side, names: Mapping[str, str], everywhere: frozenset[str]) -> list[Placed]:
    steps = side.checked.policy.plan.steps
    placed: list[Placed] = []
    for written in written_rules(side.checked.policy):
        index = _home(written.path)
        home = None if index is None else steps[index].name
        if home is not None and home not in names:
            continue
        limits: Sequence[str] = written.rule.steps or ()
        acts_in = frozenset({home} if home is not None else limits)
        renamed = frozenset(names.get(name, name) for name in acts_in) if acts_in else everywhere
        placed.append(
            Placed(
                written=written,
                home=None if home is None else names[home],
                facts=rule_facts(side, written, renamed),
            )
        )
    return placed
