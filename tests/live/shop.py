"""
A small real shop for Prometheus to scrape: one version of it a process, real requests over HTTP, and switches for faults.

`shop.py VERSION [PORT]` prints its port and serves until its stdin is closed. Every answer says in the header `X-Version`
which version gave it. `/fault?errors=0.05&slow=1.5&sales=1&log=2` sets the faults, those that are not named to nothing:

errors  share of requests answered with 500: of each hundred exactly so many, so that a short window sees them, too
slow    factor on the time that an answer takes
sales   share of sales that fail with status 200
log     growth of the rate of ERROR lines, per second and second
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from urllib.parse import parse_qsl, urlsplit

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

OPERATIONS = {"/login": "login", "/sales": "sale", "/buy": "sale", "/reservations": "reservation_payment"}
PAGES = ("/", "/articles")
"""Pages to look at: no business is done there."""
MADE = ("/sales", "/reservations")
"""What answers 201 when it is done."""
EDGES = (0.001, 0.01, 0.05, 0.1, 0.15, 0.18, 0.2, 0.21, 0.22, 0.23, 0.24, 0.25, 0.26, 0.28, 0.3, 0.32, 0.36, 0.4, 0.5, 1, 2)
"""Close to the usual p95 of 0.2 s, to 1.2 and to 1.5 times it."""


class Share:
    """
    Picks so many of each hundred, evenly spread.
    """

    def __init__(self) -> None:
        self.of_one = 0.0
        self._owed = 0.0

    def picks(self) -> bool:
        self._owed += self.of_one
        if self._owed < 1 - 1e-9:
            return False
        self._owed -= 1
        return True


class Version:
    """
    One version of the shop: its metrics and its faults. Every child of a counter is there from the start.
    """

    def __init__(self, name: str, thinks: tuple[float, float]) -> None:
        self.name = name
        self.thinks = thinks
        self.dice = random.Random(name)
        self.errors, self.sales, self.slow, self.log_growth = Share(), Share(), 1.0, 0.0
        self.registry = CollectorRegistry()
        of = {"registry": self.registry}
        self.requests = Counter("http_requests", "Requests answered.", ["version", "code"], **of)
        for code in ("200", "201", "500"):
            self.requests.labels(name, code)  # a counter that appears with its first error has no rate for it
        self.seconds = Histogram("http_request_duration_seconds", "Time taken.", ["version"], buckets=EDGES, **of)
        self.seconds.labels(name)
        self.operations = Counter("business_operations", "What customers wanted.", ["version", "op", "result"], **of)
        for operation in OPERATIONS.values():
            for result in ("ok", "error"):
                self.operations.labels(name, operation, result)
        self.log = Counter("log_messages", "Lines in the log.", ["version", "level"], **of)
        for level in ("INFO", "ERROR"):
            self.log.labels(name, level)

    def set_faults(self, asked: dict[str, str]) -> None:
        self.errors.of_one = float(asked.get("errors", 0))
        self.sales.of_one = float(asked.get("sales", 0))
        self.slow = float(asked.get("slow", 1))
        self.log_growth = float(asked.get("log", 0))

    async def sell(self, path: str) -> tuple[int, bytes]:
        """
        Carry out what a customer wants, in the time that it takes.
        """
        started = time.perf_counter()
        first = "/" + path.split("/")[1]
        operation = OPERATIONS.get(first)
        if operation is None and first not in PAGES:
            return 404, b"there is no such thing"
        await asyncio.sleep(self.dice.uniform(*self.thinks) * self.slow)
        broken = self.errors.picks()
        failed = broken or (operation == "sale" and self.sales.picks())
        status = 500 if broken else 201 if path in MADE and not failed else 200
        self.requests.labels(self.name, str(status)).inc()
        if operation is not None:
            self.operations.labels(self.name, operation, "error" if failed else "ok").inc()
        self.log.labels(self.name, "ERROR" if broken else "INFO").inc()
        self.seconds.labels(self.name).observe(time.perf_counter() - started)
        return status, (b"sorry" if failed else b"done")

    async def answer(self, target: str) -> tuple[int, bytes]:
        url = urlsplit(target)
        if url.path == "/metrics":
            return 200, generate_latest(self.registry)
        if url.path == "/fault":
            self.set_faults(dict(parse_qsl(url.query)))
            return 200, b""
        return await self.sell(url.path)

    async def grow_errors(self) -> None:
        """
        Write more and more ERROR lines while that fault is on.
        """
        rate = 0.0
        while True:
            await asyncio.sleep(0.1)
            rate = rate + self.log_growth / 10 if self.log_growth else 0.0
            self.log.labels(self.name, "ERROR").inc(rate / 10)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """
        Answer the requests of one connection, one after the other.
        """
        try:
            while line := await reader.readline():
                _, target, _ = line.decode("latin-1").split(" ", 2)
                length = 0
                while (header := await reader.readline()) not in (b"\r\n", b""):
                    if header.lower().startswith(b"content-length:"):
                        length = int(header.split(b":")[1])
                await reader.readexactly(length)
                status, body = await self.answer(target)
                head = f"HTTP/1.1 {status} .\r\nX-Version: {self.name}\r\nContent-Type: text/plain; version=0.0.4\r\n"
                writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ValueError):
            pass  # the customer has gone, or spoke no HTTP
        finally:
            writer.close()


async def main(name: str, port: int = 0, quickest: float = 0.12, slowest: float = 0.2) -> None:
    version = Version(name, (quickest, slowest))
    server = await asyncio.start_server(version.serve, "127.0.0.1", port, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    growth = asyncio.create_task(version.grow_errors())
    await asyncio.to_thread(sys.stdin.read)
    growth.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:3]), *map(float, sys.argv[3:])))
