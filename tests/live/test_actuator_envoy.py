"""
The `envoy` actuator, both ways, against a real Envoy before two real servers.
"""

import sys
import time
import urllib.request

import pytest
from canarypolicy.actuators.envoy import Envoy
from canarypolicy.documents.proxy_parameters import EnvoyParameters
from canarypolicy.documents.secrets import World
from canarypolicy.live.protocols import NotDone

from live.envoy_server import KEY, running_envoy
from live.versions import count, load, serving

pytestmark = [pytest.mark.live, pytest.mark.skipif(sys.platform == "win32", reason="SIGSTOP has no twin on Windows")]

WORLD = World(variables={}, read_file=lambda path: "")


@pytest.fixture(scope="module")
def versions():
    with serving("v1", "v2") as ports:
        yield ports


@pytest.fixture(scope="module")
def envoy(versions, tmp_path_factory):
    with running_envoy(tmp_path_factory.mktemp("envoy"), versions) as running:
        yield running


def by_key(running, **more):
    return Envoy("traffic", EnvoyParameters.model_validate({"admin": running.admin, "runtime_key": KEY, **more}), WORLD)


def by_file(running, **more):
    written = {"admin": running.admin, "route_file": str(running.route_file), "canary": "v2", "baseline": "v1", **more}
    return Envoy("traffic", EnvoyParameters.model_validate(written), WORLD)


def port_of(running, way):
    return running.runtime_port if way is by_key else running.file_port


def modify(running, value):
    urllib.request.urlopen(f"{running.admin}/runtime_modify?{KEY}={value}", data=b"", timeout=5).close()


def why(act):
    with pytest.raises(NotDone) as raised:
        act()
    return raised.value.why


@pytest.mark.parametrize("way", [by_key, by_file])
def test_the_traffic_is_split_as_asked_and_no_request_fails(envoy, way):
    """10, 50, 100, back to 0: read back to the point, counted within 3 points (chance apart), and no fault is seen."""
    traffic, port = way(envoy), port_of(envoy, way)
    assert traffic.read_back() == 0  # what the routes say by themselves
    with load(port) as background:
        for percent in (10, 50, 100, 0):
            traffic.set(percent)
            assert traffic.read_back() == percent
            counted = count(port, 800)
            assert not counted.failures
            # Envoy draws lots: four standard deviations of so many draws.
            drawn = 4 * (percent * (100 - percent) / 800) ** 0.5
            assert counted.percent("v2") == pytest.approx(percent, abs=max(3, drawn))
    assert background.total > 20
    assert not background.failures


@pytest.mark.parametrize("way", [by_key, by_file])
def test_a_stopped_envoy_is_not_done_within_the_time_limit(envoy, way):
    """It accepts and says nothing; when it goes on, all is well again."""
    traffic = way(envoy, timeout="500ms")
    traffic.set(10)
    envoy.stop()
    try:
        for act in (lambda: traffic.set(50), traffic.read_back):
            started = time.monotonic()
            assert why(act) == "no whole answer from Envoy within 500ms"
            assert time.monotonic() - started < 10  # the limit, and a very busy machine
    finally:
        envoy.go_on()
    way(envoy).set(50)
    assert way(envoy).read_back() == 50


@pytest.mark.parametrize(("value", "read"), [("150", 100), ("7", 7)])
def test_what_somebody_else_set_is_read_as_envoy_uses_it(envoy, value, read):
    """More than all is all."""
    modify(envoy, value)
    assert by_key(envoy).read_back() == read
    by_key(envoy).set(0)


def test_a_value_that_is_no_number_is_said(envoy):
    """Envoy takes it with 200, and uses the route's own value in silence."""
    modify(envoy, "abc")
    assert why(by_key(envoy).read_back) == f"the runtime key `{KEY}` is a whole number, found `abc`"
    by_key(envoy).set(20)
    assert by_key(envoy).read_back() == 20


def test_a_key_that_no_route_reads_is_said(envoy):
    """Setting it would move nothing, and Envoy would answer 200."""
    said = "no route of this Envoy has a `runtime_fraction` that reads `shop.typo`"
    assert why(lambda: by_key(envoy, runtime_key="shop.typo").set(10)) == said
    assert why(by_key(envoy, runtime_key="shop.typo").read_back) == said


def test_a_finer_denominator_gives_parts_of_a_percent(versions, tmp_path):
    """12.34 percent of TEN_THOUSAND; the denominator is the route's."""
    with running_envoy(tmp_path, versions, "TEN_THOUSAND") as running:
        by_key(running).set(12.34)
        assert by_key(running).read_back() == pytest.approx(12.34)


def test_a_runtime_key_is_lost_when_envoy_restarts_and_a_file_is_not(versions, tmp_path):
    """The admin layer lives in the process: read back, it is the route's own value again."""
    with running_envoy(tmp_path, versions) as running:
        by_key(running).set(50)
        by_file(running).set(50)
        running.end()
        running.start()
        assert (by_key(running).read_back(), by_file(running).read_back()) == (0, 50)


def test_a_cluster_that_envoy_does_not_know_is_refused(versions, tmp_path):
    """Envoy would take the route, and answer 503."""
    with running_envoy(tmp_path, versions) as running:
        text = running.route_file.read_text().replace('"v2"', '"v3"')
        running.route_file.write_text(text)
        said = why(lambda: by_file(running, canary="v3").set(10))
        assert said == "Envoy knows no cluster `v3`: requests on a route to it would fail"
        assert running.route_file.read_text() == text


def test_a_file_that_envoy_does_not_take_is_put_back(envoy):
    """A fault of somebody's in the file comes to light with the next weight; the old routes go on."""
    good = envoy.route_file.read_text()
    bad = good.replace('"prefix"', '"prefixx"')
    envoy.route_file.write_text(bad)  # not by a new name, so Envoy has not looked
    before = by_file(envoy).read_back()
    try:
        said = why(lambda: by_file(envoy).set(before + 10))
        assert said == "Envoy does not take the route file, which is as it was again: its log says why"
        assert envoy.route_file.read_text() == bad
        assert by_file(envoy).read_back() == before
    finally:
        envoy.route_file.write_text(good)
    by_file(envoy).set(0)
    assert by_file(envoy).read_back() == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{broken", "the route file is no JSON"),
        ("{}", "the route file has no `resources`, each with a `name`"),
        ('{"resources": [{"name": "shop"}]}', "no `weighted_clusters` in the route file has just `v2` and `v1`"),
    ],
)
def test_a_file_without_the_weights_is_said(envoy, tmp_path, text, said):
    """Nothing is written."""
    file = tmp_path / "routes.json"
    file.write_text(text)
    assert why(lambda: by_file(envoy, route_file=str(file)).set(10)) == said
    assert file.read_text() == text
    missing = str(tmp_path / "nowhere.json")
    assert why(by_file(envoy, route_file=missing).read_back) == "the route file cannot be read: No such file or directory"
