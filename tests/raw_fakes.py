"""
Small real servers on loopback that answer badly, byte by byte, or not at all. All are fakes and say so.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread


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
