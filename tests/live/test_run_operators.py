"""
People and processes around a live rollout: commands on it, its end from outside, and how it goes on.
"""

import signal
import sys
import time
from contextlib import ExitStack

import pytest

from live.rollout import LiveRun, rollout
from live.shops import until
from live.stage import running_stage
from live.storefront import SHORT, environment_text, policy_text

pytestmark = [pytest.mark.live, pytest.mark.skipif(sys.platform == "win32", reason="signals have no twin on Windows")]

APPROVED = {
    **{word: other for word, other in SHORT.items() if word != "min: 20m, max: 30m"},
    "{name: canary-10, weight: 10, min: 20m, max: 30m": "{name: canary-10, weight: 10, approval: required, min: 3s, max: 60s",
}
"""A person says when the canary may have more than 10 %."""

SLOW = {**SHORT, "min: 20m, max: 30m": "min: 5s, max: 12s"}
"""Time enough in the first step to end the process and to go on."""


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with running_stage(tmp_path_factory.mktemp("stage"), per_second=100, most_seconds=300) as stage:
        stage.wait_for_past(4)
        yield stage


@pytest.fixture
def stage(running):
    running.mend()
    return running


@pytest.fixture
def begin(stage, tmp_path):
    with ExitStack() as stack:

        def start(durations=SLOW, **environment):
            run = stack.enter_context(rollout(tmp_path, policy_text(durations), environment_text(**environment), stage.variables))
            run.start()
            run.entered("canary-10")
            return run

        yield start


def lacking(run):
    """
    Give the names of the last decision's reasons, none before the first.
    """
    decisions = run.decisions()
    return decisions[-1]["reason_names"] if decisions else set()


def test_pause_resume_approve_abort(begin, stage):
    """
    What needs a person waits for one; paused it holds, approved or not; resumed it goes on; aborted it is rolled back.
    """
    run = begin(APPROVED)
    until(lambda: lacking(run) == {"approval"}, 30, "nothing to be lacking but the approval")
    until(lambda: run.notices, 10, "people to be asked")
    assert [each["occurrence"] for each in run.notices] == ["waiting-for-approval"]

    run.command("pause", run.name, "--reason", "lunch", "--by", "ann")
    run.command("approve", run.name, "--by", "bob")
    paused = time.time()
    until(lambda: len(run.decisions(paused)) >= 3, 10, "decisions")
    assert {each["decision"] for each in run.decisions(paused)} == {"hold"}
    assert lacking(run) == {"paused"}
    assert run.steps() == ["canary-10"]
    status = run.command("status", run.name).stdout
    assert "paused" in status and "canary-10" in status

    run.command("resume", run.name, "--by", "ann")
    run.entered("canary-50")
    run.command("abort", run.name, "--reason", "enough", "--by", "ann")
    assert run.ended(30) == 5, run.stderr
    assert stage.percent() == 0
    (rollback, *_) = [each for each in run.decisions() if each["decision"] == "rollback"]
    assert rollback["reason_names"] == {"aborted"}
    said = {each.body["event"]: each.body for each in run.entries("event")}
    assert (said["pause"]["by"], said["pause"]["reason"]) == ("ann", "lunch")
    assert said["approve"]["by"] == "bob"
    assert (said["abort"]["by"], said["abort"]["reason"]) == ("ann", "enough")
    run.command("journal", "verify", run.name)

    # What was rolled back is frozen: the next rollout of this policy is refused until a person lifts that.
    again = run.command("run", "policy.yaml", "environment.yaml", status=4)
    assert "frozen" in again.stdout + again.stderr and "unfreeze" in again.stdout + again.stderr
    assert stage.percent() == 0


def continued(run):
    """
    Go on, and see that the step's clock was not begun anew.
    """
    (entered,) = [each for each in run.entries("event") if each.body["event"] == "step"]
    before = len(run.decisions())
    run.start("--continue", run.name)
    until(lambda: len(run.decisions()) > before, 20, "a decision")
    first = run.decisions()[before]
    assert first["step"] == "canary-10"
    assert first["elapsed_seconds"] == pytest.approx(first["time"] - entered.at, abs=0.01)
    return entered


def test_stopped_and_continued(begin, stage):
    """
    By SIGTERM and by Ctrl-C it stops cleanly, leaves the traffic where it is and says how to go on; it does, with the step's clock.
    """
    run = begin()
    for times, number in ((1, signal.SIGTERM), (2, signal.SIGINT)):
        run.send(number)
        assert run.ended(10) == 1, run.stderr
        assert stage.percent() == pytest.approx(10, abs=0.5)
        assert run.stdout.count(f"--continue {run.name}") == times
        assert run.notes().count("interrupted") == times
        entered = continued(run)
    assert run.entered("canary-50", 20).at - entered.at >= 5
    assert run.ended(60) == 0, run.stderr
    assert run.steps() == ["canary-10", "canary-50", "full"]
    assert run.notes()[-1] == "complete"
    run.command("journal", "verify", run.name)


def test_killed_in_mid_step_and_continued(begin, stage):
    """
    `kill -9`, and the proxy forgets the weight meanwhile: it is set again, and the step's clock has gone on.
    """
    run = begin()
    time.sleep(1)
    run.send(signal.SIGKILL)
    run.ended(10)
    stage.haproxy.reload()
    assert stage.percent() == 0
    entered = continued(run)
    until(lambda: stage.percent() == pytest.approx(10, abs=0.5), 10, "the weight to be repaired")
    assert run.entered("canary-50", 20).at - entered.at >= 5
    assert run.ended(60) == 0, run.stderr
    assert run.steps() == ["canary-10", "canary-50", "full"]
    run.command("journal", "verify", run.name)


def test_two_of_one_service(begin, stage, tmp_path):
    """
    The second rollout of a service is refused, and told which the first is.
    """
    run = begin({**SHORT, "min: 20m, max: 30m": "min: 30s, max: 40s"})
    second = LiveRun(tmp_path, stage.variables)
    done = second.command("run", "policy.yaml", "environment.yaml", status=None)
    assert done.returncode == 1, done.stderr
    assert run.name in done.stderr
    assert run.process.poll() is None
    assert stage.percent() == pytest.approx(10, abs=0.5)
    run.send(signal.SIGTERM)
    assert run.ended(10) == 1
