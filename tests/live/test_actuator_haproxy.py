"""
The `haproxy` actuator against a real HAProxy before two real servers.
"""

import signal
import sys
import time

import pytest
from canarypolicy.actuators.haproxy import Haproxy
from canarypolicy.documents.proxy_parameters import HaproxyParameters
from canarypolicy.documents.secrets import World
from canarypolicy.live.protocols import NotDone

from live.haproxy_server import running_haproxy
from live.versions import count, load, serving

pytestmark = [pytest.mark.live, pytest.mark.skipif(sys.platform == "win32", reason="HAProxy is no program for Windows")]

WORLD = World(variables={}, read_file=lambda path: "")


@pytest.fixture(scope="module")
def versions():
    with serving("v1", "v2") as ports:
        yield ports


@pytest.fixture(scope="module")
def haproxy(versions):
    with running_haproxy(versions) as running:
        yield running


def actuator(running, **more):
    written = {"socket": running.socket, "backend": "shop", "canary": "v2", "baseline": "v1", **more}
    return Haproxy("traffic", HaproxyParameters.model_validate(written), WORLD)


@pytest.mark.parametrize("socket", ["socket", "tcp_socket"])
def test_the_traffic_is_split_as_asked_and_no_request_fails(haproxy, socket):
    """10, 50, 100, back to 0: read back to the point, counted within 3 points, and a client without retries sees no fault."""
    traffic = actuator(haproxy, socket=getattr(haproxy, socket))
    with load(haproxy.port) as background:
        for percent in (10, 50, 100, 0):
            traffic.set(percent)
            assert traffic.read_back() == percent
            counted = count(haproxy.port, 600, background)
            assert not counted.failures
            assert counted.percent("v2") == pytest.approx(percent, abs=3)
    assert background.total > 20
    assert not background.failures


def test_setting_the_same_weight_again_is_harmless(haproxy):
    """Nothing changes, and nothing fails."""
    traffic = actuator(haproxy)
    for _ in range(2):
        traffic.set(25)
        assert haproxy.weights() == {"v1": 75, "v2": 25}


def test_what_somebody_else_did_is_read_back(haproxy):
    """Drift is seen as it is."""
    traffic = actuator(haproxy)
    traffic.set(50)
    haproxy.say("set server shop/v2 weight 150")
    assert traffic.read_back() == 75
    haproxy.say("set server shop/v1 weight 0;set server shop/v2 weight 0")
    with pytest.raises(NotDone, match="the weight of every server is 0"):
        traffic.read_back()
    traffic.set(10)
    assert traffic.read_back() == 10


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ({"canary": "v9"}, "the weight of `v9` cannot be read: HAProxy says `No such server.`"),
        ({"backend": "nowhere"}, "the weight of `v1` cannot be read: HAProxy says `No such backend.`"),
        ({"socket": "/nowhere/s.sock"}, "no answer from HAProxy: its socket is not there"),
        ({"socket": "tcp://127.0.0.1:1"}, "no answer from HAProxy: connection refused"),
    ],
)
def test_errors_are_text_and_are_said(haproxy, written, why):
    """HAProxy's own words, for setting and for reading."""
    traffic = actuator(haproxy, **written)
    for act in (lambda: traffic.set(10), traffic.read_back):
        with pytest.raises(NotDone) as raised:
            act()
        assert raised.value.why == why


def test_a_static_algorithm_is_said(versions):
    """`balance static-rr` takes no weights at run time, and HAProxy says so."""
    with running_haproxy(versions, balance="static-rr") as running:
        with pytest.raises(NotDone, match=r"cannot be set to 10: HAProxy says `Backend is using a static LB algorithm"):
            actuator(running).set(10)
        assert actuator(running).read_back() == 0


def test_a_stopped_haproxy_is_not_done_within_the_time_limit(haproxy):
    """It accepts and says nothing; when it goes on, all is well again."""
    traffic = actuator(haproxy, timeout="500ms")
    traffic.set(10)
    haproxy.stop()
    try:
        for act in (lambda: traffic.set(50), traffic.read_back):
            started = time.monotonic()
            with pytest.raises(NotDone, match="no whole answer from HAProxy within 500ms"):
                act()
            assert time.monotonic() - started < 10  # the limit, and a very busy machine
    finally:
        haproxy.go_on()
    traffic.set(50)
    assert traffic.read_back() == 50


def test_a_reload_forgets_the_weights(versions):
    """The file's weights are back: only reading back at every tick sees it."""
    with running_haproxy(versions) as running:
        traffic = actuator(running)
        traffic.set(50)
        running.reload()
        assert traffic.read_back() == 0
        assert running.process.poll() is None


def test_kept_weights_survive_a_reload_and_no_request_fails(versions):
    """With `persist` and `load-server-state-from-file`; each weight that was set is the one that is kept."""
    with running_haproxy(versions, persist=True) as running:
        traffic = actuator(running, persist={"state_file": str(running.state_file)})
        with load(running.port) as background:
            for percent in (50, 10):
                traffic.set(percent)
                running.reload()
                assert traffic.read_back() == percent
                assert count(running.port, 300, background).percent("v2") == pytest.approx(percent, abs=3)
        assert not background.failures


def test_weights_that_cannot_be_kept_are_not_done(versions, tmp_path):
    """The split is as asked, and yet a reload would lose it."""
    with running_haproxy(versions, persist=True) as running:
        traffic = actuator(running, persist={"state_file": str(tmp_path / "nowhere" / "state")})
        with pytest.raises(NotDone) as raised:
            traffic.set(50)
        assert raised.value.why == (
            "the weights are set, but not kept for a reload: `state` cannot be written: No such file or directory"
        )
        assert traffic.read_back() == 50


def test_reading_while_a_reload_goes_on_is_true_or_not_done(versions):
    """Whatever is read is one of the two weights that were in force; everything else is `NotDone`, to be asked again."""
    with running_haproxy(versions) as running:
        traffic = actuator(running, timeout="1s")
        traffic.set(50)
        running.process.send_signal(signal.SIGUSR2)  # without waiting for the new worker
        seen = set()
        for _ in range(60):
            try:
                seen.add(traffic.read_back())
            except NotDone:
                time.sleep(0.01)
        assert seen <= {0.0, 50.0, 100 * 50 / 150}
        running.reload()
        assert traffic.read_back() == 0
