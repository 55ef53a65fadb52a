"""
Two tiny versions of an application for proxies to stand before, and a client that counts who answered.

Started as a process of its own: `versions.py v1 v2` prints a port each and answers every GET with the version's name.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


class Server(ThreadingHTTPServer):
    """
    Takes in bursts of connections, as a proxy opens them.
    """

    request_queue_size = 128
    daemon_threads = True


def handler(version: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            # One write: two of them wait for each other's acknowledgement.
            body = version.encode()
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def serving(*names: str):
    """
    Serve each version on a port of its own, in one other process; gives the ports by name.
    """
    process = subprocess.Popen([sys.executable, __file__, *names], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield {name: int(process.stdout.readline()) for name in names}
    finally:
        process.stdin.close()
        process.stdout.close()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def get(port: int, path: str = "/") -> tuple[int, str]:
    """
    Ask once on a new connection, and never again: status and body; whatever goes wrong is an `OSError`.
    """
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    head, blank, body = answer.partition(b"\r\n\r\n")
    if not blank:
        raise ConnectionError(f"no whole answer: {answer!r}")
    return int(head.split(b" ", 2)[1]), body.decode()


class Counted:
    """
    Who answered, and what went wrong.
    """

    def __init__(self) -> None:
        self.by_version: Counter[str] = Counter()
        self.failures: list[str] = []

    @property
    def total(self) -> int:
        return self.by_version.total() + len(self.failures)

    def percent(self, version: str) -> float:
        return 100 * self.by_version[version] / self.by_version.total()

    def ask(self, port: int) -> None:
        try:
            status, body = get(port)
        except OSError as error:
            self.failures.append(repr(error))
            return
        if status == 200:
            self.by_version[body] += 1
        else:
            self.failures.append(f"{status} {body[:80]}")


def count(port: int, requests: int, beside: Counted | None = None) -> Counted:
    """
    Ask so many times, one after the other.

    With customers `beside` it, whose requests are counted as well: a proxy that deals turns deals them to all who ask,
    so only all of them together have the split that was set.
    """
    counted = Counted()
    before = Counter() if beside is None else beside.by_version.copy()
    for _ in range(requests):
        counted.ask(port)
    if beside is not None:
        counted.by_version += beside.by_version - before
    return counted


@contextmanager
def load(port: int, per_second: int = 100):
    """
    Ask so many times a second in the background, without retries, while the block runs; gives what was counted.
    """
    counted, over = Counted(), Event()

    def run() -> None:
        while not over.wait(1 / per_second):
            counted.ask(port)

    customer = Thread(target=run)
    customer.start()
    try:
        yield counted
    finally:
        over.set()
        customer.join()


def main() -> None:
    """
    Serve until stdin is closed.
    """
    for name in sys.argv[1:]:
        server = Server(("127.0.0.1", 0), handler(name))
        Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
