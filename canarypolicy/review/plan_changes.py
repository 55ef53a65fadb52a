"""
Changes of the plan that show in no decision of a step: more traffic sooner, and gates that are gone or ask for something else.

Only sums of `min` are compared, so that what is said here holds for every history.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_duration, microseconds
from canarypolicy.history.decision_record import number
from canarypolicy.review.findings import Direction, PlanChange

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.documents.plan import Plan, Step


def plan_changes(old: CheckedPolicy, new: CheckedPolicy) -> tuple[PlanChange, ...]:
    """
    Give the changes of the plan, those of traffic first, each in the order of the steps.
    """
    return (*_traffic(old, new), *_gates(old, new))


def _traffic(old: CheckedPolicy, new: CheckedPolicy) -> Iterator[PlanChange]:
    """
    Compare, for the weight of each new step, the earliest time at which so much traffic can be on the canary.

    A step that is sooner by the same time as the one before it tells nothing more, and is left out.
    """
    told_us: int | None = None
    for index, (step, entered_us) in enumerate(_entries(new.policy.plan)):
        was_us = _earliest_us(old.policy.plan, step.weight)
        gained_us = None if was_us is None else was_us - entered_us
        if gained_us is None or (gained_us > 0 and gained_us != told_us):
            was = "never" if was_us is None else f"after {format_duration(was_us)}"
            yield PlanChange(
                name="traffic-sooner",
                sentence=(
                    f"{number(step.weight)} % of the traffic can be on the canary after {format_duration(entered_us)},"
                    f" in step `{step.name}`; it was {was}"
                ),
                place=new.places["plan", "steps", index],
                direction=Direction.LOOSER,
            )
        told_us = gained_us


def _entries(plan: Plan) -> Iterator[tuple[Step, int]]:
    """
    Give each step and the earliest time since the rollout's start at which it can be entered.
    """
    lasting = accumulate((microseconds(step.min) for step in plan.steps), initial=0)
    return zip(plan.steps, lasting, strict=False)


def _earliest_us(plan: Plan, weight: float) -> int | None:
    return min((entered_us for step, entered_us in _entries(plan) if step.weight >= weight), default=None)


def _gates(old: CheckedPolicy, new: CheckedPolicy) -> Iterator[PlanChange]:
    for key, when in (("before", "before the first step"), ("after", "in the last step")):
        was = {gate.name: gate for gate in getattr(old.policy.plan.gates, key)}
        now = {gate.name: (index, gate) for index, gate in enumerate(getattr(new.policy.plan.gates, key))}
        for name, gate in was.items():
            if name not in now:
                sentence = f"gate `{name}` {when} is no longer asked for"
                yield PlanChange(name="gate-removed", sentence=sentence, place=new.keys["plan",], direction=Direction.LOOSER)
            elif gate != now[name][1]:
                place = new.places["plan", "gates", key, now[name][0]]
                sentence = f"gate `{name}` {when} asks for something else; what that lets pass is not known"
                yield PlanChange(name="gate-changed", sentence=sentence, place=place, direction=Direction.LOOSER)
        for name, (index, _) in now.items():
            if name not in was:
                place = new.places["plan", "gates", key, index]
                sentence = f"gate `{name}` {when} is new"
                yield PlanChange(name="gate-added", sentence=sentence, place=place, direction=Direction.STRICTER)
