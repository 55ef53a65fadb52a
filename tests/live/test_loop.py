"""
The loop on fakes: what is done, what is written, and in which order, when the world is not as it should be.
"""

import json
from dataclasses import dataclass

import pytest
from canarypolicy.engine.rollout import Follow
from canarypolicy.errors import Unavailable, Unsupported
from canarypolicy.history.recording import read_recordings
from canarypolicy.history.replay import replay
from canarypolicy.live.beginning import program_of
from canarypolicy.live.exporting import recording_text
from canarypolicy.live.loop import carry_out
from canarypolicy.live.protocols import Check, NotDone, ProbeResult
from canarypolicy.live.storing import Holder, LeaseLost, NewFreeze, StoreDown
from canarypolicy.live.verifying import verify
from canarypolicy.store.database import open_store

from live.crash_driver import POLICY
from live.fakes import BEGIN_US, HEALTHY, RUN, SECOND, FakeBackup, FakeProbe, Stage

FAST = POLICY.replace("approval: required", "max: 1h")
"""Without a person's approval."""


@dataclass
class FlakyStore:
    """
    A real store that cannot be reached while `is_down`.
    """

    store: object
    is_down: bool = False

    def __getattr__(self, name):
        if self.is_down and name != "close":
            raise StoreDown("the store does not answer")
        return getattr(self.store, name)


@pytest.fixture
def store(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 's.db'}") as opened:
        yield FlakyStore(opened)


def errors_from(first, last=10_000):
    return lambda second: HEALTHY | {"canary.errors": 0.05 if first <= second < last else 0.001}


def entries(stage, *kinds):
    return [(entry.kind, json.loads(entry.text)) for entry in stage.store.entries(RUN) if not kinds or entry.kind in kinds]


def weights(stage):
    return [body["weight"] for kind, body in entries(stage, "confirm") if body["act"] == "weight"]


def decisions(stage):
    return [body for _, body in entries(stage, "decision")]


def at(stage, **happenings):
    """Do something when a second has come: `at(stage, s5=call)`."""
    due = {int(name[1:]): call for name, call in happenings.items()}

    def tell(second):
        for when in [when for when in due if when <= second]:
            due.pop(when)()

    stage.clock.on_second = tell


def is_whole(stage):
    return verify(stage.store.find(RUN, stage.world.now_us), stage.store.entries(RUN)) == ()


def test_a_healthy_rollout_goes_through_its_steps_and_its_export_replays_alike(store):
    stage = Stage(store=store, policy=FAST)
    run = stage.run()
    assert carry_out(run) == "complete"
    assert weights(stage) == [10.0, 50.0, 100.0] and stage.world.weight == 100.0
    assert is_whole(stage)
    row = store.find(RUN, stage.world.now_us)
    assert (row.state, row.holder) == ("complete", None)
    text = recording_text(row, store.entries(RUN))
    (recording,) = read_recordings(text.encode(), "run.jsonl")
    replayed = replay(run.program, recording, follow=Follow.RECORDING)
    assert [each.verdict.value for each in replayed.decisions] == [each["decision"] for each in decisions(stage)]
    assert replayed.outcome.value == "complete" and replayed.is_gated


def test_each_sample_decision_and_intention_is_written_before_the_act(store):
    written = []
    stage = Stage(store=store, policy=FAST)
    stage.traffic.note = lambda weight: written.append((weight, [kind for kind, _ in entries(stage)][-3:]))
    assert carry_out(stage.run()) == "complete"
    assert written[1:] == [(50.0, ["sample", "decision", "intend"]), (100.0, ["sample", "decision", "intend"])]


