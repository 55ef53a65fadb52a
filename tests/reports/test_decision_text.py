"""
A decision as text: the whole of it is in the golden files; here is what must not get lost.
"""

from pathlib import Path

import pytest
from canarypolicy.cel.explain import Step
from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.engine.decision import Verdict
from canarypolicy.reports.decision_text import headline, lacking_text, policy_text, render_evaluation
from canarypolicy.reports.evaluation_result import Explanation

from results import MINUTE_US, OTHER_MARK, START_US, decision, evaluation, full_decision, reason

GOLDEN = Path(__file__).parent / "golden"


def test_a_decision_with_everything(golden):
    """Each reason with state, what was seen, margin, since, lacking and place; missing and clipped signals with why."""
    golden(GOLDEN / "decision.txt", render_evaluation(evaluation(lacks_gates=True)))


def test_an_explained_decision(golden):
    """Parts are indented below what they are part of, and values stand in one column; constants are left out."""
    steps = (
        Step(text="a.b <\n  0.01 && (has(a.c) || a.c > 1)", span=(0, 33), outcome=UNKNOWN),
        Step(text="a.b <\n  0.01", span=(0, 12), outcome=True),
        Step(text="a.b", span=(0, 3), outcome=0.004),
        Step(text="0.01", span=(8, 12), outcome=0.01),
        Step(text="has(a.c) || a.c > 1", span=(17, 33), outcome=UNKNOWN),
        Step(text="has(a.c)", span=(17, 25), outcome=False),
        Step(text="a.c > 1", span=(29, 33), outcome=UNKNOWN),
    )
    explained = evaluation(decision(), explanations=(Explanation(rule="low", kind="slo", key="require", steps=steps),))
    golden(GOLDEN / "explained.txt", render_evaluation(explained))


@pytest.mark.parametrize(
    ("judged", "line"),
    [
        (decision(minute=12), "hold in canary-10 at 10 %, 12m into the step, at 2026-05-01T10:12:00Z"),
        (decision(Verdict.ADVANCE, minute=1), "advance from canary-10 at 10 %, 1m into the step, at 2026-05-01T10:01:00Z"),
        (
            decision(Verdict.ADVANCE, step="full", weight=100.0, is_complete=True),
            "complete from the last step, full at 100 %, 0s into the step, at 2026-05-01T10:00:00Z",
        ),
        (decision(Verdict.ROLLBACK, weight=2.5), "rollback in canary-10 at 2.5 %, 0s into the step, at 2026-05-01T10:00:00Z"),
        (
            decision(step="before", weight=0.0, is_refused=True),
            "refused before the first step, at 2026-05-01T10:00:00Z",
        ),
    ],
)
def test_the_first_line_is_the_decision(judged, line):
    assert headline(judged) == line
    assert render_evaluation(evaluation(judged)).startswith(line + "\n")


def test_colour_changes_no_word():
    plain, colored = render_evaluation(evaluation()), render_evaluation(evaluation(), color=True)
    assert "\x1b" not in plain
    without = colored
    for sequence in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[1;32m", "\x1b[1;33m"):
        without = without.replace(sequence, "")
    assert without == plain != colored


def test_a_decision_that_stands_since_an_earlier_sample_says_so():
    """Its reasons are of that sample: the values seen now may be quite others."""
    judged = decision(Verdict.ROLLBACK, minute=9)
    shown = render_evaluation(evaluation(judged, decided_us=START_US + 4 * MINUTE_US))
    assert "decided at 2026-05-01T10:04:00Z" in shown.splitlines()[1]
    assert "decided at" not in render_evaluation(evaluation(judged))


def test_no_advance_in_sight_is_said_of_a_hold_only():
    assert "earliest advance: not foreseeable" in render_evaluation(evaluation(decision()))
    for judged in (decision(Verdict.ROLLBACK), decision(Verdict.ADVANCE), decision(is_refused=True)):
        assert "earliest advance" not in render_evaluation(evaluation(judged))


def test_what_is_lacking_with_and_without_a_whole():
    assert lacking_text(reason(lacking_us=150_000_000, for_us=300_000_000)) == "2m30s of 5m"
    assert lacking_text(reason(lacking_us=150_000_000)) == "2m30s"
    assert lacking_text(reason()) is None


def test_a_policy_without_a_revision():
    assert policy_text(OTHER_MARK) == "policy: shop (fedcba987654), other.yaml"


def test_nothing_hostile_reaches_the_terminal():
    shown = render_evaluation(evaluation(full_decision()))
    assert not set(shown) & set("\x1b\u202e\ud800")
    assert r"\x1b[31m<script>" in shown
