from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import threading

import pytest
from canarypolicy.derived.window import Missing
from canarypolicy.documents.secrets import Secret
from canarypolicy.sources import bounded_http
from canarypolicy.sources.bounded_http import MOST_CONNECTIONS, Answer, Exchange, post_all
from canarypolicy.sources.http_server import Server

from http_fakes import FakeKeepingServer, FakePrometheus
from raw_fakes import (
    FakeClosingServer,
    FakeFloodingServer,
    FakeForgetfulServer,
    FakeGarbageServer,
    FakeHangingUpServer,
    FakeHungServer,
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


def forms(count):
    return [{"query": str(number)} for number in range(count)]


def answered(count):
    return [Answer(status=200, body=str(number).encode()) for number in range(count)]


def test_requests_go_out_together_and_their_connections_are_kept():
    """
    The server answers none before all 20 have arrived; the next two ticks open no further connection.
    """
    fake = FakeKeepingServer(together=20)
    with fake.serving() as url:
        exchange = Exchange(server_at(url, timeout_us=20_000_000))
        try:
            for _ in range(3):
                assert exchange.post_all(forms(20)) == answered(20)
        finally:
            exchange.close()
    assert fake.connections == 20
    assert fake.requests == 60


def test_never_more_connections_than_there_may_be():
    fake = FakeKeepingServer(together=MOST_CONNECTIONS)
    with fake.serving() as url:
        exchange = Exchange(server_at(url, timeout_us=20_000_000))
        assert exchange.post_all(forms(3 * MOST_CONNECTIONS)) == answered(3 * MOST_CONNECTIONS)
        exchange.close()
    assert fake.connections == MOST_CONNECTIONS


def test_a_kept_connection_that_the_server_closed_is_replaced():
    """
    A server that closes what is idle, as all do in time, costs no answer.
    """
    fake = FakeClosingServer()
    with fake.serving() as url:
        exchange = Exchange(server_at(url, timeout_us=20_000_000))
        for _ in range(3):
            assert exchange.post_all([{}]) == [Answer(status=200, body=b"ok")]
        exchange.close()
    assert fake.connections == 3


def test_a_kept_connection_that_is_closed_instead_of_answered_is_replaced():
    """
    The server's closing and our next request may cross; a new connection that ends so is a reason, not a reason to go on.
    """
    fake = FakeForgetfulServer()
    with fake.serving() as url:
        exchange = Exchange(server_at(url, timeout_us=20_000_000))
        for _ in range(3):
            assert exchange.post_all([{}]) == [Answer(status=200, body=b"ok")]
        exchange.close()
    assert fake.connections == 3


def test_a_connection_whose_answer_came_too_late_is_not_asked_again():
    """
    Else the late answer to the last question would be taken for the answer to the next.
    """
    fake = FakeKeepingServer(together=2)
    with fake.serving() as url:
        exchange = Exchange(server_at(url, timeout_us=300_000))
        assert exchange.post_all([{"query": "old"}]) == [Missing(why="no answer from `prom` within 300ms")]
        assert exchange.post_all([{"query": "new"}]) == [Answer(status=200, body=b"new")]
        exchange.close()
    assert fake.connections == 2


def test_after_close_nothing_is_left_and_asking_opens_anew():
    before = threading.active_count()
    fake = FakePrometheus({"up": (200, b"1")})
    with fake.serving() as url:
        within = threading.active_count()
        exchange = Exchange(server_at(url, timeout_us=5_000_000))
        exchange.close()
        for _ in range(2):
            assert exchange.post_all([{"query": "up"}]) == [Answer(status=200, body=b"1")]
            exchange.close()
            exchange.close()
        loops = [each for each in threading.enumerate() if each.name.startswith("canarypolicy")]
        assert not loops
        assert within >= before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_process_opens_connections_of_its_own():
    """
    Two processes on one connection would read one another's answers.
    """
    fake = FakeKeepingServer(together=1)
    with fake.serving() as url:
        code = f"""if True:
            import gc, os
            from canarypolicy.documents.secrets import Secret
            from canarypolicy.sources.bounded_http import Exchange
            from canarypolicy.sources.http_server import Server
            host, _, port = {url!r}.partition("//")[2].partition(":")
            server = Server(label="`prom`", url=Secret({url!r}), host=host, port=int(port), timeout_us=5_000_000)
            exchange = Exchange(server)
            assert exchange.post_all([dict(query="1")])[0].body == b"1"
            child = os.fork()
            if not child:
                assert exchange.post_all([dict(query="2")])[0].body == b"2"
                gc.collect()
                exchange.close()
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
            assert exchange.post_all([dict(query="3")])[0].body == b"3"
            exchange.close()
        """
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert fake.connections == 2


def test_a_process_that_never_closes_still_ends():
    fake = FakeKeepingServer(together=1)
    with fake.serving() as url:
        code = f"""if True:
            from canarypolicy.documents.secrets import Secret
            from canarypolicy.sources.bounded_http import Exchange
            from canarypolicy.sources.http_server import Server
            host, _, port = {url!r}.partition("//")[2].partition(":")
            exchange = Exchange(Server(label="`p`", url=Secret({url!r}), host=host, port=int(port), timeout_us=5_000_000))
            print(exchange.post_all([dict(query="1")])[0].status)
        """
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60, check=False
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, "200\n", "")
