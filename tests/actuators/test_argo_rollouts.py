"""
A Rollout promoted and aborted, against a fake of the Kubernetes API; what its controller would do is played by the test.
"""

from __future__ import annotations

import pytest
from canarypolicy.actuators.argo_rollouts import ArgoRollouts
from canarypolicy.documents.cluster_parameters import ArgoRolloutsParameters
from canarypolicy.live.protocols import NotDone

from fake_kubernetes import FakeKubernetesApi
from programs import world

PATH = "argoproj.io/v1alpha1/namespaces/shop/rollouts/shop"
PLACE = "actuator `traffic`: rollout `shop`"
STEPS = [{"setWeight": 0}, {"pause": {}}, {"setWeight": 10}, {"pause": {}}, {"setWeight": 50}, {"pause": {}}]
PAUSED = [{"reason": "CanaryPauseStep", "startTime": "2026-05-01T10:00:00Z"}]


class FakeRollout(FakeKubernetesApi):
    """
    The API with one Rollout; `controlled` does what a controller would do next. A fake of a controller, too.
    """

    def __init__(self, *, at=1, routed=True, steps=STEPS, **more):
        super().__init__()
        self.routed = routed
        spec = {"strategy": {"canary": {"steps": steps, **({"trafficRouting": {}} if routed else {})}}}
        self.put(PATH, spec, {"currentPodHash": "new", "stableRS": "old", "currentStepIndex": at, "observedGeneration": "1"})
        self.status.update(more)
        self.controlled()

    @property
    def status(self):
        return self.objects[PATH]["status"]

    def controlled(self):
        """Move on while there is no pause; tell the weights."""
        rollout, status = self.objects[PATH], self.status
        steps = rollout["spec"]["strategy"]["canary"]["steps"]
        if status.get("abort"):
            status.update(currentStepIndex=0, updatedReplicas=0)
            status.pop("pauseConditions", None)
        elif status.get("was_paused") and "pauseConditions" not in status:
            status["currentStepIndex"] += 1
        while (
            not status.get("abort")
            and status["currentStepIndex"] < len(steps)
            and "setWeight" in steps[status["currentStepIndex"]]
        ):
            status["currentStepIndex"] += 1
        at = status["currentStepIndex"]
        is_paused = not status.get("abort") and at < len(steps)
        if is_paused:
            status["pauseConditions"] = list(PAUSED)
        status["was_paused"] = is_paused
        done = [step["setWeight"] for step in steps[:at] if "setWeight" in step]
        weight = 0 if status.get("abort") else 100 if at >= len(steps) else done[-1]
        if self.routed:
            status["canary"] = {"weights": {"canary": {"weight": weight}, "stable": {"weight": 100 - weight}}}
        status["observedGeneration"] = str(rollout["metadata"]["generation"])
        rollout["metadata"]["resourceVersion"] = str(int(rollout["metadata"]["resourceVersion"]) + 1)


def traffic(url):
    written = {"server": url, "token": "t0ken", "namespace": "shop", "rollout": "shop", "timeout": "20s"}
    return ArgoRollouts("traffic", ArgoRolloutsParameters.model_validate(written), world())


def why(action):
    with pytest.raises(NotDone) as raised:
        action()
    return raised.value.why


def patches(fake):
    return [(asked.path.removeprefix(f"/apis/{PATH}"), asked.json[1:]) for asked in fake.asked if asked.method == "PATCH"]


LIFTED = ("/status", [{"op": "remove", "path": "/status/pauseConditions"}])
ABORTED = ("/status", [{"op": "add", "path": "/status/abort", "value": True}])


@pytest.mark.parametrize("routed", [True, False], ids=["with a traffic router", "by pods alone"])
def test_a_whole_rollout(routed):
    fake = FakeRollout(routed=routed)
    with fake.serving() as url:
        both = traffic(url)
        assert both.read_back() == 0
        for weight in (10, 50):
            both.set(weight)
            assert both.read_back() != weight  # the controller has not moved yet
            fake.controlled()
            assert both.read_back() == weight
            both.set(weight)  # the same again changes nothing
        both.set(100)
        fake.controlled()
        fake.status["stableRS"] = "new"
        assert both.read_back() == 100
        both.set(100)
    assert patches(fake) == [LIFTED, LIFTED, LIFTED]


def test_a_pause_is_lifted_once_while_the_controller_is_on_its_way():
    """A set that is tried again before the controller has moved skips no step."""
    fake = FakeRollout()
    with fake.serving() as url:
        both = traffic(url)
        for _ in range(3):
            both.set(10)
        fake.controlled()
        for _ in range(3):
            both.set(10)
        assert both.read_back() == 10
    assert patches(fake) == [LIFTED]


