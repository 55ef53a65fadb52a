"""
Events of a rollout: what reaches the fold beside samples (SPEC sections 2.4 and 3).

Each has a time; an event and a sample at the same time: the event first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEvent:
    """
    A step was entered: its weight was read back.
    """

    at_us: int
    step: str
    weight: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateEvent:
    """
    A gate's probe gave a result, or was judged elsewhere.

    `result` is held against the gate's `require`; `passed: false` fails it whatever the result says.
    """

    at_us: int
    gate: str
    result: Mapping[str, Any] | None = None
    passed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AbortEvent:
    """
    An operator aborted the rollout.
    """

    at_us: int
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseEvent:
    """
    An operator paused the rollout: it holds until `resume`.
    """

    at_us: int
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeEvent:
    """
    An operator resumed a paused rollout.
    """

    at_us: int
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveEvent:
    """
    An operator approved a step; without one, the present step.
    """

    at_us: int
    step: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeEvent:
    """
    Rollouts were frozen: this one holds until `unfreeze`, or until the freeze expires.
    """

    at_us: int
    by: str | None = None
    reason: str | None = None
    until_us: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfreezeEvent:
    """
    A freeze was lifted.
    """

    at_us: int
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalEvent:
    """
    An operator set signals by hand: from here on these values stand in for those of the samples.

    None takes a value back.
    """

    at_us: int
    signals: Mapping[str, object] = field(default_factory=dict)
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftEvent:
    """
    The weight read back was not the weight wanted; the sample that follows holds.
    """

    at_us: int
    weight: float | None = None


Event: TypeAlias = (
    StepEvent
    | GateEvent
    | AbortEvent
    | PauseEvent
    | ResumeEvent
    | ApproveEvent
    | FreezeEvent
    | UnfreezeEvent
    | SignalEvent
    | DriftEvent
)
