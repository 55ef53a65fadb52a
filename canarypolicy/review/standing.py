"""
What a policy's transitions come to: looser, stricter, both, the same or not known, and whether a review is refused for it.

Unknown never counts as fine, and a change that only rounding could show is named and counted as none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum

from canarypolicy.documents.wording import listed
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.findings import Certainty, Changed, Direction, PolicyReview, Transition

OPEN = frozenset({Certainty.UNKNOWN, Certainty.NOT_WITHIN_K})
"""What leaves a change possible, although no history shows it."""

_SAID = {
    Certainty.UNKNOWN: "it is not known",
    Certainty.NOT_WITHIN_K: "it is not known for long histories",
    Certainty.ROUNDING_ONLY: "within rounding, if at all",
}
_RANKS = {"rolled-back": 0, "refused": 0, "holding": 1, "complete": 2}
_ORDER = (Verdict.ROLLBACK, Verdict.HOLD, Verdict.ADVANCE)
DANGER = (
    (Verdict.ROLLBACK, Verdict.ADVANCE),
    (Verdict.ROLLBACK, Verdict.HOLD),
    (Verdict.HOLD, Verdict.ADVANCE),
    (Verdict.ADVANCE, Verdict.HOLD),
    (Verdict.ADVANCE, Verdict.ROLLBACK),
    (Verdict.HOLD, Verdict.ROLLBACK),
)
"""The six ways in which a decision can change, the most dangerous first."""


class Standing(Enum):
    """
    How the new policy stands to the old one.
    """

    EQUIVALENT = "equivalent"
    STRICTER = "stricter"
    LOOSER = "looser"
    INCOMPARABLE = "incomparable"
    """Looser on some histories, stricter on others."""
    UNKNOWN = "unknown"


class FailOn(Enum):
    """
    What a review is refused for.
    """

    LOOSER = "looser"
    """A rollback that is lost or an advance that is new, or may be."""
    ANY = "any"
    """Anything that is decided otherwise, or may be."""
    UNKNOWN = "unknown"
    """A question without an answer."""
    NEVER = "never"


def standing(transitions: Iterable[Transition], verdict: Verdict | None = None) -> Standing:
    """
    Say how the new policy stands to the old one; with a verdict, how its histories with this decision do.
    """
    concerned = [each for each in transitions if verdict is None or verdict in (each.old, each.new)]
    shown = {each.direction for each in concerned if each.certainty is Certainty.WITNESS}
    if len(shown) == len(Direction):
        return Standing.INCOMPARABLE
    if shown:
        return Standing.LOOSER if Direction.LOOSER in shown else Standing.STRICTER
    is_open = any(each.certainty in OPEN for each in concerned)
    return Standing.UNKNOWN if is_open else Standing.EQUIVALENT


def standing_of(review: PolicyReview) -> Standing:
    """
    Say how the new policy stands to the old one in all that was asked.

    Questions that nobody asked are open: without a matrix only a policy without an edit is equivalent.
    """
    if not review.transitions and review.edits:
        return Standing.UNKNOWN
    stands = standing(review.transitions)
    shown = {each.direction for each in review.plan_changes}
    if not shown or stands in (Standing.UNKNOWN, Standing.INCOMPARABLE):
        return stands
    if stands is not Standing.EQUIVALENT:
        shown.add(Direction.LOOSER if stands is Standing.LOOSER else Direction.STRICTER)
    if len(shown) == len(Direction):
        return Standing.INCOMPARABLE
    return Standing.LOOSER if Direction.LOOSER in shown else Standing.STRICTER


def is_looser(changed: Changed) -> bool:
    """
    Tell whether a recorded rollout gets further than it did.
    """
    return _RANKS[changed.new_outcome] > _RANKS[changed.old_outcome]


def refusals(review: PolicyReview, fail_on: FailOn) -> tuple[str, ...]:
    """
    Say why a policy's review is refused, one part of a sentence each; nothing if it is not.

    Faults of the new policy by itself refuse no change: they are there without it, and `validate --prove` refuses them.
    """
    match fail_on:
        case FailOn.NEVER:
            return ()
        case FailOn.UNKNOWN:
            return tuple(_unknown(review))
        case FailOn.LOOSER:
            return tuple(_looser(review))
        case FailOn.ANY:
            return tuple(_any(review))


def is_refused(transition: Transition, fail_on: FailOn) -> bool:
    """
    Tell whether a review is refused for a transition.
    """
    is_open = transition.certainty in OPEN
    match fail_on:
        case FailOn.NEVER:
            return False
        case FailOn.UNKNOWN:
            return is_open
        case FailOn.LOOSER:
            return transition.direction is Direction.LOOSER and (is_open or transition.certainty is Certainty.WITNESS)
        case FailOn.ANY:
            return transition.certainty is not Certainty.PROVED


def _unknown(review: PolicyReview) -> Iterator[str]:
    yield from _unasked(review)
    yield from _transitions(review, FailOn.UNKNOWN)
    yield from (f"`{each.name}` is not known" for each in review.remarks if each.certainty in OPEN)


def _looser(review: PolicyReview) -> Iterator[str]:
    if review.new_path is None:
        yield "the policy was removed, and its rollbacks with it"
    yield from _unasked(review)
    yield from _transitions(review, FailOn.LOOSER)
    yield from (f"step `{name}` was removed" for name in review.removed_steps)
    yield from (each.sentence for each in review.plan_changes if each.direction is Direction.LOOSER)
    yield from (recorded_text(each) for each in _changed(review) if is_looser(each))


def _any(review: PolicyReview) -> Iterator[str]:
    if review.new_path is None or review.old_path is None:
        yield f"the policy was {'removed' if review.new_path is None else 'added'}"
    yield from _unasked(review)
    yield from _transitions(review, FailOn.ANY)
    yield from (f"step `{name}` was removed" for name in review.removed_steps)
    yield from (f"step `{name}` was added" for name in review.added_steps)
    yield from (each.sentence for each in review.plan_changes)
    yield from (recorded_text(each) for each in _changed(review))


def _unasked(review: PolicyReview) -> Iterator[str]:
    if review.edits and not review.transitions and review.old_path is not None and review.new_path is not None:
        yield "nothing is known of what the edits do"


def _transitions(review: PolicyReview, fail_on: FailOn) -> Iterator[str]:
    """
    Name each transition that is refused, with all its steps.
    """
    steps: dict[tuple[Verdict, Verdict, Certainty], list[str]] = {}
    for each in review.transitions:
        if is_refused(each, fail_on):
            steps.setdefault((each.old, each.new, each.certainty), []).append(each.step)
    for (old, new, certainty), names in steps.items():
        said = f"{old.value} becomes {new.value} in {listed(names)}"
        yield said if certainty is Certainty.WITNESS else f"{said}: {_SAID[certainty]}"


def recorded_text(changed: Changed) -> str:
    """
    Say what becomes of a recorded rollout.
    """
    if changed.old_outcome == changed.new_outcome:
        return f"recorded rollout `{changed.rollout}` is {changed.new_outcome} at another time"
    return f"recorded rollout `{changed.rollout}` was {changed.old_outcome}, is {changed.new_outcome}"


def _changed(review: PolicyReview) -> tuple[Changed, ...]:
    return () if review.recordings is None else review.recordings.changed
