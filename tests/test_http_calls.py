"""
One request, one time limit: badly behaved servers, all fakes, and what is said of them.
"""

from __future__ import annotations

import socket
import ssl

import pytest
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.secrets import Secret, parse_template
from canarypolicy.documents.source_parameters import TlsConfig
from canarypolicy.errors import Unavailable
from canarypolicy.http_calls import LARGEST_BYTES, NoReply, Reply, Request, call, tls_of, url_of

from fake_service import FakeService
from programs import world
from raw_fakes import FakeRawServer


def ask(url, timeout_us=20_000_000, **more):
    return call(Request(method="GET", url=Secret(url), headers={}, timeout_us=timeout_us, **more))


def silent(connection, over):
    over.wait(20)


def dripping(connection, over):
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not over.wait(0.02):
        connection.sendall(b"x")


def broken_off(connection, over):
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")


def no_http(connection, over):
    connection.recv(65536)
    connection.sendall(b"220 ready\r\n")


@pytest.mark.parametrize(
    ("behave", "why"),
    [
        (silent, "no answer within 500ms"),
        (dripping, "no whole answer within 500ms"),
        (broken_off, "the answer broke off"),
        (no_http, "no answer in HTTP"),
    ],
)
def test_a_badly_behaved_server_is_told_as_such(behave, why):
    with FakeRawServer(behave).serving() as url:
        timeout_us = 500_000 if "within" in why else 20_000_000
        assert ask(url, timeout_us) == NoReply(why=why)


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert ask(f"http://127.0.0.1:{port}") == NoReply(why="no connection: connection refused")


def test_a_name_that_nobody_knows():
    assert ask("http://nowhere.invalid/") == NoReply(why="no connection: the server cannot be reached")


def test_too_large_an_answer_is_none():
    with FakeService(lambda asked: (200, b"x" * (LARGEST_BYTES + 1))).serving() as url:
        assert ask(url) == NoReply(why="the answer is larger than 1 MiB")


def test_variables_that_name_a_proxy_are_not_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with FakeService(lambda asked: (200, {})).serving() as url:
        assert ask(url) == Reply(status=200, body=b"{}")


def test_a_request_and_a_reply_show_nothing():
    request = Request(method="GET", url=Secret("http://hunter2"), headers={"A": Secret("hunter2")}, body=b"hunter2", timeout_us=1)
    assert "hunter2" not in repr(request)
    assert "hunter2" not in repr(Reply(status=200, body=b"hunter2"))


def test_the_password_in_an_address_is_kept_from_texts():
    keeper = Keeper("notifier `1`", world())
    url_of(keeper, parse_template("http://me:hunter2@host/"), "url")
    assert keeper.shown("login of me with hunter2 failed") == "login of me with *** failed"


def test_whom_to_trust(tmp_path):
    keeper = Keeper("notifier `1`", world())
    assert tls_of(keeper, TlsConfig()) is True
    assert tls_of(keeper, TlsConfig(insecure_skip_verify=True)) is False
    empty = tmp_path / "ca.pem"
    empty.write_text("nothing")
    for path, why in ((empty, "it holds no certificate"), (tmp_path / "nowhere", "it cannot be read")):
        with pytest.raises(Unavailable) as raised:
            tls_of(keeper, TlsConfig(ca_file=str(path)))
        assert raised.value.message == f"`ca_file` of notifier `1` is of no use: {why}"


def test_a_server_that_speaks_no_tls():
    with FakeService(lambda asked: (200, {})).serving() as url:
        reply = ask(url.replace("http:", "https:"), tls=ssl.create_default_context())
    assert reply == NoReply(why="no connection: the server does not speak TLS as asked")