@pytest.mark.parametrize(
    ("result", "why"),
    [
        (ProbeResult(checks=(Check(name="redis", ok=False, detail="refused"),)), "gate `readiness` failed"),
        (ProbeResult(checks=(), fields={"failed": None}), "gate `readiness` cannot be judged"),
    ],
    ids=["a check fails", "nothing can be judged"],
)
def test_nothing_is_released_unless_each_gate_has_passed(store, result, why):
    stage = Stage(store=store, policy=FAST)
    stage.probes["readiness"] = FakeProbe(lambda: result)
    assert carry_out(stage.run()) == "refused"
    assert stage.world.weight == 0.0 and not entries(stage, "intend")[0:0]
    assert entries(stage, "note")[-1][1] == {"note": "refused", "why": why}
    assert not [body for _, body in entries(stage, "intend") if body["act"] == "weight"]


def test_a_probe_that_raises_is_a_gate_that_failed(store):
    def fail():
        raise KeyError("secret")

    stage = Stage(store=store, policy=FAST)
    stage.probes["smoke"] = FakeProbe(fail)
    assert carry_out(stage.run()) == "refused"
    assert "secret" not in str(entries(stage))


def test_without_its_snapshot_nothing_is_released(store):
    stage = Stage(store=store, policy=FAST, backup=FakeBackup("the disk is full"))
    assert carry_out(stage.run()) == "refused"
    assert stage.world.weight == 0.0
    assert entries(stage, "fail")[0][1] == {"act": "snapshot", "actuator": "snapshot", "why": "the disk is full"}


def test_an_abort_before_the_first_step_refuses_the_rollout(store):
    stage = Stage(store=store, policy=FAST)
    stage.traffic.refuse = lambda: "no answer"
    at(stage, s2=lambda: store.ask(RUN, {"event": "abort", "by": "ann"}, stage.world.now_us), s5=lambda: heal(stage))
    assert carry_out(stage.run()) == "refused"
    assert weights(stage) == [0.0]
    assert "aborted by ann" in entries(stage, "note")[-1][1]["why"]


def heal(stage):
    stage.traffic.refuse = lambda: None


def test_a_weight_that_cannot_be_set_is_tried_again_with_growing_pauses(store):
    stage = Stage(store=store, policy=FAST)
    stage.traffic.refuse = lambda: "no answer"
    at(stage, s20=lambda: heal(stage))
    assert carry_out(stage.run()) == "complete"
    attempts = [body["attempt"] for _, body in entries(stage, "fail")]
    assert attempts == [1, 2, 4, 8, 16]
    assert len(stage.watcher.said("act-failed")) == entries(stage, "confirm")[1][1]["attempts"] - 1 > 16


def test_what_is_read_back_counts_and_not_what_was_set(store):
    stage = Stage(store=store, policy=FAST)
    stage.traffic.keeps = lambda weight: min(weight, 20.0)
    stage.clock.stop_at = 60
    assert carry_out(stage.run()) is None
    assert weights(stage)[0] == 10.0 and 50.0 not in weights(stage)
    assert {body["step"] for body in decisions(stage)} == {"canary-10"}


def test_an_advance_that_is_not_confirmed_is_given_up_when_the_evidence_turns(store):
    stage = Stage(store=store, policy=FAST, values=errors_from(12, 13))
    stage.traffic.keeps = lambda weight: 10.0 if weight == 50.0 and stage.world.second < 30 else weight
    assert carry_out(stage.run()) == "complete"
    (given_up,) = [body for _, body in entries(stage, "abandon")]
    assert given_up == {"act": "weight", "for": "enter", "why": "the decision is hold now"}
    assert [body["for"] for _, body in entries(stage, "confirm") if body["act"] == "weight"] == [
        "enter",
        "keep",
        "enter",
        "enter",
    ]


def test_a_rollback_is_tried_for_ever(store):
    stage = Stage(store=store, policy=FAST, values=errors_from(12, 16))
    stage.traffic.refuse = lambda: "no answer" if 14 <= stage.world.second < 300 else None
    assert carry_out(stage.run()) == "rolled-back"
    assert stage.world.weight == 0.0
    failed = [body for _, body in entries(stage, "fail") if body["for"] == "rollback"]
    assert failed[-1]["attempt"] >= 128
    assert is_whole(stage)


