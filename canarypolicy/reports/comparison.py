"""
Two timelines of one recording held against each other.

Only what is decided and in which step is compared; reasons may differ where the decision does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.engine.decision import Decision
    from canarypolicy.history.replay import Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """
    A stretch of time in which two policies decide differently, in the same way throughout.
    """

    from_us: int
    until_us: int
    """The last sample of the stretch."""
    one: Decision | None
    """What the first policy decided at its beginning; None where it judged nothing."""
    other: Decision | None


def differences(one: Timeline, other: Timeline) -> tuple[Difference, ...]:
    """
    List the stretches in which the decision or the step differs, in time order.
    """
    found: list[Difference] = []
    goes_on = False
    for at_us, left, right in _side_by_side(one, other):
        if _what(left) == _what(right):
            goes_on = False
            continue
        last = found[-1] if goes_on else None
        if last is not None and (_what(last.one), _what(last.other)) == (_what(left), _what(right)):
            found[-1] = Difference(from_us=last.from_us, until_us=at_us, one=last.one, other=last.other)
        else:
            found.append(Difference(from_us=at_us, until_us=at_us, one=left, other=right))
        goes_on = True
    return tuple(found)


def _side_by_side(one: Timeline, other: Timeline) -> Iterator[tuple[int, Decision | None, Decision | None]]:
    left = {decision.at_us: decision for decision in one.decisions}
    right = {decision.at_us: decision for decision in other.decisions}
    for at_us in sorted(left.keys() | right.keys()):
        yield at_us, left.get(at_us), right.get(at_us)


def _what(decision: Decision | None) -> tuple[object, ...]:
    return () if decision is None else (decision.verdict, decision.step, decision.is_complete, decision.is_refused)
