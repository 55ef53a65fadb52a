"""
Decisions and their reasons: what the engine makes of a sample (SPEC section 2.4).

How they look is the business of `canarypolicy.reports`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from canarypolicy.documents.signal_type import Value
    from canarypolicy.documents.span import Span


class Verdict(Enum):
    """
    The three things that can be decided.
    """

    ADVANCE = "advance"
    HOLD = "hold"
    ROLLBACK = "rollback"


class ReasonKind(Enum):
    """
    Where a reason comes from.
    """

    SLO = "slo"
    ROLLBACK = "rollback"
    HOLD = "hold"
    GATE = "gate"
    PLAN = "plan"
    OPERATOR = "operator"


class ReasonState(Enum):
    """
    What is the case with a reason's rule.
    """

    FIRES = "fires"
    PENDING = "pending"
    UNKNOWN = "unknown"
    UNKNOWN_TOO_LONG = "unknown-too-long"
    MET = "met"
    NOT_MET = "not-met"
    WAITING = "waiting"
    PASSED = "passed"
    FAILED = "failed"


FIXED_REASONS = (
    "min-duration",
    "overdue",
    "timeout",
    "paused",
    "frozen",
    "approval",
    "gate",
    "aborted",
    "weight-drift",
)
"""The names of the reasons that are no rule."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reason:
    """
    Why a decision is what it is.

    Its sentence and its margin are found when somebody asks: most reasons of a history are never read.
    """

    rule: str
    """A rule's name, or one of `FIXED_REASONS`."""
    kind: ReasonKind
    state: ReasonState
    say: Callable[[], str] = field(repr=False)
    """Gives the message."""
    for_us: int | None = None
    """How long it must last."""
    since_us: int | None = None
    """Since when it does."""
    lacking_us: int | None = None
    """How much time is still lacking."""
    values: Mapping[str, Value | None]
    """Each signal that the rule reads; None where it is missing."""
    margin_of: Callable[[], float | None] | None = field(default=None, repr=False)
    location: Span | None = None
    """The rule's, step's or gate's place in the policy."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Reason):
            return NotImplemented
        mine, others = ((each.rule, each.kind, each.state, each.for_us, each.since_us, each.lacking_us) for each in (self, other))
        return (
            mine == others and self.values == other.values and self.location == other.location and self.message == other.message
        )

    def __hash__(self) -> int:
        return hash((self.rule, self.kind, self.state, self.since_us))

    @property
    def message(self) -> str:
        """
        One sentence part: what was seen and what was asked.
        """
        return self.say()

    @property
    def margin(self) -> float | None:
        """
        How far the deciding comparison is on its good side, relative to its limit; negative is bad.
        """
        return self.margin_of() if self.margin_of is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """
    What is decided at one sample, in which step, and why.
    """

    verdict: Verdict
    step: str
    weight: float
    at_us: int
    elapsed_us: int
    """Since the step's entry."""
    is_complete: bool = False
    is_refused: bool = False
    earliest_advance_us: int | None = None
    reasons: tuple[Reason, ...]
    missing: Mapping[str, str]
    """Signal -> why it has no value at this sample."""
    clipped: Mapping[str, str]
    """Signal -> what was taken as its bound."""