def test_a_drifted_weight_is_set_again_and_the_sample_holds(store):
    stage = Stage(store=store, policy=FAST)
    at(stage, s5=lambda: setattr(stage.world, "weight", 30.0))
    assert carry_out(stage.run()) == "complete"
    held = [body for body in decisions(stage) if any(reason["rule"] == "weight-drift" for reason in body["reasons"])]
    assert len(held) == 1 and held[0]["decision"] == "hold"
    assert [body["for"] for _, body in entries(stage, "confirm") if body["act"] == "weight"] == [
        "enter",
        "repair",
        "enter",
        "enter",
    ]


def test_a_weight_that_cannot_be_read_holds(store):
    stage = Stage(store=store, policy=FAST)
    stage.traffic.refuse = lambda: "no answer" if 4 <= stage.world.second < 40 else None
    stage.clock.stop_at = 40
    assert carry_out(stage.run()) is None
    assert {body["decision"] for body in decisions(stage) if body["at"] > "2026-09-21T14:13:25"} == {"hold"}
    assert weights(stage) == [10.0]


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


def test_in_a_dry_run_no_snapshot_is_taken_and_nothing_is_frozen(store):
    stage = Stage(store=store, policy=FAST, values=errors_from(12, 16), is_dry=True, backup=FakeBackup("never asked"))
    assert carry_out(stage.run()) == "rolled-back"
    assert not store.freezes("shop", stage.world.now_us)


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


def test_a_failed_gate_after_the_rollout_holds_and_is_looked_at_again(store):
    looks = []

    def look():
        looks.append(stage.world.second)
        return ProbeResult(checks=(Check(name="fake", ok=len(looks) < 2 or stage.world.second > 60),))

    stage = Stage(store=store, policy=FAST)
    stage.probes["smoke"] = FakeProbe(look)
    assert carry_out(stage.run()) == "complete"
    assert len(looks) > 10
    held = [body for body in decisions(stage) if any(reason["rule"] == "gate" for reason in body["reasons"])]
    assert held and {body["step"] for body in held} == {"full"}


def test_a_failed_gate_after_the_rollout_rolls_back_where_it_says_so(store):
    policy = FAST.replace("require: result.failed == 0}]", "require: result.failed == 0, on_fail: rollback}]")
    stage = Stage(store=store, policy=policy)
    stage.probes["smoke"] = FakeProbe(lambda: ProbeResult(checks=(Check(name="fake", ok=stage.world.weight < 100),)))
    assert carry_out(stage.run()) == "rolled-back"
    assert stage.world.weight == 0.0


def test_an_end_that_cannot_be_written_is_waited_for(store):
    stage = Stage(store=store, policy=FAST)
    stage.traffic.note = lambda weight: at(
        stage, s26=lambda: setattr(store, "is_down", True), s200=lambda: setattr(store, "is_down", False)
    )
    assert carry_out(stage.run()) == "complete"
    assert is_whole(stage)


def test_what_a_tick_measures(store):
    stage = Stage(store=store, policy=FAST)
    assert carry_out(stage.run()) == "complete"
    facts = next(each for each in stage.watcher.measured if each["decision"] is not None)
    assert facts["weight_wanted"] == facts["weight_read"] == 10.0
    assert facts["decision"]["decision"] == "hold" and facts["store_up"] and facts["every_seconds"] == 1.0


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


def test_a_run_that_waits_for_a_gate_is_seen_to_live(store):
    stage = Stage(store=store, policy=FAST)
    answers = iter([None, None, None, ProbeResult(checks=(Check(name="fake", ok=True),))])

    def look():
        while (answer := next(answers)) is None:
            stage.world.now_us += SECOND
        return answer

    stage.probes["readiness"] = FakeProbe(look)
    assert carry_out(stage.run()) == "complete"
    assert stage.watcher.measured[0]["phase"] == "ahead" and stage.watcher.measured[0]["weight_read"] is None


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
