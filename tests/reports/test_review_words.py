"""
What the reports of a review say in words: commands that replay, whose fault it is, what a witness shows.
"""

import shlex
from dataclasses import replace

import pytest
from canarypolicy.engine.sample import RawSample
from canarypolicy.reports import REPORTS
from canarypolicy.reports.markdown_text import code, fenced, prose
from canarypolicy.reports.review_findings import review_findings
from canarypolicy.reports.review_words import exposure_text, shown_text
from canarypolicy.review.findings import Edit

from reviews import (
    GONE,
    LIMIT,
    full_policy_review,
    matrix,
    policy_review,
    review,
    shown,
    witness,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x >= 0.02", "`x >= 0.02`"),
        ("a || b", "`a \\|\\| b`"),
        ("a ` b", "``a ` b``"),
        ("`a`", "`` `a` ``"),
        ("", "`  `"),
    ],
)
def test_code_spans(text, expected):
    assert code(text) == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("rule `x*y` of *all*", "rule `x*y` of \\*all\\*"),
        ("one ` alone <b> @ann", "one \\` alone \\<b\\> @<!-- -->ann"),
        ("`a`", "`a`"),
        ("empty `` code", "empty `  ` code"),
    ],
)
def test_prose(sentence, expected):
    assert prose(sentence) == expected


def test_a_fence_is_longer_than_any_in_its_text():
    assert list(fenced("a\n````\nb", "json")) == ["`````json", "a", "````", "b", "`````"]


@pytest.mark.parametrize(
    ("known", "base", "expected"),
    [
        ({}, None, "canarypolicy replay new.yaml w/shop-full-rollback-hold.jsonl --follow recording --against old.yaml"),
        (
            {"old_path": "main:old.yaml"},
            "main",
            "git show main:old.yaml | canarypolicy replay new.yaml w/shop-full-rollback-hold.jsonl --follow recording --against -",
        ),
        (
            {"renamed_steps": {"all": "full"}},
            None,
            "canarypolicy replay new.yaml w/shop-full-rollback-hold.jsonl --follow recording",
        ),
        (
            {"new_path": "a b.yaml"},
            None,
            "canarypolicy replay 'a b.yaml' w/shop-full-rollback-hold.jsonl --follow recording --against old.yaml",
        ),
    ],
    ids=["files", "a git revision", "other names of steps", "quoted"],
)
def test_the_command_that_replays_a_witness(known, base, expected):
    """The names of a renamed step fit one policy only, so the other is left out."""
    found = review(policy_review(transitions=matrix("full", rollback_hold=shown()), **known), witness_dir="w", base=base)
    assert f"      {expected}\n" in REPORTS["text"].render(found)
    assert shlex.split(expected)


@pytest.mark.parametrize(
    ("edits", "why", "expected"),
    [
        ((LIMIT,), "", [f"because of: {LIMIT.sentence}"]),
        ((LIMIT, GONE), "", [f"because of: {LIMIT.sentence}", f"because of: {GONE.sentence}"]),
        (
            (LIMIT, GONE),
            "none of these edits does it alone",
            [f"because of: {edit.sentence}, together with the others" for edit in (LIMIT, GONE)],
        ),
        ((LIMIT,) * 6, "none of these edits does it alone", ["because of: no edit alone, but 6 of them together"]),
    ],
    ids=["one", "each by itself", "only together", "many together"],
)
def test_whose_fault_it_is(edits, why, expected):
    def found(**asked):
        return replace(shown(*edits)(**asked), why=why)

    text = REPORTS["text"].render(review(policy_review(transitions=matrix("full", rollback_hold=found))))
    assert [line.strip() for line in text.splitlines() if "because of" in line] == expected
    assert "a history does this\n" in text


def test_an_edit_may_have_no_place():
    """A default that is now another is written on neither side."""
    edit = Edit(sentence="step `full`: `max` was `never`, is `1h`", old=None, new=None)
    found = review(policy_review(transitions=matrix("full", rollback_hold=shown(edit)), edits=(edit,)))
    assert f"  edits\n    {edit.sentence}\n\n" in REPORTS["text"].render(found)
    assert f"- {edit.sentence}\n" in REPORTS["markdown"].render(found)
    assert [finding.span.text for finding in review_findings(found)] == ["shop"]


@pytest.mark.parametrize(
    ("off_healthy", "first", "expected"),
    [
        ({"x": 0.025}, 0.025, "x = 0.025 for 5m, the rest healthy"),
        ({"x": None}, 0.025, "x missing for 5m, the rest healthy"),
        ({}, 0.025, "every signal healthy for 5m"),
        ({}, 0.5, "every signal healthy at the end, and not before"),
    ],
)
def test_what_a_witness_shows(off_healthy, first, expected):
    samples = tuple(RawSample(at_us=minute, signals={"x": 0.025 if minute else first}) for minute in range(6))
    assert shown_text(witness(off_healthy=off_healthy, items=samples)) == expected


def test_edits_of_which_nobody_asked_are_not_known():
    text = REPORTS["text"].render(review(policy_review()))
    assert text.startswith("shop (old.yaml -> new.yaml): unknown; what the edits do is not known\n")


def test_the_same_exposure_is_said():
    changed = replace(full_policy_review().recordings.changed[0], exposure_us=0)
    assert exposure_text(changed) == "the same exposure"
