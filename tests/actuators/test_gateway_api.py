"""
Weights of an HTTPRoute, against a fake of the Kubernetes API.
"""

from __future__ import annotations

import pytest
from canarypolicy.actuators.gateway_api import GatewayApi, shares
from canarypolicy.documents.cluster_parameters import GatewayApiParameters
from canarypolicy.live.protocols import NotDone

from fake_kubernetes import FakeKubernetesApi
from programs import world
from raw_fakes import FakeHungServer

PATH = "gateway.networking.k8s.io/v1/namespaces/shop/httproutes/shop"


PLACE = "actuator `traffic`: httproute `shop`"


def rule(*refs):
    return {
        "backendRefs": [{"name": name, "port": 80, **({} if weight is None else {"weight": weight})} for name, weight in refs]
    }


def cluster(*rules):
    fake = FakeKubernetesApi()
    fake.put(PATH, {"hostnames": ["shop.example"], "rules": list(rules)})
    return fake


def traffic(url, timeout="20s", **variables):
    written = {
        "server": url,
        "token": "${env:TOKEN}",
        "namespace": "shop",
        "route": "shop",
        "canary": "v2",
        "baseline": "v1",
        "timeout": timeout,
    }
    return GatewayApi("traffic", GatewayApiParameters.model_validate(written), world({"TOKEN": "t0ken", **variables}))


def refs(fake, number=0):
    return [(ref["name"], ref.get("weight")) for ref in fake.objects[PATH]["spec"]["rules"][number]["backendRefs"]]


def why(action):
    with pytest.raises(NotDone) as raised:
        action()
    return raised.value.why


@pytest.mark.parametrize(
    ("percent", "weights"),
    [
        (0, (0, 100)),
        (10.0, (10, 90)),
        (12.5, (125, 875)),
        (100, (100, 0)),
        (0.1, (1, 999)),
        (33.333333, (333333, 666667)),
        (1e-9, (1, 999999)),
        (99.9999999, (999999, 1)),
    ],
)
def test_weights_are_small_whole_numbers(percent, weights):
    assert shares(percent) == weights


def test_what_was_set_is_read_back():
    fake = cluster(rule(("v1", None), ("v2", 0)))
    with fake.serving() as url:
        both = traffic(url)
        assert both.read_back() == 0
        for weight in (10, 12.5, 50, 100, 0):
            both.set(weight)
            assert both.read_back() == weight
    assert refs(fake) == [("v1", 100), ("v2", 0)]
    assert fake.objects[PATH]["spec"]["rules"][0]["backendRefs"][0]["port"] == 80
    assert {asked.headers["authorization"] for asked in fake.asked} == {"Bearer t0ken"}


def test_only_json_patches_that_test_the_version_are_sent():
    fake = cluster(rule(("v1", 100), ("v2", 0)))
    with fake.serving() as url:
        traffic(url).set(10)
    (patch,) = [asked for asked in fake.asked if asked.method == "PATCH"]
    assert patch.headers["content-type"] == "application/json-patch+json"
    assert patch.json[0] == {"op": "test", "path": "/metadata/resourceVersion", "value": "1"}
    assert [each["op"] for each in patch.json] == ["test", "test", "add", "test", "add"]


def test_the_weight_that_is_there_is_not_written_again():
    fake = cluster(rule(("v1", 90), ("v2", 10)))
    with fake.serving() as url:
        traffic(url).set(10)
    assert [asked.method for asked in fake.asked] == ["GET"]


def test_every_rule_with_both_backends_and_no_other():
    fake = cluster(rule(("v2", None)), rule(("v1", 100), ("v2", 0)), rule(("v2", 0), ("v1", 7)), rule(("images", 3)))
    with fake.serving() as url:
        both = traffic(url)
        both.set(50)
        assert both.read_back() == 50
    assert [refs(fake, number) for number in range(4)] == [
        [("v2", None)],
        [("v1", 50), ("v2", 50)],
        [("v2", 50), ("v1", 50)],
        [("images", 3)],
    ]


def test_a_conflict_is_read_again():
    """Somebody swaps the backends between the read and the patch: each gets the weight that is its own all the same."""
    fake = cluster(rule(("v1", 100), ("v2", 0)))
    fake.before_patch = [lambda: fake.put(PATH, {"rules": [rule(("v2", 0), ("v1", 100))]})]
    with fake.serving() as url:
        traffic(url).set(10)
    assert refs(fake) == [("v2", 10), ("v1", 90)]


