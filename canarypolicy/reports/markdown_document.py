"""
Markdown for a comment on a pull request: one screen, the most dangerous first, the rest folded away.

The first line is a marker that never changes, so that a bot finds its own comment and writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from canarypolicy.reports.checklist_text import render_checklist_markdown
from canarypolicy.reports.markdown_text import code, prose, table
from canarypolicy.reports.report import Report
from canarypolicy.reports.result import Checklist, Review
from canarypolicy.reports.review_markdown_details import details
from canarypolicy.reports.review_words import (
    KNOWN,
    Group,
    in_short,
    not_proved_groups,
    paths,
    proved_sentences,
    shown_text,
)
from canarypolicy.review.findings import Certainty
from canarypolicy.review.standing import Standing, refusals, standing_of

if TYPE_CHECKING:
    from canarypolicy.review.findings import Edit, PolicyReview

MARKER = "<!-- canarypolicy-review -->"
"""The first line of every comment."""
LONGEST = 60_000
"""How long a comment may be in characters; hosts take 65,536."""
_MOST_ROWS = 8
_MOST_REFUSALS = 5
_PASSED = {Standing.EQUIVALENT: "nothing is decided otherwise", Standing.STRICTER: "nothing gets looser"}


def render_review(review: Review) -> str:
    """
    Give the comment; one that is too long goes without what is folded away, and says so.
    """
    text = "".join(f"{line}\n" for line in _comment(review, is_whole=True))
    if len(text) <= LONGEST:
        return text
    short = "".join(f"{line}\n" for line in _comment(review, is_whole=False))
    left_out = "The details are left out here: they are too long for a comment. `--format json` has them all.\n"
    return f"{short}\n{left_out}" if len(short) + len(left_out) < LONGEST else f"{short[: LONGEST - 200]}\n\n{left_out}"


def _comment(review: Review, *, is_whole: bool) -> Iterator[str]:
    yield MARKER
    refused = [(policy, why) for policy in review.policies for why in refusals(policy, review.fail_on)]
    yield f"### canarypolicy review: {'refused' if refused else 'passed'}"
    yield ""
    if not review.policies:
        yield "No policy was changed."
        return
    yield from _conclusion(review, refused)
    for policy in sorted(review.policies, key=lambda each: not refusals(each, review.fail_on)):
        yield ""
        yield from _policy(policy)
        if is_whole:
            yield from details(review, policy)


def _conclusion(review: Review, refused: list[tuple[PolicyReview, str]]) -> Iterator[str]:
    if not refused:
        stands = {standing_of(policy) for policy in review.policies}
        told = _PASSED.get(next(iter(stands)), "") if len(stands) == 1 else ""
        yield f"`--fail-on {review.fail_on.value}` finds nothing to refuse" + (f": {told}." if told else ".")
        return
    yield f"Refused by `--fail-on {review.fail_on.value}`:"
    yield ""
    for policy, why in refused[:_MOST_REFUSALS]:
        name = f"{code(policy.name)}: " if len(review.policies) > 1 else ""
        yield f"- {name}{prose(why)}"
    if len(refused) > _MOST_REFUSALS:
        yield f"- and {len(refused) - _MOST_REFUSALS} more"


def _policy(policy: PolicyReview) -> Iterator[str]:
    is_pair = policy.old_path is not None and policy.new_path is not None
    stands = f"**{standing_of(policy).value}**; " if is_pair else ""
    yield f"#### {prose(policy.name)}: {stands}{in_short(policy)}"
    yield ""
    yield " &rarr; ".join(code(path) for path in paths(policy))
    if policy.not_proved is not None:
        yield ""
        yield f"**Nothing was proved**: {prose(policy.not_proved)}."
    found = not_proved_groups(policy)
    if found or policy.plan_changes:
        yield ""
        rows = [_row(group) for group in found]
        rows += [
            (
                f"**{change.direction.value}**",
                prose(change.sentence),
                "follows from the plan",
                _line(change.place.path, change.place.line),
            )
            for change in policy.plan_changes
        ]
        yield from table(("", "what changes", "what is known", "because of"), rows[:_MOST_ROWS])
        if len(rows) > _MOST_ROWS:
            yield ""
            yield f"and {len(rows) - _MOST_ROWS} more, which `--format json` has."
    proved = list(proved_sentences(policy))
    if proved:
        yield ""
        yield f"Proved for every history: {'; '.join(prose(each) for each in proved)}."


def _row(group: Group) -> tuple[str, str, str, str]:
    first = group.first
    known = prose(group.known)
    if first.witness is not None:
        known = f"{KNOWN[first.certainty]}: {code(shown_text(first.witness))}"
    word = first.direction.value
    if first.certainty is not Certainty.WITNESS:
        word = f"perhaps {word}"
    return f"**{word}**", prose(group.sentence), known, "<br>".join(_edit(edit) for edit in first.blamed)


def _edit(edit: Edit) -> str:
    span = edit.new or edit.old
    return prose(edit.sentence) + ("" if span is None else f" ({_line(span.path, span.line)})")


def _line(path: str, line: int) -> str:
    return code(f"{path}:{line}")


MARKDOWN = Report(
    name="markdown",
    summary="Markdown, such as a comment on a pull request",
    renderers={Checklist: render_checklist_markdown, Review: render_review},
)
