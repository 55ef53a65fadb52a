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
from canarypolicy.reports.result import Review
from canarypolicy.reports.review_markdown_details import details
from canarypolicy.reports.review_markdown_rows import rows
from canarypolicy.reports.review_words import in_short, not_proved, paths, proved_sentences
from canarypolicy.reports.rollout_result import Checklist
from canarypolicy.review.standing import Standing, refusals, standing_of

if TYPE_CHECKING:
    from canarypolicy.review.findings import PolicyReview

MARKER = "<!-- canarypolicy-review -->"
"""The first line of every comment."""
LONGEST = 60_000
"""How long a comment may be in characters; hosts take 65,536."""
_MOST_ROWS = 8
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
    refused = [why for policy in review.policies for why in refusals(policy, review.fail_on)]
    yield f"### canarypolicy review: {'refused' if refused else 'passed'}"
    yield ""
    if not review.policies:
        yield "No policy was changed."
        return
    if refused:
        counted = "1 reason" if len(refused) == 1 else f"{len(refused)} reasons, the most dangerous first"
        yield f"`--fail-on {review.fail_on.value}` refuses this change for {counted}."
    else:
        yield _passed(review)
    for why in not_proved(review.policies):
        yield ""
        yield f"**Nothing was proved**: {prose(why)}."
    for policy in sorted(review.policies, key=lambda each: not refusals(each, review.fail_on)):
        yield ""
        yield from _policy(policy)
        if is_whole:
            yield from details(review, policy)


def _passed(review: Review) -> str:
    stands = {standing_of(policy) for policy in review.policies}
    told = _PASSED.get(next(iter(stands)), "") if len(stands) == 1 else ""
    return f"`--fail-on {review.fail_on.value}` finds nothing to refuse" + (f": {told}." if told else ".")


def _policy(policy: PolicyReview) -> Iterator[str]:
    is_pair = policy.old_path is not None and policy.new_path is not None
    stands = f"**{standing_of(policy).value}**; " if is_pair else ""
    yield f"#### {prose(policy.name)}: {stands}{in_short(policy)}"
    yield ""
    yield " &rarr; ".join(code(path) for path in paths(policy))
    found = rows(policy)
    if found:
        yield ""
        yield from table(("", "what changes", "what is known", "because of"), found[:_MOST_ROWS])
    if len(found) > _MOST_ROWS:
        yield ""
        yield f"and {len(found) - _MOST_ROWS} more, which `--format json` has."
    proved = list(proved_sentences(policy))
    if proved:
        yield ""
        yield f"Proved for every history: {'; '.join(prose(each) for each in proved)}."


MARKDOWN = Report(
    name="markdown",
    summary="Markdown, such as a comment on a pull request",
    renderers={Checklist: render_checklist_markdown, Review: render_review},
)
