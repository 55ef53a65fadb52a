"""
The table of a review's Markdown: what changes, what is known of it, and because of which edit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.reports.markdown_text import code, prose
from canarypolicy.reports.review_words import KNOWN, Group, blamed, exposure_text, not_proved_groups, shown_text
from canarypolicy.review.findings import Certainty, Direction
from canarypolicy.review.standing import is_looser, recorded_text

if TYPE_CHECKING:
    from canarypolicy.documents.span import Span
    from canarypolicy.review.findings import PolicyReview, Remark

Row: TypeAlias = tuple[str, str, str, str]

_RANKS = ("looser", "fault", "perhaps looser", "stricter", "perhaps stricter", "rounding")


def rows(policy: PolicyReview) -> list[Row]:
    """
    Give the rows, the most dangerous first.
    """
    found = sorted(_rows(policy), key=lambda row: _RANKS.index(row[0]))
    return [(f"**{word}**", what, known, cause) for word, what, known, cause in found]


def _rows(policy: PolicyReview) -> Iterator[Row]:
    for group in not_proved_groups(policy):
        yield _transition(group)
    for change in policy.plan_changes:
        yield change.direction.value, prose(change.sentence), "follows from the plan", _line(change.place)
    uncompared = "what is decided in it is compared with nothing"
    if policy.new_path is None:
        yield Direction.LOOSER.value, "the policy was removed, and its rollbacks with it", "", ""
    yield from ((Direction.LOOSER.value, f"step {code(name)} was removed", uncompared, "") for name in policy.removed_steps)
    yield from ((Direction.STRICTER.value, f"step {code(name)} was added", uncompared, "") for name in policy.added_steps)
    for changed in () if policy.recordings is None else policy.recordings.changed:
        word = Direction.LOOSER if is_looser(changed) else Direction.STRICTER
        yield word.value, prose(recorded_text(changed)), f"replayed: {exposure_text(changed)}", ""
    yield from (_fault(remark) for remark in policy.remarks if remark.is_fault)


def _transition(group: Group) -> Row:
    first = group.first
    known = prose(group.known)
    if first.witness is not None:
        known = f"{KNOWN[first.certainty]}: {code(shown_text(first.witness))}"
    return group.word, prose(group.sentence), known, "<br>".join(_cause(*each) for each in blamed(first))


def _fault(remark: Remark) -> Row:
    known = KNOWN[remark.certainty] if remark.certainty is not Certainty.PROVED else "proved"
    shown = "" if remark.witness is None else f": {code(shown_text(remark.witness))}"
    return "fault", prose(remark.sentence), f"{known}{shown}", _line(remark.place)


def _cause(sentence: str, span: Span | None) -> str:
    return prose(sentence) + ("" if span is None else f" ({_line(span)})")


def _line(span: Span) -> str:
    return code(f"{span.path}:{span.line}")
