"""
What folds away in a review's Markdown: edits, witnesses, recorded rollouts, limits and remarks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_instant
from canarypolicy.reports.markdown_text import code, fenced, folded, prose, table
from canarypolicy.reports.review_headroom import headroom_text
from canarypolicy.reports.review_replay import replay_command
from canarypolicy.reports.review_words import (
    KNOWN,
    decided_text,
    edit_sentences,
    exposure_text,
    not_proved_groups,
    outcome_change,
    recordings_text,
    shown_text,
)
from canarypolicy.review.findings import Certainty
from canarypolicy.review.witness_files import witness_text

if TYPE_CHECKING:
    from canarypolicy.reports.result import Review
    from canarypolicy.review.findings import Changed, PolicyReview, Remark, Witness

_MOST = 20
_MOST_LINES = 40


def details(review: Review, policy: PolicyReview) -> Iterator[str]:
    """
    Give every part that has something in it, each behind an empty line.
    """
    edits = list(edit_sentences(policy))
    shown = [(group.sentence, group.first.witness) for group in not_proved_groups(policy) if group.first.witness is not None]
    faults = sum(remark.is_fault for remark in policy.remarks)
    remarks = f"Remarks on the policy as it is now: {len(policy.remarks)}" + (f", {faults} of them faults" if faults else "")
    yield from _part(f"Edits: {len(edits)}", [_item(sentence, place) for sentence, place in edits[:_MOST]])
    yield from _part(f"Witnesses: {len(shown)}", [line for said, each in shown[:_MOST] for line in _witness(review, said, each)])
    if policy.recordings is not None:
        changed = [_changed(each) for each in policy.recordings.changed[:_MOST]]
        head = ("rollout", "outcome", "canary traffic", "from", "before", "now")
        lines = list(table(head, changed)) if changed else ["No recorded rollout is judged otherwise."]
        yield from _part(f"Recordings: {recordings_text(policy.recordings)}", lines)
    limits = [f"- {prose(headroom_text(each))}" for each in policy.headroom[:_MOST]]
    yield from _part(f"Limits, and how far each could move without another recorded outcome: {len(policy.headroom)}", limits)
    yield from _part(remarks, [_remark(each) for each in policy.remarks[:_MOST]])


def _part(summary: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield from folded(summary, lines)


def _item(sentence: str, place: str) -> str:
    return f"- {prose(sentence)}" + (f" ({code(place)})" if place else "")


def _witness(review: Review, sentence: str, witness: Witness) -> Iterator[str]:
    yield f"{prose(sentence)}, shown in {code(witness.step)} by {code(shown_text(witness))}:"
    yield ""
    yield f"- before {code(decided_text(witness.old))}"
    yield f"- now {code(decided_text(witness.new))}"
    yield ""
    lines = witness_text(witness, "witness").splitlines()
    if len(lines) <= _MOST_LINES:
        yield from fenced("\n".join(lines), "json")
    else:
        yield f"The history has {len(lines) - 1} lines; `--witness-dir` writes it."
    file = review.file_of(witness)
    if file is not None:
        yield ""
        yield from fenced(replay_command(review, file), "sh")
    yield ""


def _changed(changed: Changed) -> tuple[str, ...]:
    since = "" if changed.first_difference_us is None else format_instant(changed.first_difference_us)
    if changed.counterfactual_from_us is not None:
        since += f", counterfactual from {format_instant(changed.counterfactual_from_us)}"
    before, now = (", ".join(map(code, rules)) for rules in (changed.old_rules, changed.new_rules))
    return code(changed.rollout), outcome_change(changed), exposure_text(changed), since, before, now


def _remark(remark: Remark) -> str:
    known = "" if remark.certainty is Certainty.PROVED else f"; {KNOWN[remark.certainty]}"
    why = f": {prose(remark.why)}" if remark.why else ""
    shown = "" if remark.witness is None else f", {code(shown_text(remark.witness))}"
    place = code(f"{remark.place.path}:{remark.place.line}")
    return (
        f"- {'**fault** ' if remark.is_fault else ''}{code(remark.name)}: {prose(remark.sentence)}{known}{shown}{why} ({place})"
    )
