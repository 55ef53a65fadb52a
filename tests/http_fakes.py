"""
Small real servers on loopback that stand in for a Prometheus, well and badly behaved. All are fakes and say so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Any
from urllib.parse import parse_qs

Form = dict[str, str]


class FakePrometheus:
    """
    Answers `query_range` from a table of queries; keeps what it was asked.
    """

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers
        self.asked: list[Form] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []

    @contextmanager
    def serving(self) -> Iterator[str]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {key: value[0] for key, value in parse_qs(body).items()}
                fake.asked.append(form)
                fake.headers.append(dict(self.headers))
                fake.paths.append(self.path)
                status, answer = fake.answer(form)
                self.send_response(status)
                if status in (301, 302, 307):
                    self.send_header("Location", "http://elsewhere.invalid/")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 128  # many connect at once

        server = Server(("127.0.0.1", 0), Handler)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def answer(self, form: Form) -> tuple[int, bytes]:
        answer = self.answers[form["query"]]
        if callable(answer):
            answer = answer(form)
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        return status, body if isinstance(body, bytes) else json.dumps(body).encode()


def matrix(*series: tuple[Mapping[str, str], list[tuple[float, str]]], **more: Any) -> dict[str, Any]:
    """
    Write what Prometheus answers to `query_range`.
    """
    result = [{"metric": dict(labels), "values": [list(point) for point in points]} for labels, points in series]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}, **more}


def times_of(form: Form) -> list[float]:
    start, end, step = (round(float(form[key]) * 1000) for key in ("start", "end", "step"))
    return [at / 1000 for at in range(start, end + 1, step)]


def everywhere(value: str) -> Callable[[Form], dict[str, Any]]:
    """
    Answer the same value at every time that is asked for.
    """
    return lambda form: matrix(({}, [(at, value) for at in times_of(form)]))


class FakeJsonServer:
    """
    Answers every GET with one body, over connections that it keeps.
    """

    def __init__(self, body: Any, *, status: int = 200) -> None:
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status = status
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.connections = 0

    @contextmanager
    def serving(self) -> Iterator[str]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                fake.connections += 1

            def do_GET(self) -> None:
                fake.headers.append(dict(self.headers))
                fake.paths.append(self.path)
                self.send_response(fake.status)
                if fake.status != 204:
                    self.send_header("Content-Length", str(len(fake.body)))
                self.end_headers()
                self.wfile.write(fake.body)

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class FakeKeepingServer:
    """
    Keeps its connections, and answers with the query itself, but not before so many requests have arrived together.
    """

    def __init__(self, *, together: int) -> None:
        self.connections = 0
        self.requests = 0
        self._together = together
        self._arrived = Condition()

    @contextmanager
    def serving(self) -> Iterator[str]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                with fake._arrived:
                    fake.connections += 1

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                fake._wait_for_the_others()
                answer = form["query"][0].encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 128  # many connect at once

            def handle_error(self, *_: Any) -> None:
                pass  # the other side has gone

        server = Server(("127.0.0.1", 0), Handler)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def _wait_for_the_others(self) -> None:
        with self._arrived:
            self.requests += 1
            whole = -(-self.requests // self._together) * self._together
            self._arrived.notify_all()
            self._arrived.wait_for(lambda: self.requests >= whole, timeout=10)
