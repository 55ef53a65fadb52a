"""
What the loop asks of people and tells them: gates that fail late, freezes, notices, signals by hand, recovery.
"""

import pytest
from canarypolicy.live.loop import carry_out
from canarypolicy.live.protocols import NotDone
from canarypolicy.live.storing import NewFreeze
from canarypolicy.store.database import open_store

from live.fakes import BEGIN_US, HEALTHY, RUN, SECOND, Stage
from live.looping import FAST, FlakyStore, at, decisions, entries, errors_from


@pytest.fixture
def store(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 's.db'}") as opened:
        yield FlakyStore(opened)


def test_freezes_of_the_store_hold_and_lapse(store):
    stage = Stage(store=store, policy=FAST)

    def place(**given):
        return store.freeze(NewFreeze(policy="shop", at_us=stage.world.now_us, **given))

    at(
        stage,
        s3=lambda: place(by="ann", reason="holidays"),
        s20=lambda: store.unfreeze("shop", "ann", stage.world.now_us),
        s30=lambda: place(by="bob", reason="audit", until_us=BEGIN_US + 50 * SECOND),
    )
    assert carry_out(stage.run()) == "complete"
    events = [body["event"] for _, body in entries(stage, "event") if body["event"] in ("freeze", "unfreeze")]
    assert events == ["freeze", "unfreeze", "freeze"]
    frozen = [body["at"][17:19] for body in decisions(stage) if body["reasons"][0]["rule"] == "frozen"]
    assert len(frozen) > 30


def test_a_request_that_cannot_be_understood_is_put_aside(store):
    stage = Stage(store=store, policy=FAST)
    at(stage, s3=lambda: store.ask(RUN, {"event": "fly"}, stage.world.now_us))
    assert carry_out(stage.run()) == "complete"
    assert not store.requests(RUN)
    assert {"note": "not-understood", "request": {"event": "fly"}} in [body for _, body in entries(stage, "note")]


def test_a_service_that_does_not_recover_is_said_to_people(store):
    told = []
    stage = Stage(store=store, policy=FAST, values=errors_from(12), notify=lambda notice: told.append(notice.occurrence.value))
    assert carry_out(stage.run()) == "rolled-back"
    assert [body["note"] for _, body in entries(stage, "note")] == ["not-recovered", "rolled-back"]
    assert told == ["rolled-back", "not-recovered"]
    (freeze,) = store.freezes("shop", stage.world.now_us)
    assert freeze.reason == "rolled back: errors-high"


def test_a_rollback_drifting_away_is_given_back_again(store):
    stage = Stage(store=store, policy=FAST, values=errors_from(12))
    at(stage, s20=lambda: setattr(stage.world, "weight", 50.0))
    assert carry_out(stage.run()) == "rolled-back"
    assert [body["for"] for _, body in entries(stage, "confirm") if body["act"] == "weight"][-2:] == ["rollback", "repair"]
    assert stage.world.weight == 0.0


def test_no_recovery_asked_none_is_watched(store):
    policy = FAST.replace(
        "on_rollback: {recovery: {require: canary.errors < 0.01, for: 3s, within: 20s}, freeze: true}", "on_rollback: {}"
    )
    stage = Stage(store=store, policy=policy, values=errors_from(12))
    assert carry_out(stage.run()) == "rolled-back"
    assert [body["note"] for _, body in entries(stage, "note")] == ["rolled-back"]
    assert not store.freezes("shop", stage.world.now_us)


def test_a_freeze_of_all_is_placed_for_all(store):
    stage = Stage(store=store, policy=FAST.replace("freeze: true", "freeze: all"), values=errors_from(12, 16))
    assert carry_out(stage.run()) == "rolled-back"
    assert store.freezes("another", stage.world.now_us)


def test_a_notice_that_nobody_takes_is_given_up_and_changes_nothing(store, monkeypatch):
    monkeypatch.setattr("canarypolicy.live.notices._PAUSES_SECONDS", (0.0, 0.0))

    def refuse(notice):
        raise NotDone("no answer")

    stage = Stage(store=store, policy=FAST, values=errors_from(12, 16), notify=refuse)
    assert carry_out(stage.run()) == "rolled-back"
    failed = [body for _, body in entries(stage, "abandon") if body["act"] == "notify"]
    assert {body["why"] for body in failed} == {"no answer"} and len(failed) == 2


def test_a_notifier_with_a_fault_changes_nothing(store):
    def fail(notice):
        raise KeyError("secret")

    stage = Stage(store=store, policy=FAST, notify=fail)
    assert carry_out(stage.run()) == "complete"
    assert "secret" not in str(entries(stage))


def test_an_overdue_step_is_told_once(store):
    told = []
    policy = FAST.replace("min: 8s, max: 1h", "min: 8s, max: 10s")
    stage = Stage(
        store=store,
        policy=policy,
        values=lambda second: HEALTHY | {"canary.errors": 0.015},
        notify=told.append,
    )
    stage.clock.stop_at = 40
    policy_10 = policy.replace("weight: 10, min: 8s", "weight: 10, min: 8s, max: 10s")
    stage.policy = policy_10
    assert carry_out(stage.run()) is None
    assert [notice.occurrence.value for notice in told] == ["overdue"]


def test_what_a_person_signals_is_judged_at_once(store):
    stage = Stage(store=store, policy=FAST.replace("every: 1s", "every: 10s"))
    at(stage, s14=lambda: store.ask(RUN, {"event": "signal", "signals": {"incident.data": True}}, stage.world.now_us))
    assert carry_out(stage.run()) == "rolled-back"
    (first,) = [body["at"] for body in decisions(stage) if body["decision"] == "rollback"][:1]
    assert first[11:19] in ("14:13:34", "14:13:35", "14:13:36")


def test_traffic_that_is_back_is_back_whatever_else_could_not_be_done(store):
    stage = Stage(store=store, policy=FAST, values=errors_from(12, 16))
    set_weight = stage.traffic.set

    def set_and_fail(weight):
        set_weight(weight)
        if weight == 0:
            raise NotDone("the weights are set, but not kept for a reload")

    stage.traffic.set = set_and_fail
    assert carry_out(stage.run()) == "rolled-back"
    assert stage.watcher.said("act-incomplete") == [
        "the traffic is back, but not all was done: the weights are set, but not kept for a reload"
    ]
