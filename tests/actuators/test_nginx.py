"""
What needs no nginx; the rest is in `tests/live/test_actuator_nginx.py`.
"""

from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import cycle
from threading import Thread

import pytest
from canarypolicy.actuators.nginx import Nginx
from canarypolicy.documents.proxy_parameters import NginxParameters
from canarypolicy.documents.secrets import World
from canarypolicy.errors import Unavailable
from canarypolicy.live.protocols import NotDone

from raw_fakes import FakeHungServer


class FakeWorkers:
    """
    Answers each connection with the next of these percents, as old and new workers of nginx do in turns.
    """

    def __init__(self, *percents):
        self.percents = iter(percents)

    @contextmanager
    def serving(self):
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = next(fake.percents).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        with HTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = Thread(target=server.serve_forever, args=(0.02,))
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_address[1]}/split"
            finally:
                server.shutdown()
                thread.join()


def actuator(probe_url, variables=None, **more):
    written = {
        "include": "/nowhere/split.conf", "variable": "version", "canary": "v2", "baseline": "v1",
        "pid_file": "/nowhere/pid", "probe_url": probe_url, **more,
    }  # fmt: skip
    world = World(variables=variables or {}, read_file=lambda path: "")
    return Nginx("traffic", NginxParameters.model_validate(written), world)


def why(act):
    with pytest.raises(NotDone) as raised:
        act()
    return raised.value.why


def test_workers_that_do_not_agree_are_asked_until_they_do():
    """Five equal answers in a row; one worker's answer is not the others'."""
    with FakeWorkers("10", "50", "10", "10", "10", "10", "50", *["50.5"] * 5).serving() as address:
        assert actuator(address).read_back() == 50.5


def test_workers_that_never_agree_are_said():
    """Within the time limit."""
    fake = FakeWorkers()
    fake.percents = cycle(("10", "50"))
    with fake.serving() as address:
        said = why(actuator(address, timeout="300ms").read_back)
    assert said == "nginx's workers did not all tell the same percent within 300ms"


@pytest.mark.parametrize("text", ["", "ten", "-1", "1e1", "10%", "10.123", "<html>"])
def test_what_is_no_percent_is_said(text):
    """Whatever else lives at the address."""
    with FakeWorkers(text).serving() as address:
        assert why(actuator(address).read_back) == f"`probe_url` gives a percent, found HTTP 200 with `{text}`"


def test_more_than_all_is_said():
    """It is no percent either."""
    with FakeWorkers("150").serving() as address:
        assert why(actuator(address).read_back) == "nginx: a weight is between 0 and 100, found `150`"


def test_a_silent_nginx_is_not_done_within_the_time_limit():
    """It accepts and says nothing."""
    with FakeHungServer().serving() as address:
        said = why(actuator(address, timeout="300ms").read_back)
    assert said == "nginx's workers did not all tell the same percent within 300ms"


def test_secrets_are_not_shown():
    """What is brought in is masked wherever it comes back."""
    with FakeWorkers("planted-secret").serving() as address:
        traffic = actuator("${env:URL}?${env:TOKEN}", {"URL": address, "TOKEN": "planted-secret"})
        assert why(traffic.read_back) == "`probe_url` gives a percent, found HTTP 200 with `***`"


def test_an_address_that_is_none_is_unavailable():
    """Said when the actuator is made."""
    with pytest.raises(Unavailable, match=r"`probe_url` of actuator `traffic` is no address"):
        actuator("${env:URL}", {"URL": "nowhere"})
