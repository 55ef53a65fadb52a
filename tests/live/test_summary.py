"""
What a journal comes to: acts that are open, stops, values, and the same whether it is read at once or as it grows.
"""

from contextlib import closing

import pytest
from canarypolicy.engine.event import (
    AbortEvent,
    DriftEvent,
    FreezeEvent,
    GateEvent,
    PauseEvent,
    ResumeEvent,
    SignalEvent,
    UnfreezeEvent,
)
from canarypolicy.live.entry import EntryKind
from canarypolicy.live.summary import SHOWN_HAPPENINGS, SHOWN_VALUES, Stop, Summary, summarise
from canarypolicy.store.database import open_store

from journals import MINUTE_US, START_US, JournalMaker


@pytest.fixture
def store(tmp_path):
    with closing(open_store(f"sqlite:///{tmp_path / 'runs.db'}")) as opened:
        yield opened


@pytest.fixture
def maker(store):
    return JournalMaker(store)


def summary(maker):
    row = maker.store.find(maker.run, maker.at_us)
    return summarise(row, maker.store.entries(maker.run))


def texts(maker):
    return [happening.text for happening in summary(maker).happenings]


def test_a_run_that_has_only_begun_is_nowhere_yet(maker):
    seen = summary(maker)
    assert (seen.step, seen.weight, seen.entered_us, seen.decision, seen.earliest_advance_us) == (None,) * 5
    assert seen.policy["name"] == "shop"
    assert not seen.waits_for_approval


def test_step_weight_and_decision_are_those_of_the_last_entries(maker):
    maker.enter(0)
    maker.samples(5)
    maker.enter(1)
    maker.sample()
    seen = summary(maker)
    assert (seen.step, seen.weight) == ("canary-50", 50)
    assert seen.entered_us == START_US + 5 * MINUTE_US + MINUTE_US // 60
    assert seen.decision["decision"] == "hold"
    assert seen.waits_for_approval
    assert seen.earliest_advance_us == seen.entered_us + 4 * MINUTE_US


def test_a_weight_is_wanted_until_it_is_confirmed(maker):
    maker.enter(0)
    maker.intend(maker.program.steps[1])
    maker.draft(EntryKind.FAIL, act="weight", weight=50, attempt=1, why="refused", **{"for": "enter"})
    maker.draft(EntryKind.FAIL, act="weight", weight=50, attempt=4, why="no answer", **{"for": "enter"})
    (act,) = summary(maker).open_acts
    assert (act.text, act.failures, act.why) == ("canary to 50 % (enter canary-50)", 4, "no answer")
    assert summary(maker).weight == 10
    maker.draft(EntryKind.ABANDON, act="weight", weight=50, why="the decision is hold now", **{"for": "enter"})
    assert not summary(maker).open_acts
    assert summary(maker).weight == 10


def test_a_rollback_takes_the_place_of_a_wish_that_was_never_confirmed(maker):
    maker.enter(0)
    maker.intend(maker.program.steps[1])
    maker.draft(EntryKind.INTEND, act="weight", weight=0, step=None, **{"for": "rollback"})
    (act,) = summary(maker).open_acts
    assert act.text == "canary to 0 % (rollback)"
    maker.draft(EntryKind.CONFIRM, act="weight", weight=0, read=0, step=None, **{"for": "rollback"})
    assert not summary(maker).open_acts
    assert summary(maker).weight == 0


def test_notices_are_open_one_by_one(maker):
    for to in ("ops", "chat"):
        maker.draft(EntryKind.INTEND, act="notify", key="k", occurrence="rolled-back", to=to)
    maker.draft(EntryKind.CONFIRM, act="notify", key="k", occurrence="rolled-back", to="ops")
    maker.draft(EntryKind.FAIL, act="notify", key="k", occurrence="rolled-back", to="mail", why="refused")
    assert [(act.text, act.failures) for act in summary(maker).open_acts] == [
        ("notice rolled-back to chat", 0), ("notice rolled-back to mail", 1),
    ]  # fmt: skip


def test_stops_last_until_they_are_lifted(maker):
    maker.enter(0)
    maker.event(PauseEvent, by="ann", reason="lunch")
    since_us = maker.at_us
    maker.event(PauseEvent, by="bo", reason="again")
    maker.event(FreezeEvent, by="bo", reason="sale", until_us=START_US + 60 * MINUTE_US)
    seen = summary(maker)
    assert seen.pause == Stop(since_us=since_us, by="ann", reason="lunch")
    assert seen.freeze.until_us == START_US + 60 * MINUTE_US
    maker.event(ResumeEvent, by="ann")
    maker.event(UnfreezeEvent, by="bo")
    assert (summary(maker).pause, summary(maker).freeze) == (None, None)


