"""
The history of a scenario: what a recording of the same would hold.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.documents.policytest_event import EventName
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.recording import read_recordings
from canarypolicy.testing.scenes import scene_of

from driver import HEALTHY, program_of
from policytests import policy_test_of

PROGRAM = program_of()
EVENTS = {
    "gate": {"gate": "ready", "result": {"passed": 3, "failed": 0}, "passed": True},
    "abort": {"by": "ann", "reason": "wrong build"},
    "pause": {"by": "ann", "reason": "lunch"},
    "resume": {"by": "ann"},
    "approve": {"step": "full", "by": "ann"},
    "freeze": {"by": "ann", "reason": "audit"},
    "unfreeze": {"by": "ann"},
    "signal": {"signals": {"incident.data": True, "canary.errors": None}, "by": "ann"},
    "drift": {"weight": 20},
}


def scene(**scenario):
    each = policy_test_of({"name": "x", "expect": [{"at": "0m", "decision": "hold"}], **scenario}).scenarios[0]
    return scene_of(each, PROGRAM.signals, PROGRAM.every_us)


@pytest.mark.parametrize("name", [name.value for name in EventName])
def test_an_event_is_that_of_a_recording(name):
    """Written with `at`, it is what a recording says with `t`."""
    items = scene(lasts="0s", events=[{"at": "1m", "event": name, **EVENTS[name]}]).items
    line = json.dumps({"t": 60, "event": name, **EVENTS[name]})
    (recording,) = read_recordings(f'{{"recording": "canarypolicy/v1"}}\n{line}\n'.encode(), "r.jsonl")
    assert items[1] == recording.items[0]


def test_a_freeze_ends_at_its_own_time():
    freeze = scene(lasts="0s", events=[{"at": "1m", "event": "freeze", "until": "3m"}]).items[1]
    assert freeze.until_us == 180 * SECOND_US


def test_signals_without_a_series_keep_their_healthy_value():
    first, second, third = scene(series={"canary.errors": "0.03 _ stale"}, every="30s").samples
    assert first == RawSample(at_us=0, signals={**HEALTHY, "canary.errors": 0.03})
    assert (second.at_us, second.why) == (30 * SECOND_US, {"canary.errors": "the series has no value here"})
    assert "canary.errors" not in second.signals
    assert third.why == {"canary.errors": "the series went stale"}


def test_a_series_that_ends_is_missing_from_then_on():
    """Silence is no evidence that all went on as it was."""
    samples = scene(series={"canary.errors": "0.03", "canary.requests": "10x2"}).samples
    assert [sample.why.get("canary.errors") for sample in samples] == [None, "the series has ended", "the series has ended"]
    assert len(scene(series={"canary.errors": "0.03"}, lasts="3m").samples) == 4


def test_of_one_time_events_come_before_the_sample():
    items = scene(lasts="1m", events=[{"at": "1m", "event": "pause"}]).items
    assert [type(item).__name__ for item in items] == ["RawSample", "PauseEvent", "RawSample"]


def test_gates_are_judged_where_any_has_a_result():
    assert not scene(lasts="1m").gated
    assert scene(lasts="1m", events=[{"at": "1m", "event": "gate", "gate": "ready", "passed": True}]).gated


@pytest.mark.parametrize(
    ("head", "start_us"),
    [
        ('{"t": 100, "event": "step", "step": "canary-10"}', 100 * SECOND_US),
        ('{"t": 100, "event": "pause"}', 160 * SECOND_US),
    ],
    ids=["at its first step", "without a step at its first sample"],
)
def test_a_recorded_rollout_starts(head, start_us):
    """As a replay of it would; durations count from its first sample."""
    text = f'{{"recording": "canarypolicy/v1"}}\n{head}\n{{"t": 160, "signals": {{}}}}\n'
    (recording,) = read_recordings(text.encode(), "r.jsonl")
    test = policy_test_of({"name": "x", "recording": "r.jsonl", "start": "5m", "expect": [{"at": "0m", "decision": "hold"}]})
    each = replace(test.scenarios[0], recording=recording)
    found = scene_of(each, PROGRAM.signals, PROGRAM.every_us)
    assert (found.first_us, found.start_us) == (160 * SECOND_US, 460 * SECOND_US)
    unmoved = replace(each, scenario=each.scenario.model_copy(update={"start": None}))
    assert scene_of(unmoved, PROGRAM.signals, PROGRAM.every_us).start_us == start_us


def test_a_recorded_rollout_that_has_not_begun_does_not_start():
    text = '{"recording": "canarypolicy/v1", "begun": false}\n{"t": 160, "signals": {}}\n'
    (recording,) = read_recordings(text.encode(), "r.jsonl")
    test = policy_test_of({"name": "x", "recording": "r.jsonl", "expect": [{"at": "0m", "decision": "hold"}]})
    found = scene_of(replace(test.scenarios[0], recording=replace(recording, has_begun=False)), PROGRAM.signals, PROGRAM.every_us)
    assert found.start_us is None
