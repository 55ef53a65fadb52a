"""
What a policy's transitions come to: looser, stricter, both, the same or not known, and whether a review is refused for it.

Unknown never counts as fine, and a change that only rounding could show is named and counted as none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum

from canarypolicy.engine.decision import Verdict
from canarypolicy.review.findings import Certainty, Changed, Direction, PolicyReview, Transition

OPEN = frozenset({Certainty.UNKNOWN, Certainty.NOT_WITHIN_K})
"""What leaves a change possible, although no history shows it."""

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
    return standing(review.transitions)


def is_looser(changed: Changed) -> bool:
    """
    Tell whether a recorded rollout gets further than it did.
    """
    return _RANKS[changed.new_outcome] > _RANKS[changed.old_outcome]


def refusals(review: PolicyReview, fail_on: FailOn) -> tuple[str, ...]:
    """
    Say why a policy's review is refused, one part of a sentence each; nothing if it is not.
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


def _unknown(review: PolicyReview) -> Iterator[str]:
    yield from _unasked(review)
    yield from (f"{what_changes(each)} is not known" for each in review.transitions if each.certainty in OPEN)
    yield from (f"`{each.name}` is not known" for each in review.remarks if each.certainty in OPEN)


def _looser(review: PolicyReview) -> Iterator[str]:
    if review.new_path is None:
        yield "the policy was removed, and its rollbacks with it"
    yield from _unasked(review)
    yield from _transitions(each for each in review.transitions if each.direction is Direction.LOOSER)
    yield from (f"{each} was removed" for each in _named_steps(review.removed_steps))
    yield from (each.sentence for each in review.plan_changes if each.direction is Direction.LOOSER)
    yield from (_recorded(each) for each in _changed(review) if is_looser(each))
    yield from _faults(review)


def _any(review: PolicyReview) -> Iterator[str]:
    if review.new_path is None or review.old_path is None:
        yield f"the policy was {'removed' if review.new_path is None else 'added'}"
    yield from _unasked(review)
    yield from _transitions(review.transitions)
    rounded = (each for each in review.transitions if each.certainty is Certainty.ROUNDING_ONLY)
    yield from (f"{what_changes(each)} within rounding" for each in rounded)
    yield from (f"{each} was removed" for each in _named_steps(review.removed_steps))
    yield from (f"{each} was added" for each in _named_steps(review.added_steps))
    yield from (each.sentence for each in review.plan_changes)
    yield from (_recorded(each) for each in _changed(review))
    yield from _faults(review)


def _unasked(review: PolicyReview) -> Iterator[str]:
    if review.edits and not review.transitions and review.old_path is not None and review.new_path is not None:
        yield "nothing is known of what the edits do"


def _transitions(transitions: Iterable[Transition]) -> Iterator[str]:
    for each in transitions:
        if each.certainty is Certainty.WITNESS:
            yield what_changes(each)
        elif each.certainty in OPEN:
            yield f"{what_changes(each)} is not known"


def what_changes(transition: Transition) -> str:
    """
    Name a question of the matrix: `rollback becomes hold in canary-10`.
    """
    return f"{transition.old.value} becomes {transition.new.value} in {transition.step}"


def _faults(review: PolicyReview) -> Iterator[str]:
    yield from (each.sentence for each in review.remarks if each.is_fault)


def _changed(review: PolicyReview) -> tuple[Changed, ...]:
    return () if review.recordings is None else review.recordings.changed


def _recorded(changed: Changed) -> str:
    if changed.old_outcome == changed.new_outcome:
        return f"recorded rollout `{changed.rollout}` is {changed.new_outcome} at another time"
    return f"recorded rollout `{changed.rollout}` was {changed.old_outcome}, is {changed.new_outcome}"


def _named_steps(names: Iterable[str]) -> Iterator[str]:
    return (f"step `{name}`" for name in names)
