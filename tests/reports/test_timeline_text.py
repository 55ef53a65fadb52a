"""
Replayed rollouts as text: timeline, outcomes, and two policies side by side.
"""

from pathlib import Path

import pytest
from canarypolicy.engine.decision import ReasonKind, ReasonState, Verdict
from canarypolicy.history.replay import Outcome
from canarypolicy.reports.result import ReplayedRollout
from canarypolicy.reports.timeline_text import count_text, extent_text, reason_text, reasons_text, render_replay, rollout_text

from results import HELD, MEASURED, MINUTE_US, START_US, decision, reason, recording, replay, rolled_back, timeline

GOLDEN = Path(__file__).parent / "golden"


def test_two_rollouts_against_another_policy(golden):
    """Timelines, the counterfactual mark at its time, the differences, and a closing table."""
    golden(GOLDEN / "replay.txt", render_replay(replay(expected=Outcome.ROLLED_BACK)))


def test_every_decision_of_one_rollout(golden):
    one = ReplayedRollout(recording=MEASURED, timeline=rolled_back(counterfactual_from_us=START_US + 9 * MINUTE_US))
    golden(GOLDEN / "replay-all.txt", render_replay(replay(one, shows_all=True)))


def test_colour_changes_no_word():
    plain, colored = render_replay(replay()), render_replay(replay(), color=True)
    for sequence in ("\x1b[0m", "\x1b[1m", "\x1b[1;31m", "\x1b[1;32m", "\x1b[1;33m"):
        colored = colored.replace(sequence, "")
    assert colored == plain


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (reason(state=ReasonState.MET), "low"),
        (reason(state=ReasonState.PENDING), "low pending"),
        (reason("high", ReasonKind.ROLLBACK, ReasonState.FIRES), "high fires (a.b = 0.004, a.c missing)"),
        (reason("aborted", ReasonKind.OPERATOR, ReasonState.FIRES, values={}), "aborted fires"),
        (reason("dark", ReasonKind.ROLLBACK, ReasonState.UNKNOWN_TOO_LONG), "dark unknown too long"),
        (reason("min-duration", ReasonKind.PLAN, ReasonState.WAITING, values={}), "min-duration"),
    ],
)
def test_a_reason_in_short(made, text):
    assert reason_text(made) == text


def test_a_long_list_of_reasons_says_how_many_are_left_out():
    many = decision(reasons=tuple(reason(f"rule-{number}") for number in range(9)))
    assert reasons_text(many).endswith("rule-5 pending and 3 more")
    assert "more" not in reasons_text(decision(reasons=many.reasons[:6]))


def test_one_sample_is_no_plural_and_none_is_said():
    one = ReplayedRollout(recording=recording(0, a__b=[1]), timeline=timeline(decision()))
    assert extent_text(one) == "1 sample from 2026-05-01T10:00:00Z to 2026-05-01T10:00:00Z"
    none = ReplayedRollout(recording=recording(), timeline=timeline())
    assert extent_text(none) == "0 samples"
    assert "no sample was judged" in rollout_text(replay(none), none)


def test_outcomes_are_counted_and_an_unexpected_one_is_told():
    assert count_text([rolled_back(), timeline(*HELD), rolled_back()]) == "2 rolled-back, 1 holding"
    one = ReplayedRollout(recording=MEASURED, timeline=rolled_back())
    assert "r-1: rolled-back, but complete was expected" in render_replay(replay(one, expected=Outcome.COMPLETE))


def test_many_differences_are_cut_and_counted():
    """Every other sample differs: twenty stretches are shown, and the number of the others."""
    one = timeline(*(decision(minute=minute) for minute in range(60)))
    other = timeline(*(decision(Verdict.ADVANCE if minute % 2 else Verdict.HOLD, minute=minute) for minute in range(60)))
    rollout = ReplayedRollout(recording=MEASURED, timeline=one, against=other)
    shown = rollout_text(replay(rollout), rollout)
    assert shown.count(" | ") == 20 + 1
    assert "  and 10 more stretches" in shown


def test_no_difference_is_said():
    rollout = ReplayedRollout(recording=MEASURED, timeline=timeline(*HELD), against=timeline(*HELD))
    assert "both decide the same at every sample" in rollout_text(replay(rollout), rollout)


def test_a_sample_that_only_one_policy_judged_is_told():
    rollout = ReplayedRollout(recording=MEASURED, timeline=timeline(), against=timeline(*HELD))
    assert "both decide" not in rollout_text(replay(rollout), rollout)
    rollout = ReplayedRollout(recording=MEASURED, timeline=timeline(*HELD), against=timeline(*HELD[1:]))
    assert "2026-05-01T10:00:00Z: hold in canary-10 (low pending) | nothing judged" in rollout_text(replay(rollout), rollout)


def test_the_closing_table_says_when_and_why_only_of_what_ended():
    refused = timeline(decision(step="before", weight=0.0, is_refused=True), outcome=Outcome.REFUSED, rollout="r-3")
    complete = timeline(decision(Verdict.ADVANCE, step="full", is_complete=True), outcome=Outcome.COMPLETE, rollout="r-4")
    rollouts = [
        ReplayedRollout(recording=MEASURED, timeline=each) for each in (rolled_back(), timeline(*HELD), refused, complete)
    ]
    lines = render_replay(replay(*rollouts)).splitlines()[-5:]
    assert lines == [
        "r-1  rolled-back at 2026-05-01T10:04:00Z in full: high fires (a.b = 0.03)",
        "r-1  holding in canary-10",
        "r-3  refused at 2026-05-01T10:00:00Z in before: low pending",
        "r-4  complete at 2026-05-01T10:00:00Z in full",
        "4 rollouts: 1 complete, 1 rolled-back, 1 refused, 1 holding",
    ]
