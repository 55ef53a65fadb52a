"""
Words that the reports of a review share: transitions that say the same of several steps, and what is known of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_duration
from canarypolicy.documents.wording import listed
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.sample import RawSample
from canarypolicy.reports.timeline_text import reasons_text
from canarypolicy.reports.value_text import seen_text, verdict_word
from canarypolicy.review.findings import Certainty, Direction
from canarypolicy.review.standing import DANGER, OPEN, Standing, standing

if TYPE_CHECKING:
    from canarypolicy.documents.span import Span
    from canarypolicy.engine.decision import Decision
    from canarypolicy.review.findings import Changed, Edit, OnRecordings, PolicyReview, Transition, Witness

KNOWN: Mapping[Certainty, str] = {
    Certainty.PROVED: "proved: no history does this",
    Certainty.WITNESS: "a history does this",
    Certainty.ROUNDING_ONLY: "only within rounding of a limit, if at all",
    Certainty.NOT_WITHIN_K: "no short history does this, longer ones are not known",
    Certainty.UNKNOWN: "not known",
}
"""What a certainty says of a question, in a few words."""

_MOST_BLAMED = 5
_RANKS = (Certainty.WITNESS, Certainty.UNKNOWN, Certainty.NOT_WITHIN_K, Certainty.ROUNDING_ONLY, Certainty.PROVED)
_ROLLBACKS = {
    Standing.EQUIVALENT: "no rollback is lost or new",
    Standing.STRICTER: "some rollbacks are new",
    Standing.LOOSER: "some rollbacks are lost",
    Standing.INCOMPARABLE: "some rollbacks are lost, others new",
    Standing.UNKNOWN: "what becomes of rollbacks is not known",
}
_ADVANCES = {
    Standing.EQUIVALENT: "no advance is lost or new",
    Standing.STRICTER: "some advances are lost",
    Standing.LOOSER: "some advances are new",
    Standing.INCOMPARABLE: "some advances are lost, others new",
    Standing.UNKNOWN: "what becomes of advances is not known",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """
    One change of decision in all steps of which the same is known, for the same edits.
    """

    first: Transition
    """The transition of the first step, whose witness stands for all."""
    steps: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """
        Say what changes where.
        """
        return f"{self.first.old.value} becomes {self.first.new.value} in {listed(self.steps)}"

    @property
    def word(self) -> str:
        """
        Say in which direction it goes, as far as that is known.
        """
        direction = self.first.direction.value
        match self.first.certainty:
            case Certainty.WITNESS:
                return direction
            case Certainty.ROUNDING_ONLY:
                return "rounding"
            case _:
                return f"perhaps {direction}"

    @property
    def known(self) -> str:
        """
        Say what is known of it, and why no more.
        """
        is_shown = self.first.certainty is Certainty.WITNESS
        return KNOWN[self.first.certainty] + (f": {self.first.why}" if self.first.why and not is_shown else "")


def groups(transitions: Iterable[Transition]) -> list[Group]:
    """
    Join what is the same in several steps; the most dangerous first, of those what a history shows.
    """
    joined: dict[tuple[object, ...], list[Transition]] = {}
    for each in transitions:
        blamed = tuple(edit.sentence for edit in each.blamed)
        joined.setdefault((each.old, each.new, each.certainty, each.why, blamed), []).append(each)
    found = [Group(first=same[0], steps=tuple(each.step for each in same)) for same in joined.values()]
    return sorted(found, key=lambda group: _danger(group.first))


def _danger(transition: Transition) -> tuple[bool, int, int]:
    is_stricter = transition.direction is Direction.STRICTER
    return is_stricter, _RANKS.index(transition.certainty), DANGER.index((transition.old, transition.new))


def not_proved_groups(review: PolicyReview) -> list[Group]:
    """
    Give what may change, or does.
    """
    return [group for group in groups(review.transitions) if group.first.certainty is not Certainty.PROVED]


def not_proved(reviews: Iterable[PolicyReview]) -> tuple[str, ...]:
    """
    Say why nothing was proved, each reason once.
    """
    return tuple(dict.fromkeys(each.not_proved for each in reviews if each.not_proved is not None))


def proved_sentences(review: PolicyReview) -> Iterator[str]:
    """
    Say what no history does: `rollback never becomes hold`.
    """
    steps = {each.step for each in review.transitions}
    for group in groups(review.transitions):
        if group.first.certainty is Certainty.PROVED:
            where = "" if set(group.steps) == steps else f" in {listed(group.steps)}"
            yield f"{group.first.old.value} never becomes {group.first.new.value}{where}"


def title(review: PolicyReview) -> str:
    """
    Name a policy with its file, or with both where it was moved.
    """
    return f"{review.name} ({' -> '.join(paths(review))})"


def paths(review: PolicyReview) -> tuple[str, ...]:
    """
    Give the policy's file, or the old and the new one.
    """
    return tuple(dict.fromkeys(path for path in (review.old_path, review.new_path) if path is not None))


def in_short(review: PolicyReview) -> str:
    """
    Say what becomes of rollbacks and advances.
    """
    if review.old_path is None:
        return "new, with nothing to hold it against"
    if review.new_path is None:
        return "removed, and its rollbacks with it"
    if not review.transitions and review.edits:
        return "what the edits do is not known"
    rollbacks = standing(review.transitions, Verdict.ROLLBACK)
    advances = standing(review.transitions, Verdict.ADVANCE)
    certainties = {each.certainty for each in review.transitions}
    if rollbacks is advances is Standing.EQUIVALENT:
        rounding = ", but for rounding" if Certainty.ROUNDING_ONLY in certainties else ""
        return f"every history is decided as before{rounding}"
    is_partly_open = Certainty.WITNESS in certainties and not certainties.isdisjoint(OPEN)
    return f"{_ROLLBACKS[rollbacks]}; {_ADVANCES[advances]}" + ("; not all is known" if is_partly_open else "")


def blamed(transition: Transition) -> tuple[tuple[str, Span | None], ...]:
    """
    Give the edits that cause a transition, each with its place; of many that do so together only how many they are.

    What is said of a transition that is shown is that only all of its edits together cause it.
    """
    if len(transition.blamed) > _MOST_BLAMED:
        return ((f"no edit alone, but {len(transition.blamed)} of them together", None),)
    together = ", together with the others" if transition.why and len(transition.blamed) > 1 else ""
    return tuple((f"{edit.sentence}{together}", edit.new or edit.old) for edit in transition.blamed)


def shown_text(witness: Witness) -> str:
    """
    Say what the witness's last sample has: signals that are off their healthy values, and for how long.
    """
    lasted = f" for {format_duration(witness.lasted_us)}" if witness.lasted_us else ""
    if not witness.off_healthy:
        samples = [item.signals for item in witness.items if isinstance(item, RawSample)]
        is_steady = all(signals == samples[-1] for signals in samples)
        return f"every signal healthy{lasted if is_steady else ' at the end, and not before'}"
    return f"{seen_text(witness.off_healthy)}{lasted}, the rest healthy"


def decided_text(decision: Decision) -> str:
    """
    Give a decision and its reasons in short.
    """
    return f"{verdict_word(decision)}: {reasons_text(decision)}"


def edit_place(edit: Edit) -> str:
    """
    Name the line of an edit: where it stands now, or where what is gone stood.
    """
    span = edit.new or edit.old
    if span is None:
        return ""
    return f"{span.path}:{span.line}:{span.column}" + ("" if edit.new is not None else ", before")


def edit_sentences(review: PolicyReview) -> Iterator[tuple[str, str]]:
    """
    Give what was edited, each with its place or an empty text, and which steps could not be compared.
    """
    yield from ((edit.sentence, edit_place(edit)) for edit in review.edits)
    alone = (*review.removed_steps, *review.added_steps)
    if alone:
        yield f"only one side has {listed(alone)}: what is decided there is compared with nothing", ""


def outcome_change(changed: Changed) -> str:
    """
    Say how a recorded rollout ends with the old policy and with the new one.
    """
    if changed.old_outcome == changed.new_outcome:
        return f"{changed.new_outcome} at another time"
    return f"{changed.old_outcome} becomes {changed.new_outcome}"


def exposure_text(changed: Changed) -> str:
    """
    Say how much more or less traffic the canary gets, as time at 100 %.
    """
    if not changed.exposure_us:
        return "the same exposure"
    word = "more" if changed.exposure_us > 0 else "less"
    return f"{format_duration(abs(changed.exposure_us))} {word} at 100 %"


def recordings_text(recordings: OnRecordings) -> str:
    """
    Count the rollouts that change, and those that do not.
    """
    same = sum(recordings.same.values())
    total = same + len(recordings.changed)
    counts = ", ".join(f"{count} {outcome}" for outcome, count in recordings.same.items() if count)
    unchanged = f"{same} the same" + (f" ({counts})" if counts else "")
    return f"of {total} recorded rollout{'s' if total != 1 else ''}, {len(recordings.changed) or 'none'} changed, {unchanged}"
