"""
The storefront policy, minutes as seconds, carried out for real from 10 % over 50 % to complete, under load.
"""

import json
import sys
import time

import pytest

from live.rollout import rollout
from live.stage import running_stage
from live.storefront import FULL, environment_text, policy_text

pytestmark = [pytest.mark.live, pytest.mark.skipif(sys.platform == "win32", reason="HAProxy has no twin on Windows")]

PLANNED = {"canary-10": 10, "canary-50": 50, "full": 100}


@pytest.fixture
def stage(tmp_path):
    with running_stage(tmp_path, most_seconds=200, patience="5s") as running:
        running.wait_for_past(6)
        yield running


def test_all_the_way(stage, tmp_path, record_property):
    """
    Each split is what was asked for, within 3 points of counted requests; no request fails; the journal replays to the same decisions.
    """
    with rollout(tmp_path, policy_text(FULL), environment_text(), stage.variables) as run:
        began = time.time()
        run.start()
        measured = {}
        for step, seconds in (("canary-10", 20), ("canary-50", 30), ("full", 20)):
            entered = run.entered(step, 90)
            time.sleep(max(0.0, entered.at + seconds - 2 - time.time()))
            # What was sent in the first half second after the shift may have met the weight before it.
            measured[step] = stage.customers.share_of("canary", entered.at + 0.5, time.time())
        status = run.ended(90)
        ended = time.time()

        print(f"seconds: {ended - began:.0f}, canary's percent by step: {measured}")
        record_property("canary's percent, counted", ", ".join(f"{step} {share:.2f}" for step, share in measured.items()))
        assert status == 0, run.stderr
        for step, planned in PLANNED.items():
            assert abs(measured[step] - planned) <= 3, measured
        assert stage.customers.failures(began, ended) == []
        assert run.steps() == list(PLANNED)
        assert run.notes() == ["complete"]
        assert stage.percent() == 100
        steps = [each for each in run.entries("event") if each.body["event"] == "step"]
        stayed = [after.at - before.at for before, after in zip(steps, steps[1:], strict=False)]
        assert stayed[0] >= 20 and stayed[1] >= 30, stayed

        run.command("journal", "verify", run.name)
        run.command("journal", "export", run.name, "-o", "exported.jsonl")
        replayed = run.command("replay", "policy.yaml", "exported.jsonl", "--follow", "recording", "--all", "--format", "json")
        (again,) = json.loads(replayed.stdout)["rollouts"]
        assert again["outcome"] == "complete"
        assert again["decisions"] == [each.body for each in run.entries("decision")]
