"""
A review as findings on lines of the new policy, for formats that mark lines.

What was deleted has no line any more: it is told where the policy's name stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.reports.review_replay import replay_command
from canarypolicy.reports.review_words import Group, blamed, not_proved_groups, shown_text
from canarypolicy.review.findings import Certainty, Direction
from canarypolicy.review.standing import FailOn, is_looser, is_refused, recorded_text

if TYPE_CHECKING:
    from canarypolicy.documents.span import Span
    from canarypolicy.reports.result import Review
    from canarypolicy.review.findings import PolicyReview, Remark


def review_findings(review: Review) -> tuple[Finding, ...]:
    """
    Give all that a review has to say as findings; what the review is refused for is an error.
    """
    return tuple(finding for policy in review.policies for finding in _findings(review, policy))


def _findings(review: Review, policy: PolicyReview) -> Iterator[Finding]:
    fail_on = review.fail_on
    for group in not_proved_groups(policy):
        yield from _transition(review, policy, group)
    for change in policy.plan_changes:
        severity = _severity(change.direction, is_refused=_refuses(change.direction, fail_on))
        yield Finding(name=change.name, message=change.sentence, span=change.place, severity=severity)
    yield from _comings_and_goings(policy, fail_on, review.base)
    for changed in () if policy.recordings is None else policy.recordings.changed:
        direction = Direction.LOOSER if is_looser(changed) else Direction.STRICTER
        severity = _severity(direction, is_refused=_refuses(direction, fail_on))
        yield Finding(name="recorded-outcome", message=recorded_text(changed), span=policy.place, severity=severity)
    for remark in policy.remarks:
        yield remark_finding(remark, Severity.WARNING if remark.is_fault else Severity.NOTE)
    if policy.not_proved is not None:
        message = f"nothing was proved: {policy.not_proved}"
        yield Finding(name="not-proved", message=message, span=policy.place, severity=Severity.WARNING)


def remark_finding(remark: Remark, severity: Severity) -> Finding:
    """
    Give what one policy says by itself as a finding.
    """
    why = f": {remark.why}" if remark.why else ""
    shown = "" if remark.witness is None else f"it does so with {shown_text(remark.witness)}, in step `{remark.witness.step}`"
    return Finding(name=remark.name, message=f"{remark.sentence}{why}", span=remark.place, severity=severity, help=shown or None)


def _transition(review: Review, policy: PolicyReview, group: Group) -> Iterator[Finding]:
    """
    Give one finding for each line that causes it; for none, one at the policy's name.
    """
    first = group.first
    perhaps = "" if first.certainty is Certainty.WITNESS else "perhaps "
    message = f"{perhaps}{group.sentence}: {group.known}"
    message += "" if first.witness is None else f": {shown_text(first.witness)}"
    file = None if first.witness is None else review.file_of(first.witness)
    causes: dict[Span, list[str]] = {}
    for sentence, place in blamed(first):
        is_there = place is not None and place.path == policy.new_path
        causes.setdefault(place if place is not None and is_there else policy.place, []).append(sentence)
    for span, sentences in (causes or {policy.place: []}).items():
        yield Finding(
            name=f"{first.old.value}-to-{first.new.value}",
            message=message + (f"; because of: {'; '.join(sentences)}" if sentences else ""),
            span=span,
            severity=_severity(first.direction, is_refused=is_refused(first, review.fail_on)),
            help=None if file is None else replay_command(review, file),
        )


def _comings_and_goings(policy: PolicyReview, fail_on: FailOn, base: str | None) -> Iterator[Finding]:
    told = [("step-removed", f"step `{name}` was removed", Direction.LOOSER) for name in policy.removed_steps]
    told += [("step-added", f"step `{name}` was added", Direction.STRICTER) for name in policy.added_steps]
    if policy.new_path is None:
        told.append(("policy-removed", "the policy was removed, and its rollbacks with it", Direction.LOOSER))
    if policy.old_path is None:
        told.append(("policy-added", "the policy was added; there is nothing to hold it against", Direction.STRICTER))
    for name, message, direction in told:
        severity = _severity(direction, is_refused=_refuses(direction, fail_on))
        yield Finding(name=name, message=message, span=_place(policy, base), severity=severity)


def _place(policy: PolicyReview, base: str | None) -> Span:
    """
    Give the place of a policy's name; that of one that is gone without the git revision in front of its path.
    """
    span = policy.place
    if policy.new_path is not None or base is None:
        return span
    source = replace(span.source, path=span.path.removeprefix(f"{base}:"))
    return source.span(span.start, span.end)


def _refuses(direction: Direction, fail_on: FailOn) -> bool:
    return fail_on is FailOn.ANY or (fail_on is FailOn.LOOSER and direction is Direction.LOOSER)


def _severity(direction: Direction, *, is_refused: bool) -> Severity:
    if is_refused:
        return Severity.ERROR
    return Severity.WARNING if direction is Direction.LOOSER else Severity.NOTE
