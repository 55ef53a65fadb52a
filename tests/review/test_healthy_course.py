"""
A rollout in which every signal stays healthy: whether it comes through, and when.
"""

import pytest
from canarypolicy.engine.decision import Verdict
from canarypolicy.history.recording import Recording
from canarypolicy.history.replay import Outcome, replay
from canarypolicy.review.findings import Certainty
from canarypolicy.review.healthy_course import healthy_course, healthy_remarks

from remarked import program_with

MINUTE = 60_000_000


def remarked(fragment):
    program = program_with(fragment)
    return list(healthy_remarks(program, healthy_course(program)))


FINE = [
    ("the policy as it is", ""),
    (
        "a step that is approved",
        "plan: {steps: [{name: tenth, weight: 10, min: 10m, approval: required}, {name: full, weight: 100, min: 10m, approval: required}]}",
    ),
    (
        "a step without a `min` to speak of, approved at once",
        "slos: [{name: low, require: c.err < 0.01}]\nplan: {steps: [{name: full, weight: 100, min: 0m, approval: required}]}",
    ),
    (
        "a derived signal whose window is full when the rollout starts",
        "derived: {c.mean: {mean: {of: c.err, over: 30m}}}\nslos: [{name: low, require: c.mean < 0.01}]",
    ),
    (
        "a growing signal that does not grow",
        "derived: {c.grows: {growing: {of: c.err, over: 20m}}}\nhold: [{name: grows, when: c.grows}]",
    ),
    (
        "gates that a recording without gates does not have",
        "plan: {gates: {after: [{name: smoke, probe: smoke, require: result.failed == 0}]}}",
    ),
]


@pytest.mark.parametrize("fragment", [text for _, text in FINE], ids=[claim for claim, _ in FINE])
def test_nothing_is_said_of_a_healthy_rollout_that_comes_through_at_its_mins(fragment):
    """Every step is left at the first sample at which its min has passed."""
    assert remarked(fragment) == []


STUCK = [
    (
        "a rollback rule that fires",
        "rollback: [{name: err, when: c.err >= 0.002}]",
        "a rollout in which every signal is at its healthy value is rolled back in step `tenth`: `err` is the reason",
        Verdict.ROLLBACK,
    ),
    (
        "an SLO that is not met",
        "slos: [{name: err, require: c.err < 0.002}]\nplan: {steps: [{name: full, weight: 100, min: 10m}]}",
        "a rollout in which every signal is at its healthy value does not leave step `full` in 17m: `err` is the reason",
        Verdict.HOLD,
    ),
    (
        "a hold rule that waits for many samples and then holds",
        "hold: [{name: calm, when: c.req > 100.0, for: {samples: 30, of: 40}}]\nplan: {steps: [{name: full, weight: 100, min: 45m}]}",
        "a rollout in which every signal is at its healthy value does not leave step `full` in 52m: `calm` is the reason",
        Verdict.HOLD,
    ),
    (
        "an SLO that asks for longer than the step may last",
        "slos: [{name: err, require: c.err < 0.01, for: 30m}]",
        "a rollout in which every signal is at its healthy value is rolled back in step `tenth`: `timeout` is the reason",
        Verdict.ROLLBACK,
    ),
    (
        "the second step",
        "hold: [{name: weight, when: rollout.weight == 100.0}]",
        "a rollout in which every signal is at its healthy value does not leave step `full` in 27m: `weight` is the reason",
        Verdict.HOLD,
    ),
]


@pytest.mark.parametrize(("fragment", "sentence", "verdict"), [each[1:] for each in STUCK], ids=[each[0] for each in STUCK])
def test_a_healthy_rollout_that_does_not_come_through_is_a_fault(fragment, sentence, verdict):
    """The step and the rule are named, and the history is the one that the engine folded."""
    (remark,) = remarked(fragment)
    assert (remark.name, remark.sentence, remark.is_fault, remark.certainty) == (
        "stuck-when-healthy",
        sentence,
        True,
        Certainty.WITNESS,
    )
    assert remark.witness.new.verdict is verdict
    assert remark.witness.off_healthy == {}


def test_the_witness_of_a_stuck_rollout_replays():
    """Its history, replayed as a recording, ends as was said."""
    program = program_with("hold: [{name: weight, when: rollout.weight == 100.0}]")
    (remark,) = healthy_remarks(program, healthy_course(program))
    timeline = replay(program, Recording(rollout="healthy", source="healthy", items=remark.witness.items))
    assert timeline.outcome is Outcome.HOLDING
    assert timeline.decisions[-1] == remark.witness.new


def test_a_step_that_is_left_later_than_its_min_is_said_and_no_fault():
    """What kept the rollout in it until then is named."""
    remarks = remarked("slos: [{name: err, require: c.err < 0.01, for: 15m}]")
    assert [remark.sentence for remark in remarks] == [
        "a healthy rollout leaves step `tenth` after 15m, and not at its min of 10m: until then `err` is the reason",
        "a healthy rollout leaves step `full` after 16m, and not at its min of 10m: until then `err` is the reason",
    ]
    assert {(remark.name, remark.is_fault) for remark in remarks} == {("late-when-healthy", False)}
    assert remarks[0].witness.items[-1].at_us == remarks[0].witness.new.at_us


def test_when_a_step_is_reached_counts_from_the_start():
    course = healthy_course(program_with())
    assert course.reached_us("tenth") == 0
    assert course.reached_us("full") == 10 * MINUTE
    stuck = healthy_course(program_with("rollback: [{name: err, when: c.err >= 0.002}]"))
    assert stuck.reached_us("full") is None


def test_a_rollout_that_takes_too_many_samples_is_not_tried_and_said_so():
    (remark,) = remarked("plan: {every: 1s, steps: [{name: full, weight: 100, min: 24h}]}")
    assert (remark.name, remark.certainty, remark.is_fault) == ("not-answered", Certainty.UNKNOWN, False)
    assert remark.why == "a healthy rollout takes more than 4000 samples"
