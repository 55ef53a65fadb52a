"""
How far back a decision has to look: the window of samples that a stateless evaluation needs.

Pure: where the samples come from is the business of `canarypolicy.sources`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from canarypolicy.derived import DERIVED
from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.rule import SampleCount, WatchRule
from canarypolicy.documents.step_names import START
from canarypolicy.documents.written_rules import written_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.documents.plan import Plan, Step
    from canarypolicy.documents.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """
    Evenly spaced times, in microseconds since 1970; the last one is exactly `end_us`.
    """

    start_us: int
    end_us: int
    every_us: int

    @property
    def times_us(self) -> range:
        return range(self.start_us, self.end_us + 1, self.every_us)


def window_needed(checked: CheckedPolicy, step: str, entered_us: int | None, at_us: int) -> Window:
    """
    Give the times at which the signals must be known to judge the sample at `at_us` as if nothing had been forgotten.

    A rule that has lasted longer than its `for` is seen to have lasted at least that long; its true beginning may lie before.
    A step that the policy does not have is a `ValueError`.
    """
    plan = checked.policy.plan
    present = _step_named(plan, step)
    acting = (written.rule for written in written_rules(checked.policy) if present.name in written.steps)
    lasting = max((_rule_needs_us(rule, plan) for rule in acting), default=0)
    back_us = lasting + max((_depth_us(checked, name) for name in checked.policy.derived), default=0)
    for name, at in _frozen(checked):
        if entered_us is not None and _is_entry_of(plan, at, present):
            back_us = max(back_us, at_us - entered_us + _depth_us(checked, name))
    every_us = microseconds(plan.every)
    count = -(-back_us // every_us) + 1  # one more: a sample covers the time back to the sample before it
    return Window(start_us=at_us - count * every_us, end_us=at_us, every_us=every_us)


def history_needed(checked: CheckedPolicy, at_us: int) -> Window | None:
    """
    Give the times before a rollout's start at `at_us` that derived signals look back to; None if none does.
    """
    back_us = max((_depth_us(checked, name) for name in checked.policy.derived), default=0)
    if back_us == 0:
        return None
    every_us = microseconds(checked.policy.plan.every)
    count = -(-back_us // every_us) + 1  # one more: a sample covers the time back to the sample before it
    return Window(start_us=at_us - count * every_us, end_us=at_us - every_us, every_us=every_us)


def read_by_derived(checked: CheckedPolicy) -> frozenset[str]:
    """
    Name the measured signals that derived ones read.
    """
    read = {name for chosen in checked.policy.derived.values() for name in DERIVED[chosen.name].inputs(chosen.parameters)}
    return frozenset(read & checked.policy.signals.keys())


def frozen_before(checked: CheckedPolicy, step: str) -> tuple[str, ...]:
    """
    Name the derived signals that were fixed at an entry which lies before that of `step`.

    Where only the present step's entry is known, their values cannot be known either.
    """
    plan = checked.policy.plan
    present = _step_named(plan, step)
    earlier = plan.steps[: plan.steps.index(present)]
    return tuple(
        name for name, at in _frozen(checked) if any(each.name == at for each in earlier) or (at == START and bool(earlier))
    )


def _step_named(plan: Plan, name: str) -> Step:
    for step in plan.steps:
        if step.name == name:
            return step
    raise ValueError(f"the policy has no step `{name}`")


def _rule_needs_us(rule: Rule, plan: Plan) -> int:
    """
    Give how far back a rule's own time reaches, at most.

    A run may have had unknown samples where its `for` began, hence `max_gap` on top.
    """
    gap_us = microseconds(plan.longest_gap)
    match rule.for_:
        case None:
            needs_us = 0
        case SampleCount(of=of):
            needs_us = of * gap_us
        case lasting:
            needs_us = microseconds(lasting) + gap_us
    if isinstance(rule, WatchRule) and rule.after is not None:
        needs_us = max(needs_us, microseconds(rule.after) + gap_us)
    return needs_us


def _depth_us(checked: CheckedPolicy, name: str) -> int:
    """
    Give how far back a derived signal reaches, with those that it reads; none for a measured one.
    """
    chosen = checked.policy.derived.get(name)
    if chosen is None:
        return 0
    over = getattr(chosen.parameters, "over", None)
    own_us = 0 if over is None else microseconds(over) + microseconds(checked.policy.plan.every)
    return own_us + max(_depth_us(checked, each) for each in DERIVED[chosen.name].inputs(chosen.parameters))


def _frozen(checked: CheckedPolicy) -> Iterator[tuple[str, str]]:
    for name, chosen in checked.policy.derived.items():
        at = getattr(chosen.parameters, "at", None)
        if at is not None:
            yield name, at


def _is_entry_of(plan: Plan, at: str, step: Step) -> bool:
    return at == step.name or (at == START and step == plan.steps[0])
