import json

import pytest
from canarypolicy.actuators.envoy import Envoy
from canarypolicy.documents.proxy_parameters import EnvoyParameters
from canarypolicy.documents.secrets import World
from canarypolicy.live.protocols import NotDone

from envoy_fakes import FakeEnvoy


def routes(*clusters, key="weighted_clusters", **more):
    weighted = [{"name": name, "weight": weight} for name, weight in clusters]
    return {"route": {key: {"clusters": weighted, **more}}}


def written(*each):
    return json.dumps({"resources": [{"name": "shop", "virtual_hosts": [{"routes": list(each)}]}]})


def weights_in(file):
    found = json.loads(file.read_text())["resources"][0]["virtual_hosts"][0]["routes"]
    return [[each["weight"] for each in next(iter(route["route"].values()))["clusters"]] for route in found]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "routes.json"
    path.write_text(written(routes(("v1", 100), ("v2", 0))))
    return path


@pytest.fixture
def fake(file):
    return FakeEnvoy(file)


@pytest.fixture
def make(fake, file):
    with fake.serving() as address:

        def actuator(**more):
            settings = {"admin": address, "route_file": str(file), "canary": "v2", "baseline": "v1", **more}
            return Envoy("traffic", EnvoyParameters.model_validate(settings), World(variables={}, read_file=lambda path: ""))

        yield actuator


def why(act):
    with pytest.raises(NotDone) as raised:
        act()
    return raised.value.why


@pytest.mark.parametrize(
    ("percent", "weights", "read"),
    [
        (0, [10000, 0], 0),
        (10, [9000, 1000], 10),
        (33.333, [6667, 3333], 33.33),
        (100, [0, 10000], 100),
        (0.001, [9999, 1], 0.01),
        (99.999, [1, 9999], 99.99),
    ],
)
def test_weights_are_written_and_read_back(make, file, percent, weights, read):
    """Hundredths of a percent; only 0 and 100 are nothing and all."""
    make().set(percent)
    assert weights_in(file) == [weights]
    assert make().read_back() == read


def test_all_else_in_the_file_stays(make, file):
    """Other clusters' weights too, in both spellings of the keys; a written total stays true."""
    other = routes(("v1", 1), ("other", 2))
    file.write_text(
        written(routes(("v2", 1), ("v1", 9), key="weightedClusters", totalWeight=10), other, routes(("v1", 90), ("v2", 10)))
    )
    make().set(50)
    assert weights_in(file) == [[5000, 5000], [1, 2], [5000, 5000]]
    assert (
        json.loads(file.read_text())["resources"][0]["virtual_hosts"][0]["routes"][0]["route"]["weightedClusters"]["totalWeight"]
        == 10000
    )
    assert make().read_back() == 50


def test_weights_that_are_all_0_or_none_are_no_split(make, file):
    """They are written all the same."""
    file.write_text(written({"route": {"weighted_clusters": {"clusters": [{"name": "v1"}, {"name": "v2"}]}}}))
    assert why(make().read_back) == "Envoy has no route of this file to just `v2` and `v1`"
    make().set(25)
    assert weights_in(file) == [[7500, 2500]]


def test_routes_that_do_not_agree_are_said(make, file):
    """Somebody changed one of them."""
    file.write_text(written(routes(("v1", 90), ("v2", 10)), routes(("v1", 50), ("v2", 50))))
    assert why(make().read_back) == "Envoy's routes of this file have different percents: 10, 50"


def test_an_update_that_fails_puts_the_file_back(make, fake, file):
    """Envoy goes on with the old routes and says so in a counter only."""
    before = file.read_text()
    # The old routes stay, and each look at the counter finds one failure more.
    fake.says["/config_dump?resource=dynamic"] = (200, before)
    counted = iter(range(100))
    fake.answer = lambda path, query, ask=fake.answer: (
        {"stats": [{"name": "http.in.rds.shop.update_rejected", "value": next(counted)}]}
        if path == "/stats"
        else ask(path, query)
    )
    assert why(lambda: make().set(50)) == "Envoy does not take the route file, which is as it was again: its log says why"
    assert file.read_text() == before


def test_an_envoy_that_does_not_look_is_said(make, fake, file):
    """It watches another file, or the folder not at all."""
    fake.says["/config_dump?resource=dynamic"] = (200, file.read_text())
    said = "Envoy has not taken the route file in within 3s: does it watch it?"
    assert why(lambda: make(timeout="3s").set(50)) == said
    assert weights_in(file) == [[5000, 5000]]  # one that was only slow takes it in later


def test_failures_of_other_routes_are_no_matter(make, fake, file):
    """Only those of this file's names count."""
    fake.says["/stats"] = (200, json.dumps({"stats": [{"name": "http.in.rds.other.update_failure", "value": 3}]}))
    make().set(50)
    assert weights_in(file) == [[5000, 5000]]


def test_a_cluster_that_is_not_known_is_said(make, fake, file):
    """Envoy would take it, and answer 503."""
    fake.clusters = ["v1"]
    before = file.read_text()
    assert why(lambda: make().set(10)) == "Envoy knows no cluster `v2`: requests on a route to it would fail"
    assert file.read_text() == before
