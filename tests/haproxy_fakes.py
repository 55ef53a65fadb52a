"""
Small servers on loopback that stand in for HAProxy's stats socket, well and badly behaved. All are fakes and say so.
"""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

SET = re.compile(r"set server shop/(\w+) weight ([0-9]+)")
GET = re.compile(r"get weight shop/(\w+)")


class FakeHaproxy:
    """
    Keeps weights of one backend, `shop`, and the commands that it was sent, in HAProxy's words.

    `says` gives another answer to commands that begin so.
    """

    def __init__(self, **weights: int) -> None:
        self.weights = dict(weights)
        self.commands: list[str] = []
        self.says: dict[str, str] = {}
        self.least_total = sum(weights.values())
        self.greatest_share = 0.0

    def answer(self, line: str) -> str:
        self.commands.append(line)
        for start, said in self.says.items():
            if line.startswith(start):
                return said
        if match := SET.fullmatch(line):
            return self._set(match[1], int(match[2]))
        if match := GET.fullmatch(line):
            found = self.weights.get(match[1])
            return "No such server.\n\n" if found is None else f"{found} (initial 1)\n\n"
        if line == "show servers state shop":
            rows = [
                f"3 shop {index} {name} 127.0.0.1 2 0 {weight} 1" for index, (name, weight) in enumerate(self.weights.items())
            ]
            return "\n".join(["1", "# be_id be_name srv_id srv_name ...", *rows, "", ""])
        raise AssertionError(line)

    @property
    def sets(self) -> list[str]:
        return [line.removeprefix("set server shop/") for line in self.commands if line.startswith("set ")]

    def _set(self, server: str, weight: int) -> str:
        if server not in self.weights:
            return "No such server.\n\n"
        self.weights[server] = weight
        total = sum(self.weights.values())
        self.least_total = min(self.least_total, total)
        canary = sum(each for name, each in self.weights.items() if name.startswith("v2"))
        self.greatest_share = max(self.greatest_share, 100 * canary / total if total else 0)
        return "\n"

    @contextmanager
    def serving(self) -> Iterator[str]:
        def respond(connection: socket.socket, over: Event) -> None:
            line = connection.makefile("r", newline="\n").readline()
            connection.sendall(self.answer(line.removesuffix("\n")).encode())

        with _serving(respond) as address:
            yield address


class FakeBadHaproxy:
    """
    Answers every command in one bad way.
    """

    def __init__(self, respond: Callable[[socket.socket, Event], None]) -> None:
        self._respond = respond

    @contextmanager
    def serving(self) -> Iterator[str]:
        with _serving(self._respond) as address:
            yield address


def say_nothing(connection: socket.socket, over: Event) -> None:
    over.wait(10)


def say_a_bit_now_and_then(connection: socket.socket, over: Event) -> None:
    for _ in range(200):
        if over.wait(0.05):
            return
        connection.sendall(b"1")


def hang_up(connection: socket.socket, over: Event) -> None:
    connection.recv(1000)


def break_off(connection: socket.socket, over: Event) -> None:
    connection.recv(1000)
    connection.sendall(b"10 (ini")


def reset(connection: socket.socket, over: Event) -> None:
    connection.recv(1000)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def flood(connection: socket.socket, over: Event) -> None:
    chunk = b"1" * 2**20
    while not over.is_set():
        connection.sendall(chunk)


@contextmanager
def _serving(respond: Callable[[socket.socket, Event], None]) -> Iterator[str]:
    over = Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                with connection:
                    try:
                        respond(connection, over)
                    except OSError:
                        continue  # the one who asked has gone

        server = Thread(target=serve)
        server.start()
        try:
            yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            over.set()
            server.join()
