"""
Reviews as text for a terminal: what changes, the most dangerous first, then what is proved, recorded and remarked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_instant
from canarypolicy.reports.escape import visible
from canarypolicy.reports.paint import Tone, paint
from canarypolicy.reports.review_headroom import headroom_text
from canarypolicy.reports.review_replay import replay_command
from canarypolicy.reports.review_words import (
    KNOWN,
    Group,
    blamed,
    decided_text,
    edit_sentences,
    exposure_text,
    in_short,
    not_proved,
    not_proved_groups,
    outcome_change,
    proved_sentences,
    recordings_text,
    shown_text,
    title,
)
from canarypolicy.review.findings import Certainty, Direction
from canarypolicy.review.standing import Standing, is_looser, refusals, standing_of

if TYPE_CHECKING:
    from canarypolicy.documents.span import Span
    from canarypolicy.reports.result import Review
    from canarypolicy.review.findings import Changed, OnRecordings, PolicyReview, Remark, Witness

_TONES = {
    Standing.EQUIVALENT: Tone.GOOD,
    Standing.STRICTER: Tone.WAIT,
    Standing.LOOSER: Tone.BAD,
    Standing.INCOMPARABLE: Tone.BAD,
    Standing.UNKNOWN: Tone.BAD,
}
_DIRECTION_TONES = {Direction.LOOSER: Tone.BAD, Direction.STRICTER: Tone.WAIT}


def render_review(review: Review, *, color: bool = False) -> str:
    """
    Give the review of every policy, and at the end whether the change is refused.
    """
    lacking = [f"nothing was proved: {visible(why)}" for why in not_proved(review.policies)]
    parts = lacking + ["\n".join(_policy(review, policy, color=color)) for policy in review.policies]
    parts.append("\n".join(_conclusion(review, color=color)))
    return "\n\n".join(parts) + "\n"


def _policy(review: Review, policy: PolicyReview, *, color: bool) -> Iterator[str]:
    name = paint(visible(title(policy)), Tone.STRONG, color=color)
    stands = standing_of(policy)
    word = paint(stands.value, _TONES[stands], color=color)
    is_pair = policy.old_path is not None and policy.new_path is not None
    yield f"{name}: {f'{word}; ' if is_pair else ''}{in_short(policy)}"
    yield from _edits(policy, color=color)
    for group in not_proved_groups(policy):
        yield ""
        yield from _group(review, group, color=color)
    for change in policy.plan_changes:
        yield ""
        yield f"  {paint(change.direction.value, _DIRECTION_TONES[change.direction], color=color)}: {visible(change.sentence)}"
        yield f"      {_place(change.place, color=color)}"
    yield from _headed("proved for every history", proved_sentences(policy))
    if policy.recordings is not None:
        yield ""
        yield from _recordings(policy.recordings, color=color)
    yield from _headed(
        "limits, and how far each could move without another recorded outcome", map(headroom_text, policy.headroom)
    )
    if policy.remarks:
        yield ""
        yield "  the new policy by itself"
    for remark in policy.remarks:
        yield from (f"  {line}" for line in _remark(review, remark, color=color))


def _edits(policy: PolicyReview, *, color: bool) -> Iterator[str]:
    edits = list(edit_sentences(policy))
    if edits:
        yield ""
        yield "  edits"
    for sentence, place in edits:
        yield f"    {visible(sentence)}"
        if place:
            yield f"        {paint(visible(place), Tone.FAINT, color=color)}"


def _group(review: Review, group: Group, *, color: bool) -> Iterator[str]:
    word = paint(group.word, _DIRECTION_TONES[group.first.direction], color=color)
    yield f"  {word}: {visible(group.sentence)}"
    yield f"      {visible(group.known)}"
    if group.first.witness is not None:
        yield from _witness(review, group.first.witness)
    for sentence, span in blamed(group.first):
        yield f"      because of: {visible(sentence)}"
        if span is not None:
            yield f"          {_place(span, color=color)}"


def _witness(review: Review, witness: Witness) -> Iterator[str]:
    yield f"      in {witness.step}: {shown_text(witness)}"
    yield f"      before {decided_text(witness.old)}"
    yield f"      now    {decided_text(witness.new)}"
    file = review.file_of(witness)
    if file is not None:
        yield f"      {visible(replay_command(review, file))}"


def _remark(review: Review, remark: Remark, *, color: bool) -> Iterator[str]:
    word = paint(
        f"{'fault' if remark.is_fault else 'remark'}[{remark.name}]", Tone.BAD if remark.is_fault else Tone.FAINT, color=color
    )
    yield f"  {word}: {visible(remark.sentence)}"
    if remark.certainty is not Certainty.PROVED or remark.why:
        yield f"      {KNOWN[remark.certainty]}{f': {visible(remark.why)}' if remark.why else ''}"
    if remark.witness is not None:
        yield f"      in {remark.witness.step}: {shown_text(remark.witness)}"
        yield f"      decided {decided_text(remark.witness.new)}"
        if remark.witness.old.verdict is not remark.witness.new.verdict:
            yield f"      without it {decided_text(remark.witness.old)}"
        file = review.file_of(remark.witness)
        if file is not None:
            yield f"      {visible(replay_command(review, file))}"
    yield f"      {_place(remark.place, color=color)}"


def _recordings(recordings: OnRecordings, *, color: bool) -> Iterator[str]:
    yield f"  {recordings_text(recordings)}"
    for changed in recordings.changed:
        yield from _changed(changed, color=color)


def _changed(changed: Changed, *, color: bool) -> Iterator[str]:
    tone = Tone.BAD if is_looser(changed) else Tone.WAIT
    name = paint(visible(changed.rollout), Tone.STRONG, color=color)
    yield f"    {name}: {paint(outcome_change(changed), tone, color=color)}, {exposure_text(changed)} ({visible(changed.source)})"
    if changed.first_difference_us is not None:
        before, now = (", ".join(map(visible, rules)) or "nothing" for rules in (changed.old_rules, changed.new_rules))
        yield f"        from {format_instant(changed.first_difference_us)}: before {before}; now {now}"
    if changed.counterfactual_from_us is not None:
        yield f"        counterfactual from {format_instant(changed.counterfactual_from_us)}: measured in another step"


def _headed(heading: str, lines: Iterable[str]) -> Iterator[str]:
    found = list(lines)
    if found:
        yield ""
        yield f"  {heading}"
    yield from (f"    {visible(line)}" for line in found)


def _conclusion(review: Review, *, color: bool) -> Iterator[str]:
    if not review.policies:
        yield "no policy was changed"
        return
    found = [(policy, why) for policy in review.policies for why in refusals(policy, review.fail_on)]
    option = f"--fail-on {review.fail_on.value}"
    if not found:
        yield f"{paint('passed', Tone.GOOD, color=color)} ({option})"
        return
    yield f"{paint('refused', Tone.BAD, color=color)} ({option}):"
    for policy, why in found:
        yield f"  {f'{visible(title(policy))}: ' if len(review.policies) > 1 else ''}{visible(why)}"


def _place(span: Span, *, color: bool) -> str:
    return paint(f"{visible(span.path)}:{span.line}:{span.column}", Tone.FAINT, color=color)
