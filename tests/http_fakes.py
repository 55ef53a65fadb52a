"""
Small real servers on loopback that stand in for a Prometheus, well and badly behaved. All are fakes and say so.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
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


class FakeRawServer:
    """
    Accepts connections and does with each what it is told to; it knows no HTTP.
    """

    def __init__(self, behave: Callable[[socket.socket, Event], None]) -> None:
        self._behave = behave
        self._over = Event()

    @contextmanager
    def serving(self) -> Iterator[str]:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.settimeout(0.05)
            threads = [Thread(target=self._accept, args=(listening,))]
            threads[0].start()
            try:
                yield f"http://127.0.0.1:{listening.getsockname()[1]}"
            finally:
                self._over.set()
                threads[0].join()

    def _accept(self, listening: socket.socket) -> None:
        open_threads = []
        while not self._over.is_set():
            try:
                connection, _ = listening.accept()
            except TimeoutError:
                continue
            thread = Thread(target=self._talk, args=(connection,))
            thread.start()
            open_threads.append(thread)
        for thread in open_threads:
            thread.join()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            try:
                self._behave(connection, self._over)
            except OSError:
                pass  # the other side has gone


def _read_request(connection: socket.socket) -> None:
    connection.settimeout(5)
    connection.recv(65536)


def _hang(connection: socket.socket, over: Event) -> None:
    over.wait(60)


def _trickle(connection: socket.socket, over: Event) -> None:
    _read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not over.wait(0.05):
        connection.sendall(b" ")


def _trickle_headers(connection: socket.socket, over: Event) -> None:
    _read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not over.wait(0.05):
        connection.sendall(b"x")


def _say_garbage(connection: socket.socket, over: Event) -> None:
    _read_request(connection)
    connection.sendall(b"220 mail.example ESMTP ready\r\n")


def _hang_up(connection: socket.socket, over: Event) -> None:
    _read_request(connection)


def _break_off(connection: socket.socket, over: Event) -> None:
    _read_request(connection)
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"status":')


def _flood(connection: socket.socket, over: Event) -> None:
    _read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    piece = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    while not over.is_set():
        connection.sendall(piece)


class FakeHungServer(FakeRawServer):
    """
    Accepts and says nothing, as a stopped process does.
    """

    def __init__(self) -> None:
        super().__init__(_hang)


class FakeTricklingServer(FakeRawServer):
    """
    Sends a byte now and then, in the headers or in the body, so that no time limit between two bytes is ever reached.
    """

    def __init__(self, *, in_headers: bool = False) -> None:
        super().__init__(_trickle_headers if in_headers else _trickle)


class FakeGarbageServer(FakeRawServer):
    """
    Speaks another protocol.
    """

    def __init__(self) -> None:
        super().__init__(_say_garbage)


class FakeHangingUpServer(FakeRawServer):
    """
    Closes the connection before or within its answer.
    """

    def __init__(self, *, within: bool = False) -> None:
        super().__init__(_break_off if within else _hang_up)


class FakeFloodingServer(FakeRawServer):
    """
    Never ends its answer, and sends it as fast as it can.
    """

    def __init__(self) -> None:
        super().__init__(_flood)


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


class FakeClosingServer(FakeRawServer):
    """
    Answers once on each connection as if it kept it, and then closes it.
    """

    def __init__(self) -> None:
        super().__init__(self._answer_once)
        self.connections = 0

    def _answer_once(self, connection: socket.socket, over: Event) -> None:
        self.connections += 1
        _read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


class FakeForgetfulServer(FakeRawServer):
    """
    Answers the first request on each connection, and closes it at the second.
    """

    def __init__(self) -> None:
        super().__init__(self._answer_once)
        self.connections = 0

    def _answer_once(self, connection: socket.socket, over: Event) -> None:
        self.connections += 1
        _read_request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        _read_request(connection)
