"""
A small HTTP server for two pages that are read and never written: `/metrics` and `/healthz`.

It has threads of its own; whatever is asked of it, and however slowly, the rollout goes on.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from threading import BoundedSemaphore, Thread
from typing import TYPE_CHECKING, Any

from canarypolicy.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from canarypolicy.telemetry.address import ListenAddress

    Page: TypeAlias = "Callable[[str], Answer]"

_AT_ONCE = 16
_REQUEST_SECONDS = 5.0
_BACKLOG = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    What a page answers.
    """

    status: int = 200
    content_type: str
    body: bytes


class Listener:
    """
    Serves pages from the moment it is made until `close`.
    """

    def __init__(self, address: ListenAddress, pages: Mapping[str, Page]) -> None:
        """
        Listen; an address or port that cannot be had is `Unavailable`.

        `pages` is path -> what gives the answer to a request with that `Accept` header.
        """
        try:
            self._server = _Server(address, partial(_Asked, pages))
        except OSError as error:
            raise Unavailable(
                f"cannot listen at `{address}`: {(error.strerror or str(error)).lower()}",
                help="give another port to `--listen`; port 0 is any free one",
            ) from error
        self.address = replace(address, port=self._server.server_address[1])
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, name="listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """
        Stop listening.
        """
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingMixIn, TCPServer):
    daemon_threads = True
    block_on_close = False  # a client that hangs does not keep a process that ends
    allow_reuse_address = os.name != "nt"  # there it would let two processes have one port
    request_queue_size = _BACKLOG

    def __init__(self, address: ListenAddress, asked: Callable[..., BaseHTTPRequestHandler]) -> None:
        self.address_family = socket.AF_INET6 if address.is_v6 else socket.AF_INET
        self._free = BoundedSemaphore(_AT_ONCE)
        super().__init__((address.host, address.port), asked)

    def process_request(self, request: Any, client_address: Any) -> None:
        """
        Answer in a thread of its own, or hang up when too many are being answered.
        """
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """
        Let a request end that its client broke off: stderr belongs to the log.
        """


class _Asked(BaseHTTPRequestHandler):
    server_version = "canarypolicy"
    sys_version = ""
    timeout = _REQUEST_SECONDS

    def __init__(self, pages: Mapping[str, Page], *connection: Any) -> None:
        self._pages = pages
        super().__init__(*connection)

    def do_GET(self) -> None:
        answer = self._answer()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_HEAD = do_GET  # noqa: N815 - the name that the standard library calls

    def _answer(self) -> Answer:
        page = self._pages.get(self.path.partition("?")[0])
        if page is not None:
            return page(self.headers.get("Accept", ""))
        offered = "".join(f"{path}\n" for path in self._pages)
        return Answer(status=HTTPStatus.NOT_FOUND, content_type="text/plain; charset=utf-8", body=offered.encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's signature
        """
        Write nothing: stderr belongs to the log.
        """
