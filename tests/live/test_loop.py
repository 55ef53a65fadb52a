"""
The loop on fakes: what is done, what is written, and in which order, when the world is not as it should be.
"""

import pytest
from canarypolicy.engine.rollout import Follow
from canarypolicy.history.recording import read_recordings
from canarypolicy.history.replay import replay
from canarypolicy.live.exporting import recording_text
from canarypolicy.live.loop import carry_out
from canarypolicy.live.protocols import Check, ProbeResult
from canarypolicy.store.database import open_store

from live.fakes import RUN, SECOND, FakeBackup, FakeProbe, Stage
from live.looping import FAST, FlakyStore, at, decisions, entries, errors_from, heal, is_whole, weights


@pytest.fixture
def store(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 's.db'}") as opened:
        yield FlakyStore(opened)


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


def test_in_a_dry_run_no_snapshot_is_taken_and_nothing_is_frozen(store):
    stage = Stage(store=store, policy=FAST, values=errors_from(12, 16), is_dry=True, backup=FakeBackup("never asked"))
    assert carry_out(stage.run()) == "rolled-back"
    assert not store.freezes("shop", stage.world.now_us)


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


def test_what_a_tick_measures(store):
    stage = Stage(store=store, policy=FAST)
    assert carry_out(stage.run()) == "complete"
    facts = next(each for each in stage.watcher.measured if each["decision"] is not None)
    assert facts["weight_wanted"] == facts["weight_read"] == 10.0
    assert facts["decision"]["decision"] == "hold" and facts["store_up"] and facts["every_seconds"] == 1.0


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
