"""
A small server on loopback that stands in for Envoy's admin interface. It is a fake and says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

KEY = "shop.canary"


class FakeEnvoy:
    """
    Has a runtime key that a route reads, and reads a file of routes anew whenever it is asked for it.

    `says` gives another status and body for paths that begin so.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.fraction: dict[str, Any] = {}
        self.runtime: dict[str, str] = {}
        self.clusters = ["v1", "v2"]
        self.failures = 0
        self.file = file
        self.says: dict[str, tuple[int, str]] = {}
        self.posted: list[str] = []

    def answer(self, path: str, query: dict[str, str]) -> Any:
        match path:
            case "/runtime":
                return {"entries": {key: {"final_value": value} for key, value in self.runtime.items()}}
            case "/clusters":
                return {"cluster_statuses": [{"name": name} for name in self.clusters]}
            case "/stats":
                return {"stats": [{"name": "http.in.rds.shop.update_failure", "value": self.failures}, {"histograms": {}}]}
            case "/config_dump" if query["resource"] == "static_route_configs":
                return {"configs": [{"runtime_fraction": {"runtime_key": KEY, "default_value": self.fraction}}]}
            case "/config_dump":
                return {} if self.file is None else {"configs": [{"route_config": json.loads(self.file.read_text())}]}
        raise AssertionError(path)

    @contextmanager
    def serving(self) -> Iterator[str]:
        with ThreadingHTTPServer(("127.0.0.1", 0), _handler(self)) as server:
            thread = Thread(target=server.serve_forever, args=(0.02,))
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_address[1]}"
            finally:
                server.shutdown()
                thread.join()


def _handler(fake: FakeEnvoy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            said = next((said for start, said in fake.says.items() if self.path.startswith(start)), None)
            if said is None:
                said = 200, json.dumps(fake.answer(address.path, dict(parse_qsl(address.query))))
            self._answer(*said)

        def do_POST(self) -> None:
            fake.posted.append(self.path)
            if "/runtime_modify" not in fake.says:
                fake.runtime.update(parse_qsl(urlsplit(self.path).query))
            self._answer(*fake.says.get("/runtime_modify", (200, "OK\n")))

        def _answer(self, status: int, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Callable[..., object]) -> None:
            pass

    return Handler
