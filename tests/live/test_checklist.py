"""
The closing checklist: what ticks an item, and what leaves it open.
"""

import json

import pytest
from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.program import build
from canarypolicy.live.checklist import checklist
from canarypolicy.live.loop import carry_out
from canarypolicy.live.noting import note_down
from canarypolicy.live.storing import Held
from canarypolicy.live.verifying import verify
from canarypolicy.store.database import open_store

from command_line import canarypolicy
from live.crash_driver import POLICY
from live.fakes import HEALTHY, RUN, FakeBackup, FakeProbe, ProbeResult, Stage

ITEMS = """  checklist:
    - {name: ready, text: Redis and database were ready, gates: [readiness, smoke-after]}
    - {name: saved, text: The backup was taken, snapshot: true}
    - {name: clean, text: 10 % and 50 % without incidents, steps: [canary-10, canary-50]}
    - {name: told, text: The notice was sent, notified: true}
    - {name: go, text: The release owner says GO, manual: true}
"""
WITH_ITEMS = POLICY.replace("approval: required", "max: 1h") + ITEMS


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 's.db'}"


@pytest.fixture
def store(url):
    with open_store(url) as opened:
        yield opened


def ticks(store):
    program = build(load_policy(WITH_ITEMS.encode(), "policy.yaml").document)
    return {tick.name: (tick.is_ticked, tick.evidence) for tick in checklist(program, store.entries(RUN))}


def open_items(store):
    return [name for name, (is_ticked, _) in ticks(store).items() if not is_ticked]


def test_a_complete_rollout_ticks_all_but_what_a_person_says(store):
    assert carry_out(Stage(store=store, policy=WITH_ITEMS).run()) == "complete"
    found = ticks(store)
    assert open_items(store) == ["go"]
    readiness, smoke = found["ready"][1]
    assert readiness.startswith("gate `readiness` passed at 2026-09-21T14:13:2") and readiness.endswith("(1 passed, 0 failed)")
    assert smoke.startswith("gate `smoke-after` passed at 2026-09-21T14:13:3")
    assert found["saved"][1][0].startswith("snapshot `fake-snapshot` was taken and verified at ")
    assert "no rollback rule fired" in found["clean"][1][0] and "step `canary-50` was left by an advance" in found["clean"][1][1]
    assert found["told"][1][0].startswith("`fake` was told of `complete` at ")


def test_a_rollback_leaves_its_step_open_and_names_the_rule(store):
    values = lambda second: HEALTHY | {"canary.errors": 0.05 if 12 <= second < 16 else 0.001}  # noqa: E731 - one line of a story
    assert carry_out(Stage(store=store, policy=WITH_ITEMS, values=values).run()) == "rolled-back"
    assert open_items(store) == ["ready", "clean", "go"]
    assert "step `canary-50` was rolled back (errors-high)" in ticks(store)["clean"][1][1]
    assert ticks(store)["ready"][1][1] == "gate `smoke-after` has no result"


def test_what_was_refused_has_no_evidence(store):
    stage = Stage(store=store, policy=WITH_ITEMS, backup=FakeBackup("the disk is full"))
    assert carry_out(stage.run()) == "refused"
    assert open_items(store) == ["ready", "saved", "clean", "go"]
    assert ticks(store)["saved"][1] == ("no snapshot was taken",)
    assert ticks(store)["clean"][1][0] == "step `canary-10` was not entered"


def test_a_failed_gate_ticks_nothing(store):
    stage = Stage(store=store, policy=WITH_ITEMS)
    stage.probes["readiness"] = FakeProbe(lambda: ProbeResult(checks=(), fields={"failed": 2, "passed": 1}))
    assert carry_out(stage.run()) == "refused"
    assert ticks(store)["ready"][1][0].startswith("gate `readiness` failed at 2026-09-21T14:13:2")


def test_an_item_is_ticked_by_hand_after_the_end_and_the_journal_stays_whole(store, url):
    assert carry_out(Stage(store=store, policy=WITH_ITEMS).run()) == "complete"
    done = canarypolicy("checklist", RUN, "--store", url)
    assert done.exit_code == 3
    assert "[ ] go: The release owner says GO" in done.stdout and "NO GO: 1 of 5 items are open" in done.stdout
    assert canarypolicy("approve", RUN, "--item", "go", "--by", "ann", "--store", url).exit_code == 0
    done = canarypolicy("checklist", RUN, "--store", url, "--format", "json")
    assert (done.exit_code, json.loads(done.stdout)["go"]) == (0, True)
    assert "- [x] **go**" in canarypolicy("checklist", RUN, "--store", url, "--format", "markdown").stdout
    row = store.find(RUN, 2**61)
    assert (row.state, row.holder) == ("complete", None)
    assert verify(row, store.entries(RUN)) == ()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--item", "goo"), "no checklist item `goo`"),
        (("--item", "clean"), "ticked by its evidence"),
        (("--item", "go", "--step", "full"), "one of them"),
    ],
    ids=["an unknown item", "an item of evidence", "item and step"],
)
def test_what_cannot_be_ticked_is_a_usage_error(store, url, arguments, message):
    assert carry_out(Stage(store=store, policy=WITH_ITEMS).run()) == "complete"
    done = canarypolicy("approve", RUN, *arguments, "--by", "ann", "--store", url)
    assert done.exit_code == 2 and message in done.stderr


def test_an_item_ticked_while_it_runs_changes_nothing_else(store):
    stage = Stage(store=store, policy=WITH_ITEMS)
    asked = []

    def ask(second):
        if second >= 5 and not asked:
            asked.append(store.ask(RUN, {"event": "item", "item": "go", "by": "ann"}, stage.world.now_us))

    stage.clock.on_second = ask
    assert carry_out(stage.run()) == "complete"
    assert open_items(store) == [] and not store.requests(RUN)
    assert ticks(store)["go"][1][0].startswith("ticked by ann at ")
    assert verify(store.find(RUN, 2**61), store.entries(RUN)) == ()


def test_nothing_is_noted_behind_the_back_of_a_living_process(store):
    stage = Stage(store=store, policy=WITH_ITEMS)
    stage.run()
    row = store.find(RUN, stage.world.now_us)
    with pytest.raises(Held):
        note_down(store, stage.holder, row, {"note": "item", "item": "go"}, stage.world.now_us)
