"""
One policy beside itself: the tools that compare two policies, used to look at one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.signals import SignalType
from canarypolicy.engine.sample import RawSample
from canarypolicy.lints.healthy import health_of
from canarypolicy.review.findings import Witness
from canarypolicy.review.replaying import Pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.program import Program
    from canarypolicy.review.histories import Item


def both(program: Program) -> Pair:
    """
    Give a policy as the old and the new one.
    """
    return beside(program, program)


def beside(program: Program, other: Program) -> Pair:
    """
    Give a policy as the old one beside another with the same signals.
    """
    at_health = health_of(program.checked).values
    return Pair(old=program, new=other, at_health={"old": at_health, "new": at_health})


def healthy_of(program: Program) -> dict[str, Value]:
    """
    Give the healthy value of every measured signal.
    """
    return {
        name: float(signal.healthy) if signal.type is SignalType.DOUBLE else signal.healthy
        for name, signal in program.signals.items()
    }


def own_witness(program: Program, items: Sequence[Item], decision: Decision, other: Decision | None = None) -> Witness:
    """
    Give a replayed history as a witness.

    `other` is what is decided on the history that this one is held against; without one, the decision itself.
    """
    healthy = healthy_of(program)
    samples = [item for item in items if isinstance(item, RawSample)]
    last = samples[-1]
    off: dict[str, Value | None] = {}
    for name, value in healthy.items():
        present = last.signals.get(name)
        if present is None or present != value:
            off[name] = present  # type: ignore[assignment]  # histories made here hold values only
    since_us = last.at_us
    for sample in reversed(samples):
        if sample.signals != last.signals:
            break
        since_us = sample.at_us
    return Witness(
        step=decision.step,
        items=tuple(items),
        old=decision if other is None else other,
        new=decision,
        off_healthy=off,
        lasted_us=last.at_us - since_us,
    )
