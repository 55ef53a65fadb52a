"""
The loop's own world fails it: a silent store, a lost lease, a stop, a long absence, a journal that cannot be trusted.
"""

import pytest
from canarypolicy.errors import Unavailable, Unsupported
from canarypolicy.live.beginning import program_of
from canarypolicy.live.loop import carry_out
from canarypolicy.live.protocols import Check, ProbeResult
from canarypolicy.live.storing import Holder, LeaseLost
from canarypolicy.store.database import open_store

from live.fakes import RUN, SECOND, FakeProbe, Stage
from live.looping import FAST, FlakyStore, at, decisions, entries, errors_from, is_whole, weights


@pytest.fixture
def store(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 's.db'}") as opened:
        yield FlakyStore(opened)


def test_a_silent_store_holds_and_does_not_keep_a_rollback_from_happening(store):
    back = []
    stage = Stage(store=store, policy=FAST, values=errors_from(30, 34))
    at(
        stage,
        s6=lambda: setattr(store, "is_down", True),
        s38=lambda: back.append((stage.world.weight, store.is_down)),
        s60=lambda: setattr(store, "is_down", False),
    )
    assert carry_out(stage.run()) == "rolled-back"
    assert back == [(0.0, True)]
    assert weights(stage)[:2] == [10.0, 0.0]
    held = [body for body in decisions(stage) if body["decision"] == "hold"]
    assert "the store cannot be reached" in held[-1]["reasons"][0]["message"]
    assert is_whole(stage)


def test_an_advance_that_cannot_be_written_is_not_carried_out(store):
    stage = Stage(store=store, policy=FAST)
    run = stage.run()
    sample = run.signals.sample

    def sample_and_break(at_us):
        store.is_down = stage.world.second == 8
        return sample(at_us)

    run.signals.sample = sample_and_break
    at(stage, s12=lambda: setattr(store, "is_down", False))
    assert carry_out(run) == "complete"
    why = [body["why"] for _, body in entries(stage, "abandon")]
    assert why == ["the store cannot be reached"]
    assert [body["for"] for _, body in entries(stage, "confirm") if body["act"] == "weight"][:3] == ["enter", "keep", "enter"]


def test_who_has_lost_the_run_does_nothing_any_more(store):
    stage = Stage(store=store, policy=FAST, values=errors_from(12))
    other = Holder(host="elsewhere", pid=2, started="later")
    at(stage, s13=lambda: store.take_over(RUN, other, 60 * SECOND, stage.world.now_us + 3600 * SECOND))
    with pytest.raises(LeaseLost):
        carry_out(stage.run())
    assert stage.world.weight == 50.0


def test_asked_to_stop_it_leaves_the_traffic_and_goes_on_later(store):
    stage = Stage(store=store, policy=FAST)
    stage.clock.stop_at = 5
    assert carry_out(stage.run()) is None
    assert stage.world.weight == 10.0 and store.find(RUN, stage.world.now_us).state == "interrupted"
    again = Stage(store=store, policy=FAST, world=stage.world)
    assert carry_out(again.run()) == "complete"
    assert [body["note"] for _, body in entries(again, "note")] == ["interrupted", "continued", "complete"]
    assert weights(again) == [10.0, 50.0, 100.0]


@pytest.mark.parametrize("stop_at", [0, 1, 2])
def test_asked_to_stop_before_the_first_step_nothing_is_released(store, stop_at):
    stage = Stage(store=store, policy=FAST)
    stage.traffic.refuse = lambda: "no answer"
    stage.clock.stop_at = stop_at
    assert carry_out(stage.run()) is None
    assert stage.world.weight == 0.0


def test_after_a_long_absence_gates_are_looked_at_again_and_an_old_advance_is_given_up(store):
    looks = []
    stage = Stage(store=store, policy=FAST)
    stage.traffic.refuse = lambda: "no answer"
    stage.clock.stop_at = 3
    assert carry_out(stage.run()) is None
    stage.world.now_us += 3600 * SECOND
    again = Stage(store=store, policy=FAST, world=stage.world)
    again.probes["readiness"] = FakeProbe(lambda: looks.append(1) or ProbeResult(checks=(Check(name="fake", ok=True),)))
    again.traffic.keeps = lambda weight: min(weight, 10.0)
    again.clock.stop_at = 3600 + 20
    assert carry_out(again.run()) is None
    assert looks == [1]
    stage.world.now_us += 3600 * SECOND
    last = Stage(store=store, policy=FAST, world=stage.world)
    assert carry_out(last.run()) == "complete"
    assert [body["why"] for _, body in entries(last, "abandon")] == ["nobody carried the rollout out for 1h"]


def test_a_rollback_cut_short_goes_on_however_long_ago_it_was(store):
    stage = Stage(store=store, policy=FAST, values=errors_from(12, 16))
    stage.traffic.refuse = lambda: "no answer" if stage.world.second >= 14 else None
    stage.clock.stop_at = 18
    assert carry_out(stage.run()) is None
    assert "STOPPED BEFORE" in stage.watcher.said("rollback-open")[0]
    stage.world.now_us += 86_400 * SECOND
    again = Stage(store=store, policy=FAST, world=stage.world)
    assert carry_out(again.run()) == "rolled-back"
    assert stage.world.weight == 0.0


def test_drift_during_an_absence_is_repaired_first_and_holds(store):
    stage = Stage(store=store, policy=FAST)
    stage.clock.stop_at = 5
    assert carry_out(stage.run()) is None
    stage.world.weight = 0.0
    again = Stage(store=store, policy=FAST, world=stage.world)
    again.run()
    assert stage.world.weight == 10.0
    assert [body for kind, body in entries(again, "event") if body["event"] == "drift"]


def test_an_end_that_cannot_be_written_is_waited_for(store):
    stage = Stage(store=store, policy=FAST)
    stage.traffic.note = lambda weight: at(
        stage, s26=lambda: setattr(store, "is_down", True), s200=lambda: setattr(store, "is_down", False)
    )
    assert carry_out(stage.run()) == "complete"
    assert is_whole(stage)


def test_a_journal_that_lost_an_entry_is_not_continued(store):
    stage = Stage(store=store, policy=FAST)
    stage.clock.stop_at = 5
    assert carry_out(stage.run()) is None
    row, written = store.find(RUN, stage.world.now_us), store.entries(RUN)
    with pytest.raises(Unavailable, match="cannot be trusted: entry 4 is not there"):
        program_of(row, [*written[:3], *written[4:]])
    with pytest.raises(Unavailable, match=f"it ends at entry {len(written) - 1}, but {len(written)} were written"):
        program_of(row, written[:-1])


def test_a_journal_whose_decisions_are_not_made_again_is_not_continued(store, monkeypatch):
    stage = Stage(store=store, policy=FAST)
    stage.clock.stop_at = 5
    assert carry_out(stage.run()) is None
    monkeypatch.setattr("canarypolicy.live.beginning.decision_record", lambda decision, mark: {"decision": "advance"})
    with pytest.raises(Unsupported, match="does not make the decision of entry"):
        Stage(store=store, policy=FAST, world=stage.world).run()
    assert store.find(RUN, stage.world.now_us).holder is None