def test_values_given_by_hand_stand_until_they_are_taken_back(maker):
    maker.enter(0)
    maker.event(SignalEvent, signals={"incident.data": True, "canary.errors": 0.5}, by="ann")
    assert summary(maker).given == {"incident.data": True, "canary.errors": 0.5}
    maker.event(SignalEvent, signals={"incident.data": None}, by="ann")
    assert summary(maker).given == {"canary.errors": 0.5}


def test_the_last_values_of_each_signal_are_kept_and_missing_ones_are_gaps(maker):
    maker.enter(0)
    maker.samples(SHOWN_VALUES)
    maker.sample(canary_errors=None, why={"canary.errors": "no answer"})
    maker.sample(canary_errors=0.004)
    values = summary(maker).values
    assert {len(each) for each in values.values()} == {SHOWN_VALUES}
    assert values["canary.errors"][-3:] == (0.002, None, 0.004)


def test_reading_as_it_grows_is_reading_at_once(maker):
    growing = Summary()

    def read():
        for entry in maker.store.entries(maker.run, after=growing.seq):
            growing.add(entry)

    read()
    maker.enter(0)
    read()
    maker.samples(4)
    maker.event(PauseEvent, by="ann", reason="x")
    read()
    maker.samples(30, canary_errors=0.004)
    read()
    read()
    row = maker.store.find(maker.run, maker.at_us)
    assert growing.of(row) == summarise(row, maker.store.entries(maker.run))
    assert growing.seq == row.head_seq


def test_a_run_that_is_over_has_no_clock_that_goes_on(maker):
    maker.enter(0)
    maker.sample()
    going_on = summary(maker)
    assert going_on.until_us(START_US * 2) == START_US * 2
    maker.end("rolled-back")
    over = summary(maker)
    assert over.is_over
    assert over.until_us(START_US * 2) == maker.at_us
    assert over.earliest_advance_us is None


def test_what_happened_is_told_in_sentences(maker):
    maker.enter(0)
    maker.event(GateEvent, gate="smoke", result={"passed": 5, "failed": 1})
    maker.event(GateEvent, gate="smoke", passed=False)
    maker.event(DriftEvent, weight=40.0)
    maker.event(DriftEvent)
    maker.event(SignalEvent, signals={"incident.data": True, "canary.errors": None}, by="ann")
    maker.event(FreezeEvent, by="bo", reason="sale", until_us=START_US)
    maker.event(AbortEvent, by="ann", reason="wrong build")
    maker.draft(EntryKind.CONFIRM, act="snapshot", actuator="dump", snapshot="s1")
    assert texts(maker)[1:] == [
        "entered canary-10 at 10 %",
        "gate smoke gave 5 passed, 1 failed",
        "gate smoke failed",
        "the weight drifted to 40 %",
        "the weight drifted",
        "signal given by ann: canary.errors taken back, incident.data = true",
        "frozen by bo: sale, until 2026-05-01T10:00:00Z",
        "aborted by ann: wrong build",
        "rollback: aborted",
        "snapshot s1: done",
    ]
    assert summary(maker).gates == {"smoke": False}


def test_acts_and_notes_are_told_and_what_asks_for_attention_is_marked(maker):
    maker.draft(EntryKind.INTEND, act="freeze", policy="shop")
    maker.draft(EntryKind.CONFIRM, act="freeze", policy="shop")
    maker.draft(EntryKind.CONFIRM, act="freeze", policy=None)
    maker.draft(EntryKind.CONFIRM, act="gate", gate="smoke", probe="p")
    maker.draft(EntryKind.FAIL, act="snapshot", actuator="dump", why="the disk is full")
    maker.draft(EntryKind.ABANDON, act="polish", why="no time")
    maker.draft(EntryKind.CONFIRM, act="weight", weight=0, step=None, **{"for": "rollback"})
    for note in ("interrupted", "continued", "recovered", "not-recovered"):
        maker.draft(EntryKind.NOTE, note=note)
    told = [(each.text, each.is_trouble) for each in summary(maker).happenings]
    assert told[1:] == [
        ("freeze of policy shop: done", False),
        ("freeze of all policies: done", False),
        ("gate smoke: done", False),
        ("snapshot: failed: the disk is full", True),
        ("polish: given up: no time", True),
        ("canary to 0 % (rollback): done", False),
        ("interrupted", True),
        ("continued", False),
        ("recovered", False),
        ("not recovered", True),
    ]
    assert summary(maker).recovery == "not-recovered"


def test_only_the_last_happenings_are_kept(maker):
    maker.enter(0)
    for number in range(20):
        maker.event(PauseEvent, by=f"n{number}")
    assert len(texts(maker)) == SHOWN_HAPPENINGS
    assert texts(maker)[-1] == "paused by n19"