def test_pauses_between_are_lifted_one_after_the_other():
    fake = FakeRollout()
    with fake.serving() as url:
        both = traffic(url)
        both.set(50)
        fake.controlled()
        assert both.read_back() == 10
        both.set(50)
        fake.controlled()
        assert both.read_back() == 50


def test_a_rollback_aborts_at_once_and_only_once():
    fake = FakeRollout(at=3)
    with fake.serving() as url:
        both = traffic(url)
        both.set(0)
        fake.controlled()
        assert both.read_back() == 0
        both.set(0)
        assert "was aborted" in why(lambda: both.set(10))
    assert patches(fake) == [ABORTED]


def test_a_rollback_on_the_way_to_the_first_weight_aborts():
    """The pause at 0 % is lifted already: that the traffic is still at 0 proves nothing."""
    fake = FakeRollout()
    with fake.serving() as url:
        both = traffic(url)
        both.set(10)
        both.set(0)
    assert patches(fake) == [LIFTED, ABORTED]


def test_weight_0_before_the_beginning_aborts_nothing():
    fake = FakeRollout()
    with fake.serving() as url:
        traffic(url).set(0)
    assert patches(fake) == []


def test_a_conflict_is_read_again_and_skips_no_step():
    """Between the read and the patch somebody promotes by hand: the weight is there, and nothing is lifted."""
    fake = FakeRollout()

    def by_hand():
        del fake.status["pauseConditions"]
        fake.controlled()

    fake.before_patch = [by_hand]
    with fake.serving() as url:
        both = traffic(url)
        both.set(10)
        assert both.read_back() == 10
    assert fake.status["pauseConditions"] == PAUSED


def test_a_pause_by_hand_is_lifted():
    fake = FakeRollout()
    fake.objects[PATH]["spec"]["paused"] = True
    with fake.serving() as url:
        both = traffic(url)
        both.set(10)
        fake.controlled()
        both.set(10)
        fake.controlled()
        assert both.read_back() == 10
    assert patches(fake) == [("", [{"op": "add", "path": "/spec/paused", "value": False}]), LIFTED]


def test_what_the_rollout_cannot_come_to():
    fake = FakeRollout(at=3)
    with fake.serving() as url:
        both = traffic(url)
        assert why(lambda: both.set(25)) == f"{PLACE} has no step of 25 %, those ahead are 50, 100"
        assert why(lambda: both.set(5)) == f"{PLACE} is at 10 % and cannot go back to 5 % but by an abort"
        fake.status["stableRS"] = "new"
        assert why(lambda: both.set(10)) == f"{PLACE}: nothing is being rolled out, so 10 % cannot be set"
        assert why(lambda: both.set(0)) == f"{PLACE}: nothing to abort, the new version is the stable one already"
    assert patches(fake) == []


def test_a_status_that_is_not_to_be_believed():
    fake = FakeRollout(at=3)
    with fake.serving() as url:
        both = traffic(url)
        fake.objects[PATH]["metadata"]["generation"] = 2
        assert why(both.read_back) == f"{PLACE}: the controller has not seen its newest version"
        fake.controlled()
        assert both.read_back() == 10
        fake.status["canary"]["weights"]["verified"] = False
        assert why(both.read_back) == f"{PLACE}: the traffic router has not confirmed the weight"
        fake.objects[PATH]["status"] = {}
        assert why(both.read_back) == f"{PLACE} has no canary strategy with steps, or no status"
        assert "no status" in why(lambda: both.set(0))


def test_an_abort_by_pods_alone_is_there_when_no_new_pod_is_left():
    fake = FakeRollout(at=3, routed=False)
    with fake.serving() as url:
        both = traffic(url)
        both.set(0)
        fake.status.update(updatedReplicas=1)
        assert "has not confirmed" in why(both.read_back)
        fake.controlled()
        assert both.read_back() == 0


def test_weights_of_another_unit():
    """`maxTrafficWeight: 1000` counts in tenths of a percent."""
    fake = FakeRollout(at=1, steps=[{"setWeight": 5}, {"pause": {}}, {"setWeight": 125}, {"pause": {}}])
    fake.objects[PATH]["spec"]["strategy"]["canary"]["trafficRouting"]["maxTrafficWeight"] = 1000
    with fake.serving() as url:
        both = traffic(url)
        assert both.read_back() == 0.5
        both.set(12.5)
        fake.controlled()
        assert both.read_back() == 12.5
