"""
One HTTP request, answered whole within one time limit, or why not.

A server may accept and say nothing, send a byte now and then, or never end: the limit holds all the same.
Redirects are not followed, and proxies of the environment are not used. Many requests at once to one server are another
matter: `canarypolicy.sources.bounded_http`.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from canarypolicy.documents.duration import SECOND_US, format_duration
from canarypolicy.documents.secrets import Secret
from canarypolicy.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.documents.keeper import Keeper
    from canarypolicy.documents.secrets import Template
    from canarypolicy.documents.source_parameters import TlsConfig

LARGEST_BYTES = 2**20
_GRACE_SECONDS = 2.0
"""For closing the connection, on a busy machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """
    What to send, and how long it may take as a whole.
    """

    method: str
    url: Secret
    headers: Mapping[str, Secret]
    body: bytes | None = field(default=None, repr=False)
    tls: ssl.SSLContext | bool = True
    """The certificates to trust; True: the usual ones, False: all."""
    timeout_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """
    A whole answer.
    """

    status: int
    body: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False, compare=False)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class NoReply:
    """
    Why there is no answer, without the address, which may be a secret.
    """

    why: str


def call(request: Request) -> Reply | NoReply:
    """
    Send a request and give its answer no later than shortly after the time limit.
    """
    reply: Future[Reply | NoReply] = Future()
    # A daemon: resolving a name cannot be interrupted, and must not keep anybody waiting.
    Thread(target=_settle, args=(reply, request), daemon=True).start()
    try:
        return reply.result(request.timeout_us / SECOND_US + _GRACE_SECONDS)
    except TimeoutError:
        return _too_late(request)


def url_of(keeper: Keeper, template: Template, key: str) -> Secret:
    """
    Give an address that can be asked; what is none, once its substitutions are brought in, is `Unavailable`.
    """
    url = keeper.secret(template, key)
    try:
        address = urlsplit(url.reveal())
        is_address = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
        is_sendable = url.reveal().isprintable() and " " not in url.reveal()
    except ValueError:  # a port that is no number
        is_address, is_sendable, address = False, False, urlsplit("")
    if not is_address or not is_sendable:
        raise Unavailable(f"`{key}` of {keeper.place} is no address", help="expected `http://HOST:PORT/...` or `https://...`")
    if address.password:
        keeper.secrets.append(Secret(address.password))
    return url


def headers_of(keeper: Keeper, headers: Mapping[str, Template]) -> dict[str, Secret]:
    """
    Give headers that can be sent; a value that HTTP cannot carry is `Unavailable`.
    """
    return {name: header(keeper, keeper.secret(value, name), name) for name, value in headers.items()}


def header(keeper: Keeper, value: Secret, key: str) -> Secret:
    """
    Give a header's value if HTTP can carry it.
    """
    if not value.reveal().isascii() or not value.reveal().isprintable():
        raise Unavailable(f"`{key}` of {keeper.place} cannot be sent in a header: it holds more than printable ASCII")
    return value


def tls_of(keeper: Keeper, config: TlsConfig) -> ssl.SSLContext | bool:
    """
    Give the certificates to trust; a file without any is `Unavailable`.
    """
    if config.insecure_skip_verify:
        return False
    if config.ca_file is None:
        return True
    return trust(keeper, keeper.text(config.ca_file, "ca_file"))


def trust(keeper: Keeper, ca_file: str) -> ssl.SSLContext:
    """
    Trust the certificates of a file, and no others.
    """
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else "it cannot be read"
        raise Unavailable(f"`ca_file` of {keeper.place} is of no use: {why}") from None


def _settle(reply: Future[Reply | NoReply], request: Request) -> None:
    try:
        reply.set_result(asyncio.run(_ask(request)))
    except BaseException as error:  # noqa: BLE001 - a mistake of ours belongs to the caller's thread
        reply.set_exception(error)


async def _ask(request: Request) -> Reply | NoReply:
    import httpx  # noqa: PLC0415 - only who asks a server needs it

    headers = {"Accept-Encoding": "identity", **{name: value.reveal() for name, value in request.headers.items()}}
    # Where no certificate is shown none is judged, and reading the usual ones takes longer than all the rest.
    verify = request.tls if request.url.reveal()[:6].lower() == "https:" else False
    body = bytearray()
    has_begun = False
    try:
        async with (
            asyncio.timeout(request.timeout_us / SECOND_US),
            httpx.AsyncClient(headers=headers, verify=verify, timeout=None, trust_env=False) as client,  # noqa: S113 - one limit for all of it
            client.stream(request.method, request.url.reveal(), content=request.body) as response,
        ):
            has_begun = True
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > LARGEST_BYTES:
                    return NoReply(why=f"the answer is larger than {LARGEST_BYTES // 2**20} MiB")
            return Reply(status=response.status_code, body=bytes(body), headers=tuple(response.headers.multi_items()))
    except TimeoutError:
        return _too_late(request, has_begun=has_begun)
    except httpx.ConnectError as error:
        return NoReply(why=f"no connection: {why_not_connected(error)}")
    except httpx.HTTPError:
        return NoReply(why="the answer broke off" if has_begun else "no answer in HTTP")


def _too_late(request: Request, *, has_begun: bool = False) -> NoReply:
    return NoReply(why=f"no {'whole ' if has_begun else ''}answer within {format_duration(request.timeout_us)}")


def why_not_connected(error: BaseException) -> str:
    """
    Say what is behind a failed connection, without the address.
    """
    causes = tuple(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return "the certificate is not trusted"
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "the server does not speak TLS as asked"
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return "connection refused"
    return "the server cannot be reached"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for each in error.exceptions:
                yield from _causes(each)
        error = error.__cause__ or error.__context__
