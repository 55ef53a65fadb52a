"""
Recorded steps, followed or not, and what is decided at the last sample.
"""

import pytest
from canarypolicy.engine.rollout import Follow
from canarypolicy.errors import InvalidInput
from canarypolicy.history.evaluation import Whereabouts, evaluate, recorded_entry, until
from canarypolicy.history.recorded_steps import RecordedSteps, in_recorded_order, recorded_entries
from canarypolicy.history.replay import Outcome, compare, replay

from driver import drive, program_of
from recorded import AT, MINUTE, PLAN, RULES, SIGNALS, admitted, jsonl, one, steps_of


def test_a_step_that_samples_begin_to_name_was_entered_at_the_sample_before():
    data = b"time,step,canary.errors\n1777629600,a,0\n1777629660,a,0\n1777629720,b,0\n1777629780,,0\n1777629840,b,0\n"
    assert steps_of(data) == [(AT, "a"), (AT + MINUTE, "b")]


def test_following_a_recording_judges_each_sample_in_its_recorded_step(program):
    data = b"time,step,canary.errors\n" + b"".join(
        b"%d,%s,0\n" % (1777629600 + 60 * n, b"a" if n < 3 else b"b") for n in range(6)
    )
    timeline = replay(program, one(data, "x.csv"), follow=Follow.RECORDING)
    assert [decision.step for decision in timeline.decisions] == ["a", "a", "a", "b", "b", "b"]
    assert timeline.outcome is Outcome.COMPLETE
    assert (timeline.first_divergence_us, timeline.counterfactual_from_us) == (None, None)


def test_a_recording_that_stays_longer_is_counterfactual_from_the_first_sample_elsewhere(program):
    data = b"time,step,canary.errors\n" + b"".join(b"%d,a,0\n" % (1777629600 + 60 * n) for n in range(6))
    timeline = replay(program, one(data, "x.csv"))
    assert (timeline.first_divergence_us, timeline.counterfactual_from_us) == (AT + 2 * MINUTE, AT + 3 * MINUTE)


def test_after_a_rollback_what_the_recording_goes_on_with_is_counterfactual(program):
    data = b"time,step,canary.errors\n1777629600,a,0.9\n1777629660,a,0.9\n"
    timeline = replay(program, one(data, "x.csv"))
    assert (timeline.outcome, timeline.counterfactual_from_us) == (Outcome.ROLLED_BACK, AT + MINUTE)


def test_after_an_abort_no_step_is_recorded(program):
    lines = [
        {"t": 1777629600, "event": "step", "step": "a"},
        {"t": 1777629600, "signals": {"canary.errors": 0.9}},
        {"t": 1777629630, "event": "abort"},
        {"t": 1777629660, "signals": {}},
    ]
    timeline = replay(program, one(jsonl(*lines), "x.jsonl"))
    assert timeline.counterfactual_from_us is None


def test_a_sample_at_the_very_time_of_a_step_event_still_belongs_to_the_old_step(program):
    lines = [
        {"t": 1777629600, "event": "step", "step": "a"}, {"t": 1777629600, "signals": {"canary.errors": 0}}, {"t": 1777629660, "event": "pause"},
        {"t": 1777629660, "event": "step", "step": "b"}, {"t": 1777629660, "event": "resume"}, {"t": 1777629660, "signals": {"canary.errors": 0}},
        {"t": 1777629690, "event": "step", "step": "a"}, {"t": 1777629700, "event": "pause"}, {"t": 1777629720, "signals": {"canary.errors": 0}}, {"t": 1777629780, "event": "step", "step": "b"},
    ]  # fmt: skip
    items = one(jsonl(*lines), "x.jsonl").items
    entries = recorded_entries(items)
    steps = RecordedSteps(entries, items)
    assert [steps.at(AT + n * MINUTE) for n in (-1, 0, 1, 2)] == [None, "a", "a", "a"]
    decisions = [decision.step for decision in replay(program, one(jsonl(*lines), "x.jsonl"), follow=Follow.RECORDING).decisions]
    assert decisions == ["a", "a", "a"]
    assert len(in_recorded_order(items, entries)) == len(items)


def test_steps_that_the_policy_does_not_have_and_no_steps_at_all(program):
    with pytest.raises(InvalidInput) as unknown:
        replay(program, one(b"time,step,canary.errors\n1777629600,aa,0\n", "x.csv"), follow=Follow.RECORDING)
    (finding,) = unknown.value.findings
    assert (finding.name, finding.span.line, finding.help) == (
        "unknown-step",
        2,
        "did you mean `a`? the policy's steps: `a`, `b`",
    )
    with pytest.raises(InvalidInput) as none:
        replay(program, one(b"time,canary.errors\n1777629600,0\n", "x.csv"), follow=Follow.RECORDING)
    assert none.value.findings[0].name == "no-recorded-steps"


def test_a_start_behind_the_end_judges_nothing_and_says_so(program):
    recording = one(b"time,canary.errors\n1777629600,0\n", "x.csv")
    timeline = replay(program, recording, start_us=AT + MINUTE)
    assert (timeline.outcome, timeline.decisions, timeline.notes[0].name) == (Outcome.HOLDING, (), "nothing-judged")
    assert replay(program, one(jsonl({"t": 1777629600, "event": "pause"}), "x.jsonl")).notes[0].name == "nothing-judged"


def test_two_timelines_are_compared_by_decision_and_step(program):
    stricter = program_of(signals=SIGNALS, rules=RULES.replace("0.5", "0.02"), plan=PLAN)
    recording = one(b"time,canary.errors\n1777629600,0\n1777629660,0.1\n", "x.csv")
    mine, other = replay(program, recording), replay(stricter, recording)
    assert compare(mine, other) == AT + MINUTE
    assert compare(mine, mine) is None


def test_evaluating_knows_where_the_rollout_is_from_outside_or_from_the_recording(program):
    data = b"time,step,canary.errors\n" + b"".join(
        b"%d,%s,0\n" % (1777629600 + 60 * n, b"a" if n < 2 else b"b") for n in range(4)
    )
    recording = one(data, "x.csv")
    assert recorded_entry(recording, "b") == AT + MINUTE
    assert recorded_entry(recording, "c") is None
    assert evaluate(program, recording, Whereabouts()).decision.elapsed_us == 2 * MINUTE
    assert evaluate(program, recording, Whereabouts(step="b")).decision.elapsed_us == 2 * MINUTE
    told = evaluate(program, recording, Whereabouts(step="b", since_us=AT + 2 * MINUTE))
    assert told.decision.elapsed_us == MINUTE
    assert told.observation.values["canary.errors"] == 0
    assert evaluate(program, until(recording, AT - 1), Whereabouts(step="a")) is None


def test_a_final_decision_keeps_what_it_was_made_from_and_an_event_has_no_observation(program):
    rolled_back = evaluate(program, one(b"time,canary.errors\n1777629600,0.9\n1777629660,0\n", "x.csv"), Whereabouts())
    assert rolled_back.observation.values["canary.errors"] == 0.9
    aborted = evaluate(
        program, one(jsonl({"t": 1777629600, "signals": {}}, {"t": 1777629610, "event": "abort"}), "x.jsonl"), Whereabouts()
    )
    assert aborted.observation is None


def test_the_fold_of_a_recording_is_the_fold_of_its_items(program):
    recording = one(b"time,canary.errors\n1777629600,0\n1777629660,0.9\n", "x.csv")
    assert list(replay(program, recording).decisions) == drive(program, admitted(program, recording))
