"""
One kept connection to a server: a request is sent, and its answer read as far as it comes.

h11 knows HTTP/1.1, asyncio the network. httpx, which other parts use, takes some 3 ms of processor time a request once 30
go out together, since its pool looks through all connections at each event; a tick may have 30 ms for all of its own.
No time limit is kept here, and no sentence is made.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_CHUNK_BYTES = 2**16


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """
    What is sent; it may hold secrets, so it has no text form.
    """

    method: str
    target: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(slots=True, kw_only=True)
class Received:
    """
    What has been received of an answer so far.
    """

    status: int = 0
    """0: nothing yet."""
    body: bytearray = field(default_factory=bytearray, repr=False)


class NotHttp(Exception):
    """
    The other side broke off, or says something that is not HTTP.
    """


class TooLarge(Exception):
    """
    The answer is larger than anybody wants.
    """


class HttpConnection:
    """
    A connection that takes one request after another while the server keeps it open.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        import h11  # noqa: PLC0415 - only who asks a server needs it

        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT)
        self.is_fresh = True
        """Whether nothing was ever answered on it."""

    @property
    def is_usable(self) -> bool:
        """
        Tell whether another request may be sent, as far as one can see.
        """
        import h11  # noqa: PLC0415 - loaded already

        return self._http.our_state is h11.IDLE and not self._reader.at_eof() and not self._writer.is_closing()

    async def ask(self, request: Request, received: Received, largest_bytes: int) -> None:
        """
        Send a request and receive its answer; the connection is usable again if both went well.
        """
        import h11  # noqa: PLC0415 - loaded already

        headers = [*request.headers.items(), *([("Content-Length", str(len(request.body)))] if request.body else [])]
        try:
            head = self._http.send(h11.Request(method=request.method, target=request.target, headers=headers))
            body = self._http.send(h11.Data(data=request.body)) if request.body else b""
            self._writer.write((head or b"") + (body or b"") + (self._http.send(h11.EndOfMessage()) or b""))
            await self._writer.drain()
            await self._receive(received, largest_bytes)
        except (h11.RemoteProtocolError, OSError) as error:
            raise NotHttp from error
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            self.is_fresh = False

    async def _receive(self, received: Received, largest_bytes: int) -> None:
        import h11  # noqa: PLC0415 - loaded already

        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await self._reader.read(_CHUNK_BYTES))
            elif isinstance(event, h11.Response):
                received.status = event.status_code
            elif isinstance(event, h11.Data):
                received.body += event.data
                if len(received.body) > largest_bytes:
                    raise TooLarge
            elif isinstance(event, h11.EndOfMessage):
                return
            elif not isinstance(event, h11.InformationalResponse):
                raise NotHttp

    def close(self) -> None:
        """
        Close at once, whatever is under way.
        """
        self._writer.transport.abort()


async def connect(addresses: Sequence[tuple[str, int]], host: str, tls: ssl.SSLContext | None) -> HttpConnection:
    """
    Connect to the first address that accepts; the last one's error is raised if none does.
    """
    failure: OSError = OSError("no address")
    for address, port in addresses:
        try:
            reader, writer = await asyncio.open_connection(address, port, ssl=tls, server_hostname=None if tls is None else host)
        except OSError as error:
            failure = error
        else:
            return HttpConnection(reader, writer)
    raise failure
