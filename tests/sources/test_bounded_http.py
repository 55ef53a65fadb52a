from __future__ import annotations

import socket
import ssl

import pytest
from canarypolicy.derived.window import Missing
from canarypolicy.documents.secrets import Secret
from canarypolicy.sources import bounded_http
from canarypolicy.sources.bounded_http import Answer, post_all
from canarypolicy.sources.http_server import Server

from http_fakes import (
    FakeFloodingServer,
    FakeGarbageServer,
    FakeHangingUpServer,
    FakeHungServer,
    FakePrometheus,
    FakeTricklingServer,
)


def server_at(url: str, *, timeout_us: int = 500_000, tls: ssl.SSLContext | bool = True) -> Server:
    host, _, port = url.partition("//")[2].partition(":")
    return Server(label="`prom`", url=Secret(url), host=host, port=int(port or 80), headers={}, tls=tls, timeout_us=timeout_us)


@pytest.mark.parametrize(
    ("fake", "why"),
    [
        pytest.param(FakeHungServer(), "no answer from `prom` within 500ms", id="a server that accepts and says nothing"),
        pytest.param(
            FakeTricklingServer(),
            "no whole answer from `prom` within 500ms",
            id="a body that trickles, though never idle for long",
        ),
        pytest.param(FakeTricklingServer(in_headers=True), "no answer from `prom` within 500ms", id="headers that trickle"),
        pytest.param(FakeGarbageServer(), "`prom` did not answer in HTTP", id="another protocol"),
        pytest.param(FakeHangingUpServer(), "`prom` did not answer in HTTP", id="closed without an answer"),
        pytest.param(FakeHangingUpServer(within=True), "`prom` broke off its answer", id="closed within the answer"),
    ],
)
def test_each_bad_server_is_a_reason(fake, why):
    """
    Every request ends within the limit, each bad server in a reason of its own.
    """
    with fake.serving() as url:
        assert post_all(server_at(url), [{"query": "a"}, {"query": "b"}]) == [Missing(why=why)] * 2


def test_an_endless_answer_is_cut(monkeypatch):
    monkeypatch.setattr(bounded_http, "LARGEST_BYTES", 2**20)
    with FakeFloodingServer().serving() as url:
        answers = post_all(server_at(url, timeout_us=20_000_000), [{}])
    assert answers == [Missing(why="the answer of `prom` is larger than 1 MiB")]


def test_a_refused_connection():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    assert post_all(server_at(url), [{}]) == [Missing(why="no connection to `prom`: connection refused")]


def test_a_name_that_does_not_resolve():
    answers = post_all(server_at("http://prometheus.invalid"), [{}])
    assert answers == [Missing(why="no connection to `prom`: its name cannot be resolved")]


def test_a_resolver_that_hangs_does_not_hang_us(monkeypatch):
    """
    Resolving a name cannot be interrupted: the caller goes on without it.
    """
    import threading

    over = threading.Event()

    def hang(*_, **__):
        over.wait(30)
        return []

    monkeypatch.setattr(bounded_http, "_GRACE_SECONDS", 0.1)
    monkeypatch.setattr(bounded_http.socket, "getaddrinfo", hang)
    with FakeHungServer().serving() as url:
        answers = post_all(server_at(url, timeout_us=100_000), [{}, {}])
        over.set()
    assert answers == [Missing(why="no answer from `prom` within 100ms")] * 2


def test_a_server_without_tls_where_tls_is_asked():
    with FakeGarbageServer().serving() as url:
        answers = post_all(server_at(url.replace("http:", "https:")), [{}])
    assert answers == [Missing(why="no connection to `prom`: it does not speak TLS as asked")]


def test_redirects_are_answers_and_are_not_followed():
    fake = FakePrometheus({"up": (302, b"")})
    with fake.serving() as url:
        assert post_all(server_at(url, timeout_us=5_000_000), [{"query": "up"}]) == [Answer(status=302, body=b"")]


def test_answers_keep_the_order_of_the_forms():
    """
    More requests than connections: all are answered, each in its place.
    """
    fake = FakePrometheus({str(number): lambda form: (200, form["query"].encode()) for number in range(80)})
    with fake.serving() as url:
        answers = post_all(server_at(url, timeout_us=20_000_000), [{"query": str(number)} for number in range(80)])
    assert answers == [Answer(status=200, body=str(number).encode()) for number in range(80)]


def test_a_mistake_of_ours_is_not_a_missing_value():
    """
    An error in the program reaches the caller as it is.
    """
    with pytest.raises(TypeError):
        post_all(server_at("http://127.0.0.1:9"), [None])  # type: ignore[list-item]
