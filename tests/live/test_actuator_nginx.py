"""
The `nginx` actuator against a real nginx with two workers before two real servers.
"""

import os
import sys
import time

import pytest
from canarypolicy.actuators.nginx import Nginx
from canarypolicy.documents.proxy_parameters import NginxParameters
from canarypolicy.documents.secrets import World
from canarypolicy.live.protocols import NotDone

from live.nginx_server import FIRST, nginx_program, running_nginx
from live.versions import count, load, serving

pytestmark = [pytest.mark.live, pytest.mark.skipif(sys.platform != "linux", reason="nginx's workers are seen in /proc")]

WORLD = World(variables=dict(os.environ), read_file=lambda path: "")


@pytest.fixture(scope="module")
def nginx(tmp_path_factory):
    with serving("v1", "v2") as ports, running_nginx(tmp_path_factory.mktemp("nginx"), ports) as running:
        yield running


@pytest.fixture
def traffic(nginx):
    return actuator(nginx)


def actuator(running, **more):
    written = {
        "include": str(running.include), "variable": "version", "canary": "v2", "baseline": "v1",
        "pid_file": str(running.pid_file), "program": nginx_program(), "arguments": running.arguments,
        "probe_url": running.probe_url, **more,
    }  # fmt: skip
    return Nginx("traffic", NginxParameters.model_validate(written), WORLD)


def why(act):
    with pytest.raises(NotDone) as raised:
        act()
    return raised.value.why


def test_the_traffic_is_split_as_asked(nginx, traffic, record_property):
    """10, 50, 100, back to 0; requests dropped by nginx's reload are counted and shown, since it does drop some."""
    assert traffic.read_back() == 0
    with load(nginx.port) as background:
        for percent in (10, 50, 100, 0):
            traffic.set(percent)
            assert traffic.read_back() == percent
            counted = count(nginx.port, 800)
            # The ids of requests are drawn: four standard deviations of so many draws.
            drawn = 4 * (percent * (100 - percent) / 800) ** 0.5
            assert counted.percent("v2") == pytest.approx(percent, abs=max(3, drawn))
            assert not counted.failures  # after the set was confirmed there is no reload any more
    record_property("dropped by reloads", f"{len(background.failures)} of {background.total}")
    assert background.total > 20
    assert len(background.failures) < background.total / 20


def test_parts_of_a_percent(traffic):
    """Two decimals."""
    traffic.set(12.345)
    assert traffic.read_back() == pytest.approx(12.345, abs=0.01)


def test_a_weight_that_is_served_is_not_set_again(nginx, traffic):
    """A reload may drop requests, so there is none without need."""
    traffic.set(30)
    workers = children(nginx)
    traffic.set(30)
    assert children(nginx) == workers
    nginx.include.write_text(FIRST)  # somebody's file: nginx has not read it, so it serves 30 all the same
    assert traffic.read_back() == 30
    traffic.set(0)
    assert not children(nginx) & workers
    assert traffic.read_back() == 0


def children(running):
    from canarypolicy.actuators.nginx_processes import master_of

    return master_of(running.pid_file).workers()


def test_a_split_that_nginx_does_not_take_is_put_back(nginx, traffic):
    """nginx's own words; the file is as it was, and a copy lies beside it."""
    traffic.set(20)
    before = nginx.include.read_text()
    assert why(lambda: actuator(nginx, key="${unknown}").set(50)).startswith(
        'nginx does not take the split: [emerg] unknown "unknown" variable'
    )
    assert nginx.include.read_text() == before
    assert (nginx.folder / ".split.conf.before").read_text() == before
    assert traffic.read_back() == 20


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"program": "/nowhere/nginx"},
            "nginx's configuration cannot be tested: cannot start `/nowhere/nginx`: there is no such program",
        ),
        ({"pid_file": "/nowhere/pid"}, "nginx's pid file cannot be read: No such file or directory"),
        (
            {"include": "/nowhere/split.conf"},
            "the file `split.conf`, which nginx includes, cannot be read: No such file or directory",
        ),
    ],
)
def test_what_is_not_there_is_said(nginx, traffic, more, said):
    """And the file is as it was."""
    before = nginx.include.read_text()
    assert why(lambda: actuator(nginx, **more).set(77)) == said
    assert nginx.include.read_text() == before


def test_another_file_is_never_overwritten(nginx):
    """Whoever gives nginx's own configuration for the include keeps it."""
    file = nginx.folder / "n.conf"
    text = file.read_text()
    said = why(lambda: actuator(nginx, include=str(file)).set(50))
    assert (
        said
        == "the file `n.conf` is not overwritten: its first line is not `# canarypolicy writes this file anew with each weight`"
    )
    assert file.read_text() == text


def test_another_process_is_never_told_to_reload(nginx, tmp_path):
    """A pid file from before a crash may name anybody: HUP would end most programs."""
    (tmp_path / "pid").write_text(str(os.getpid()))
    said = why(lambda: actuator(nginx, pid_file=str(tmp_path / "pid")).set(50))
    assert said == "the process in nginx's pid file is no master of nginx"


def test_a_probe_that_is_no_percent_is_said(nginx):
    """The shop's own page, for example."""
    said = why(actuator(nginx, probe_url=f"http://127.0.0.1:{nginx.port}/").read_back)
    assert said in (
        "`probe_url` gives a percent, found HTTP 200 with `v1`",
        "`probe_url` gives a percent, found HTTP 200 with `v2`",
    )
    assert (
        why(actuator(nginx, probe_url="http://127.0.0.1:1/").read_back)
        == "nginx at its `probe_url`: no connection: connection refused"
    )


def test_a_stopped_nginx_is_not_done_within_the_time_limit(nginx, traffic):
    """It accepts and says nothing; when it goes on, all is well again."""
    traffic.set(10)
    short = actuator(nginx, timeout="1s")
    nginx.stop()
    try:
        for act in (lambda: short.set(50), short.read_back):
            started = time.monotonic()
            assert why(act) == "nginx's workers did not all tell the same percent within 1s"
            assert time.monotonic() - started < 10  # the limit, and a very busy machine
    finally:
        nginx.go_on()
    traffic.set(50)
    assert traffic.read_back() == 50
