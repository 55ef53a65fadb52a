"""
The small server: clients that are slow, many or gone.
"""

import http.client
import socket
from contextlib import ExitStack, closing

import pytest
from canarypolicy.errors import Unavailable
from canarypolicy.telemetry import listener as listener_module
from canarypolicy.telemetry.address import ListenAddress
from canarypolicy.telemetry.listener import Answer, Listener


@pytest.fixture
def listener(loopback):
    page = {"/x": lambda accept: Answer(content_type="text/plain", body=f"<{accept}>".encode())}
    with closing(Listener(loopback, page)) as opened:
        yield opened


def ask(listener, method="GET", path="/x"):
    connection = http.client.HTTPConnection(listener.address.host, listener.address.port, timeout=10)
    with closing(connection):
        connection.request(method, path, headers={"Accept": "text/plain"})
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Length"], answer.read()


def test_pages_are_given_what_the_client_accepts(listener):
    assert ask(listener) == (200, "12", b"<text/plain>")


def test_head_has_no_body(listener):
    assert ask(listener, "HEAD") == (200, "12", b"")


def test_a_client_that_says_nothing_keeps_nobody_waiting(listener):
    with closing(socket.create_connection((listener.address.host, listener.address.port), timeout=10)):
        assert ask(listener)[0] == 200


def test_a_client_that_says_nothing_is_let_go(listener, monkeypatch):
    monkeypatch.setattr(listener_module._Asked, "timeout", 0.05)
    with closing(socket.create_connection((listener.address.host, listener.address.port), timeout=10)) as silent:
        assert silent.recv(1) == b""


def test_too_many_at_once_are_hung_up_on_and_the_next_is_served(listener):
    with ExitStack() as silent:
        for _ in range(listener_module._AT_ONCE):
            silent.enter_context(closing(socket.create_connection((listener.address.host, listener.address.port), timeout=10)))
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            ask(listener)
    for _ in range(200):  # their threads see the end of their clients in their own time
        try:
            assert ask(listener)[0] == 200
        except (http.client.RemoteDisconnected, ConnectionResetError):
            continue
        return
    pytest.fail("nobody was served again")


def test_a_client_that_breaks_off_leaves_stderr_to_the_log(listener, capfd):
    with closing(socket.create_connection((listener.address.host, listener.address.port), timeout=10)) as broken:
        broken.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        broken.sendall(b"GET /x HTTP/1.1\r\n")
    assert ask(listener)[0] == 200
    assert ask(listener, path="/nowhere")[0] == 404
    assert capfd.readouterr().err == ""


def test_ip_v6(listener):
    if not socket.has_ipv6:
        pytest.skip("no IPv6 on this machine")
    try:
        six = Listener(ListenAddress(host="::1", port=0), {"/x": lambda _: Answer(content_type="text/plain", body=b"six")})
    except Unavailable as error:
        pytest.skip(f"no IPv6 loopback on this machine: {error}")
    with closing(six):
        assert ask(six)[2] == b"six"
