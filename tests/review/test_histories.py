"""
Histories from shapes: which samples and events, when, and with which values.
"""

from dataclasses import replace

import pytest
from canarypolicy.engine.event import ApproveEvent, FreezeEvent, GateEvent, PauseEvent, StepEvent
from canarypolicy.engine.sample import RawSample
from canarypolicy.review.histories import ORIGIN_US, Filler, Rise, Shape, Spacing, history, snapshot

from review_pairs import MINUTE

HEALTHY = {"a": 1.0, "b": 2}
EVERY = Spacing(in_rollout_us=MINUTE, before_us=MINUTE)
SHAPE = Shape(step="full", now=(("a", 5.0),), lasted_us=2 * MINUTE, elapsed_us=4 * MINUTE, total_us=4 * MINUTE)


def told(shape, spacing=EVERY):
    """Give each sample as its minute since the start and its values, and each event as its minute and its class."""
    lines = []
    for item in history(shape, HEALTHY, spacing):
        minute = (item.at_us - ORIGIN_US) / MINUTE
        lines.append((minute, dict(item.signals)) if isinstance(item, RawSample) else (minute, type(item).__name__))
    return lines


def test_a_snapshot_that_has_stood_comes_after_healthy_samples():
    """Form one: this snapshot for two minutes, in a step entered four minutes ago."""
    good, bad = HEALTHY, {"a": 5.0, "b": 2}
    assert told(SHAPE) == [(0, "StepEvent"), (0, good), (1, good), (2, bad), (3, bad), (4, bad)]


def test_another_snapshot_may_have_stood_before_the_last_sample():
    """Form two: one snapshot for two minutes, then another one now; None is missing."""
    lines = told(replace(SHAPE, now=(("a", None),), before=(("a", 5.0),)))
    assert lines[-3:] == [(2, {"a": 5.0, "b": 2}), (3, {"a": 5.0, "b": 2}), (4, {"b": 2})]


@pytest.mark.parametrize(
    ("filler", "minutes", "oldest"), [(Filler.SILENCE, [2, 3, 4], {"a": 5.0, "b": 2}), (Filler.MISSING, [0, 1, 2, 3, 4], {})]
)
def test_what_lies_before_may_be_silence_or_missing(filler, minutes, oldest):
    samples = [line for line in told(replace(SHAPE, filler=filler)) if isinstance(line[1], dict)]
    assert [minute for minute, _ in samples] == minutes
    assert samples[0][1] == oldest


def test_samples_before_the_start_have_the_past():
    """Before the rollout, and until the snapshot stands, only the past is off healthy."""
    lines = told(replace(SHAPE, past=(("b", 7),), lead_us=2 * MINUTE))
    assert lines[:3] == [(-2, {"a": 1.0, "b": 7}), (-1, {"a": 1.0, "b": 7}), (0, "StepEvent")]
    assert lines[4] == (1, {"a": 1.0, "b": 7})
    assert lines[-1] == (4, {"a": 5.0, "b": 2})


def test_a_wide_spacing_still_has_every_corner():
    """However sparse, a sample stands where the snapshot begins, where the step was entered and where the rollout starts."""
    shape = replace(SHAPE, lasted_us=MINUTE, elapsed_us=3 * MINUTE, earlier_step="first")
    wide = Spacing(in_rollout_us=10 * MINUTE, before_us=10 * MINUTE)
    assert [line for line in told(shape, wide) if isinstance(line[1], dict)] == [
        (0, HEALTHY), (1, HEALTHY), (3, {"a": 5.0, "b": 2}), (4, {"a": 5.0, "b": 2}),
    ]  # fmt: skip


def test_a_signal_rises_to_its_last_value_and_not_from_below_its_range():
    rise = Rise(name="a", last=5.0, by=2.0, low=0.0)
    assert [line[1]["a"] for line in told(replace(SHAPE, rises=(rise,)))[1:]] == [0.0, 0.0, 1.0, 3.0, 5.0]
    missing = told(replace(SHAPE, rises=(rise,), filler=Filler.MISSING))
    assert missing[1] == (0, {})


def test_events_stand_where_they_act():
    """Gates before the first step at the start, all else at the last sample and before it."""
    shape = replace(
        SHAPE, earlier_step="first", total_us=5 * MINUTE, is_paused=True, is_frozen=True, is_approved=True,
        before_gates=(("ready", True),), after_gates=(("smoke", False),),
    )  # fmt: skip
    items = history(shape, HEALTHY, EVERY)
    events = [(item.at_us - ORIGIN_US, item) for item in items if not isinstance(item, RawSample)]
    end = 5 * MINUTE
    assert events == [
        (0, StepEvent(at_us=ORIGIN_US, step="first")),
        (0, GateEvent(at_us=ORIGIN_US, gate="ready", passed=True)),
        (MINUTE, StepEvent(at_us=ORIGIN_US + MINUTE, step="full")),
        (end, GateEvent(at_us=ORIGIN_US + end, gate="smoke", passed=False)),
        (end, ApproveEvent(at_us=ORIGIN_US + end, step="full")),
        (end, PauseEvent(at_us=ORIGIN_US + end)),
        (end, FreezeEvent(at_us=ORIGIN_US + end)),
    ]
    assert isinstance(items[-1], RawSample)


def test_snapshots_are_equal_whatever_the_order():
    assert snapshot({"b": 1, "a": None}) == snapshot({"a": None, "b": 1})
