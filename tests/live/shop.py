"""
A small real shop for Prometheus to scrape: two versions, real requests over HTTP, and a switch for faults.

Started as a process of its own: `shop.py canary baseline` prints its two ports and serves until it is ended.
"""

from __future__ import annotations

import random
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest


class Version:
    """
    One version of the shop, its metrics and its share of failing requests.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.failing = 0.0
        self.registry = CollectorRegistry()
        labels = ["version", "code"]
        self.requests = Counter("http_requests", "Requests answered.", labels, registry=self.registry)
        for code in ("200", "500"):
            self.requests.labels(name, code)  # a counter that appears with its first error has no rate for it
        self.seconds = Histogram(
            "http_request_duration_seconds", "Time taken.", ["version"], registry=self.registry, buckets=(0.001, 0.01, 0.1, 1)
        )

    def handler(self) -> type[BaseHTTPRequestHandler]:
        version, dice = self, random.Random(len(self.name))

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if self.path == "/metrics":
                    return self._answer(200, generate_latest(version.registry))
                if self.path.startswith("/fail/"):
                    version.failing = float(self.path.removeprefix("/fail/"))
                    return self._answer(200, b"")
                started = time.perf_counter()
                code = 500 if dice.random() < version.failing else 200
                self._answer(code, b"sold" if code == 200 else b"sorry")
                version.requests.labels(version.name, str(code)).inc()
                version.seconds.labels(version.name).observe(time.perf_counter() - started)
                return None

            def _answer(self, code: int, body: bytes) -> None:
                self.send_response(code)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def main() -> None:
    """
    Serve each version on a port of its own until stdin is closed.
    """
    for name in sys.argv[1:]:
        server = ThreadingHTTPServer(("127.0.0.1", 0), Version(name).handler())
        Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
