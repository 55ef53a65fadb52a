"""
What a review finds: verdicts on transitions, witnesses, who is to blame, and what changes on recordings.

Values only; how they are found is in the other modules of this room, how they look in `canarypolicy.reports`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.documents.signals import Value
    from canarypolicy.documents.span import Span
    from canarypolicy.engine.decision import Decision, Verdict
    from canarypolicy.engine.event import Event
    from canarypolicy.engine.sample import RawSample


class Certainty(Enum):
    """
    What is known about a question.
    """

    PROVED = "proved"
    """No history does this."""
    WITNESS = "witness"
    """A history does this: it was replayed by the engine."""
    ROUNDING_ONLY = "rounding-only"
    """Only values within rounding of a computed limit could do this; a witness is there if the engine was seen to do it."""
    NOT_WITHIN_K = "not-within-k"
    """No history of so many samples does this; longer ones are not known."""
    UNKNOWN = "unknown"
    """It depends on what the proof cannot see, or the budget ran out: `why` says which."""


class Direction(Enum):
    """
    What a change of decision means for the one who ships.
    """

    LOOSER = "looser"
    """A rollback is lost, or an advance is new."""
    STRICTER = "stricter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """
    A short history that both policies were replayed on.
    """

    step: str
    """The step in which the last sample lies, in the new policy's words."""
    items: tuple[RawSample | Event, ...]
    """Samples and step events, as a recording holds them; the last sample is the one that is decided differently."""
    old: Decision
    new: Decision
    off_healthy: Mapping[str, Value | None]
    """The signals that are not at their healthy value at the last sample; None: missing."""
    lasted_us: int
    """For how long the last sample's values have stood."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """
    One change between two policies, which can be taken back by itself.
    """

    sentence: str
    """Such as ``rollback `errors`: `when` was `x >= 0.02`, is `x >= 0.03` ``."""
    old: Span | None
    """None: it was not there."""
    new: Span | None
    """None: it is no longer there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """
    One question of the matrix: may a sample of this step that the old policy decides so be decided otherwise by the new one.
    """

    step: str
    old: Verdict
    new: Verdict
    certainty: Certainty
    why: str = ""
    """For what is not known, the reason."""
    witness: Witness | None = None
    blamed: tuple[Edit, ...] = ()
    """The edits that cause it: taking one of them back undoes the witness."""

    @property
    def direction(self) -> Direction:
        order = ("rollback", "hold", "advance")
        is_looser = order.index(self.new.value) > order.index(self.old.value)
        return Direction.LOOSER if is_looser else Direction.STRICTER


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChange:
    """
    A change of the plan that no question of the matrix is about: more traffic sooner, a gate that is gone.
    """

    name: str
    """Kebab-case, with a page in `explain`."""
    sentence: str
    place: Span
    direction: Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """
    What one policy says by itself: a rule that never fires, an invariant that does not hold.
    """

    name: str
    """Kebab-case, with a page in `explain`: `dead-rule`, `invariant-broken` ..."""
    sentence: str
    place: Span
    certainty: Certainty
    why: str = ""
    witness: Witness | None = None
    is_fault: bool = False
    """Whether it is wrong in itself, and not only worth knowing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """
    A recorded rollout that the two policies judge differently.
    """

    rollout: str
    source: str
    old_outcome: str
    new_outcome: str
    first_difference_us: int | None
    old_rules: tuple[str, ...]
    """The reasons at the first difference."""
    new_rules: tuple[str, ...]
    exposure_us: int
    """Gained (positive) or lost canary exposure: the integral of weight over time, in microseconds at 100 %."""
    counterfactual_from_us: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRecordings:
    """
    What changes on recorded rollouts.
    """

    changed: tuple[Changed, ...]
    same: Mapping[str, int] = field(default_factory=dict)
    """Outcome -> how many rollouts end so with both, at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """
    One numeric limit, and how far it could move without another outcome on the recordings.
    """

    place: Span
    rule: str
    limit: float
    low: float | None
    """None: however low."""
    high: float | None
    below: str
    """What happens beyond the low end: which outcomes change."""
    above: str
    low_is_open: bool = False
    """Whether outcomes change at the low end itself already."""
    high_is_open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyReview:
    """
    The review of one policy.
    """

    name: str
    old_path: str | None
    """None: the policy is new."""
    new_path: str | None
    """None: the policy was removed."""
    place: Span
    """Where the new policy's name stands; the old one's, if the policy was removed."""
    edits: tuple[Edit, ...] = ()
    plan_changes: tuple[PlanChange, ...] = ()
    added_steps: tuple[str, ...] = ()
    removed_steps: tuple[str, ...] = ()
    renamed_steps: Mapping[str, str] = field(default_factory=dict)
    """Old name -> new name."""
    transitions: tuple[Transition, ...] = ()
    """Six questions a common step; those of a step in the order of danger."""
    remarks: tuple[Remark, ...] = ()
    recordings: OnRecordings | None = None
    headroom: tuple[Headroom, ...] = ()
    not_proved: str | None = None
    """Why nothing was proved: the extra is not installed, or a reading disagreed with the engine."""
    queries: int = 0
