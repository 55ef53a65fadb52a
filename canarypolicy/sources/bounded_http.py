"""
Many HTTP requests at once, each answered whole within one time limit, or why not; connections are kept between the ticks.

A server may accept and say nothing, send a byte now and then, or never end: the limit holds all the same.
Nothing is known here of what is asked; redirects are not followed, and proxies of the environment are not used.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.derived.window import Missing
from canarypolicy.documents.duration import SECOND_US, format_duration
from canarypolicy.sources.http_connection import HttpConnection, NotHttp, Received, Request, TooLarge, connect
from canarypolicy.sources.http_server import Requests
from canarypolicy.sources.loop_thread import LoopThread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from canarypolicy.sources.http_server import Server

LARGEST_BYTES = 16 * 2**20
MOST_CONNECTIONS = 32
_GRACE_SECONDS = 2.0
"""For taking in the last answers, on a busy machine."""


_OF_PARENTS: list[object] = []
"""What a forked process inherited: let go, it would unregister the sockets of its parent, with which it shares a selector."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    A whole answer.
    """

    status: int
    body: bytes

    @property
    def status_text(self) -> str:
        """
        Say the status with its words, where it has any.
        """
        try:
            return f"HTTP {self.status} ({HTTPStatus(self.status).phrase})"
        except ValueError:
            return f"HTTP {self.status}"


Answered: TypeAlias = Answer | Missing


class Exchange:
    """
    A server and the connections to it.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._requests = Requests(server)
        self._thread: LoopThread | None = None
        self._talk: _Talk | None = None

    def post_all(self, forms: Sequence[Mapping[str, str]]) -> list[Answered]:
        """
        Post every form and give the answers in their order, no later than shortly after the time limit.
        """
        return self._ask_all([self._requests.post(form) for form in forms])

    def get(self) -> Answered:
        """
        Get what is at the server's address.
        """
        return self._ask_all([self._requests.get()])[0]

    def close(self) -> None:
        """
        Close all connections. Asked again, it opens new ones.
        """
        if self._thread is not None:
            self._thread.close()  # the connections end with it
        self._forget()

    def _ask_all(self, requests: Sequence[Request]) -> list[Answered]:
        if self._thread is None or self._talk is None or not self._thread.is_running:
            self._forget()
            self._thread, self._talk = LoopThread(), _Talk(self._server, self._requests)
        seconds = self._server.timeout_us / SECOND_US
        answers = self._thread.start(self._talk.ask_together(requests, monotonic() + seconds))
        try:
            return answers.result(seconds + _GRACE_SECONDS)
        except TimeoutError:
            answers.cancel()
            return [_too_late(self._server)] * len(requests)

    def _forget(self) -> None:
        if self._thread is not None and self._thread.is_of_a_parent:
            _OF_PARENTS.append((self._thread, self._talk))
        self._thread = self._talk = None


def post_all(server: Server, forms: Sequence[Mapping[str, str]]) -> list[Answered]:
    """
    Post every form over connections of their own.
    """
    exchange = Exchange(server)
    try:
        return exchange.post_all(forms)
    finally:
        exchange.close()


class _Talk:
    """
    The connections to a server; all of it runs in the loop's thread.
    """

    def __init__(self, server: Server, requests: Requests) -> None:
        self._server = server
        self._requests = requests
        self._idle: list[HttpConnection] = []
        self._turns = asyncio.Semaphore(MOST_CONNECTIONS)
        self._resolved: asyncio.Future[list[tuple[str, int]]] | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def ask_together(self, requests: Sequence[Request], deadline: float) -> list[Answered]:
        """
        Send all requests at once and give the answers in their order.
        """
        until = asyncio.get_running_loop().time() + deadline - monotonic()
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())
        self._resolved = None  # names are looked up anew, once, if a connection is needed
        self._drop_closed()
        return await asyncio.gather(*(self._ask(request, until) for request in requests))

    async def _keep(self) -> None:
        """
        Close the idle connections when the loop ends, and its tasks with it; those in use are closed by who uses them.
        """
        try:
            await asyncio.Event().wait()
        finally:
            for connection in self._idle:
                connection.close()

    def _drop_closed(self) -> None:
        usable = [connection for connection in self._idle if connection.is_usable]
        for connection in self._idle:
            if connection not in usable:
                connection.close()
        self._idle = usable

    async def _ask(self, request: Request, until: float) -> Answered:
        label, received = self._server.label, Received()
        try:
            async with asyncio.timeout_at(until), self._turns:
                await self._exchange(request, received)
        except TimeoutError:
            return _too_late(self._server, has_begun=received.status != 0)
        except TooLarge:
            return Missing(why=f"the answer of {label} is larger than {LARGEST_BYTES // 2**20} MiB")
        except _NotConnected as error:
            return Missing(why=f"no connection to {label}: {error}")
        except NotHttp:
            return Missing(why=f"{label} broke off its answer" if received.status else f"{label} did not answer in HTTP")
        return Answer(status=received.status, body=bytes(received.body))

    async def _exchange(self, request: Request, received: Received) -> None:
        """
        Ask over a kept connection or a new one; a kept one may have been closed in the meantime.
        """
        while True:
            connection = self._idle.pop() if self._idle else await self._connect()
            try:
                await connection.ask(request, received, LARGEST_BYTES)
            except NotHttp:
                if connection.is_fresh or received.status:
                    raise
            else:
                return
            finally:
                if connection.is_usable:
                    self._idle.append(connection)
                else:
                    connection.close()

    async def _connect(self) -> HttpConnection:
        server = self._server
        if self._resolved is None:
            self._resolved = _resolve(server.host, server.port)
        addresses = await asyncio.shield(self._resolved)
        if not addresses:
            raise _NotConnected("its name cannot be resolved")
        try:
            return await connect(addresses, server.host, self._requests.tls)
        except TimeoutError as error:  # the system's own limit, not ours
            raise _NotConnected("it cannot be reached") from error
        except OSError as error:
            raise _NotConnected(_why_not_connected(error)) from error


class _NotConnected(Exception):
    """
    There is no connection; carries why.
    """


def _resolve(host: str, port: int) -> asyncio.Future[list[tuple[str, int]]]:
    """
    Resolve a name in a thread of its own, which nothing can interrupt and nobody waits for; no address: it has none.
    """
    loop = asyncio.get_running_loop()
    resolved: asyncio.Future[list[tuple[str, int]]] = loop.create_future()

    def settle(addresses: list[tuple[str, int]]) -> None:
        if not resolved.done():
            resolved.set_result(addresses)

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            addresses = [(str(address[0]), port) for *_, address in found]
        except (OSError, UnicodeError):
            addresses = []
        with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
            loop.call_soon_threadsafe(settle, addresses)

    Thread(target=look_up, daemon=True).start()
    return resolved


def _too_late(server: Server, *, has_begun: bool = False) -> Missing:
    whole = "whole " if has_begun else ""
    return Missing(why=f"no {whole}answer from {server.label} within {format_duration(server.timeout_us)}")


def _why_not_connected(error: OSError) -> str:
    """
    Say what is behind a failed connection, without the address, which may be a secret.
    """
    match error:
        case ssl.SSLCertVerificationError():
            return "its certificate is not trusted"
        case ssl.SSLError():
            return "it does not speak TLS as asked"
        case ConnectionRefusedError():
            return "connection refused"
        case _:
            return "it cannot be reached"