def test_conflicts_without_end_are_not_done():
    fake = cluster(rule(("v1", 100), ("v2", 0)))
    again = lambda: fake.put(PATH, fake.objects[PATH]["spec"])  # noqa: E731 - one line of another's work
    fake.before_patch = [again] * 9
    with fake.serving() as url:
        said = why(lambda: traffic(url).set(10))
    assert said.startswith(f"{PLACE}: HTTP 422, the server rejected our request")
    assert said.endswith(", 5 times")
    assert refs(fake) == [("v1", 100), ("v2", 0)]


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ([rule(("v1", 1), ("v2", 9), ("v3", 1))], "rule 0 also sends traffic to `v3`"),
        ([rule(("v1", 1), ("v2", 9), ("v3", None))], "rule 0 also sends traffic to `v3`"),
        ([rule(("v1", 1))], "no rule has both `v2` and `v1`"),
        ([], "no rule has both `v2` and `v1`"),
        ([rule(("v1", 0), ("v2", 0))], "rule 0 sends traffic nowhere, both weights are 0"),
        (
            [rule(("v1", 9), ("v2", 1)), rule(("v1", 5), ("v2", 5))],
            "the rules differ in the canary's percent, 10 in rule 0 and 50 in rule 1",
        ),
        ([rule(("v1", 9), ("v2", 1), ("v2", 1))], "rule 0 names a backend twice"),
    ],
)
def test_a_route_whose_split_cannot_be_told(rules, sentence):
    with cluster(*rules).serving() as url:
        assert why(traffic(url).read_back) == f"{PLACE}: {sentence}"


def test_a_third_backend_without_traffic_is_left_alone():
    fake = cluster(rule(("v1", 100), ("v2", 0), ("v3", 0)))
    with fake.serving() as url:
        traffic(url).set(10)
    assert refs(fake) == [("v1", 90), ("v2", 10), ("v3", 0)]


def test_refusals_are_told_without_the_token():
    fake = cluster(rule(("v1", 100), ("v2", 0)))
    with fake.serving() as url:
        assert why(traffic(url, TOKEN="hunter2").read_back) == f"{PLACE}: HTTP 401, who asks is not known, Unauthorized"
        fake.denied = True
        assert why(traffic(url).read_back).startswith(f"{PLACE}: HTTP 403, it may not be read or changed, httproutes")
        fake.denied = False
        fake.objects.clear()
        assert why(lambda: traffic(url).set(10)) == f'{PLACE}: HTTP 404, there is none, httproutes "shop" not found'


def test_a_hung_server_is_not_done():
    with FakeHungServer().serving() as url:
        assert why(traffic(url, timeout="300ms").read_back) == f"{PLACE}: no answer within 300ms"


def test_a_server_that_is_no_cluster():
    fake = cluster()
    fake.answer = lambda asked: (200, {"hello": 1})
    with fake.serving() as url:
        assert why(traffic(url).read_back) == f"{PLACE}: the server answered with no object of Kubernetes"


@pytest.mark.parametrize("body", [b"<html>", b"7", b'{"metadata": 1}'])
def test_a_server_that_answers_something_else(body):
    fake = cluster()
    fake.answer = lambda asked: (200, body)
    with fake.serving() as url:
        assert why(traffic(url).read_back) == f"{PLACE}: the server answered with no object of Kubernetes"
        fake.answer = lambda asked: (503, body)
        assert why(traffic(url).read_back) == f"{PLACE}: HTTP 503"


def test_a_refused_patch_is_not_tried_again():
    fake = cluster(rule(("v1", 100), ("v2", 0)))
    usual = fake.answer

    def readonly(asked):
        return usual(asked) if asked.method == "GET" else (403, {"message": "you may look"})

    fake.answer = readonly
    with fake.serving() as url:
        assert why(lambda: traffic(url).set(10)) == f"{PLACE}: HTTP 403, it may not be read or changed, you may look"
    assert [asked.method for asked in fake.asked] == ["GET", "PATCH"]


def test_conflicts_end_at_the_time_limit(monkeypatch):
    """Each try gets what is left of the limit, and none begins after it."""
    fake = cluster(rule(("v1", 100), ("v2", 0)))
    times = iter([0.0, 1.0, 2.0, 30.0])
    monkeypatch.setattr("canarypolicy.actuators.cluster_api.monotonic", lambda: next(times))
    fake.before_patch = [lambda: fake.put(PATH, fake.objects[PATH]["spec"])] * 9
    with fake.serving() as url:
        assert why(lambda: traffic(url).set(10)) == f"{PLACE}: not done within the time limit"
    assert [asked.method for asked in fake.asked] == ["GET", "PATCH"]
