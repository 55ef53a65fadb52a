"""
Many HTTP requests at once, each answered whole within one time limit, or why not.

A server may accept and say nothing, send a byte now and then, or never end: the limit holds all the same.
Nothing is known here of what is asked; redirects are not followed, and proxies of the environment are not used.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.derived.window import Missing
from canarypolicy.documents.duration import SECOND_US, format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import httpx

    from canarypolicy.documents.secrets import Secret

LARGEST_BYTES = 16 * 2**20
_CONNECTIONS = 32
_GRACE_SECONDS = 2.0
"""For closing connections and taking in the last answers, on a busy machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """
    Where to ask, as whom, and how long to wait.
    """

    label: str
    """The name by which users know it, in backticks."""
    url: Secret
    host: str
    port: int
    headers: Mapping[str, Secret]
    basic_auth: tuple[Secret, Secret] | None = None
    tls: ssl.SSLContext | bool = True
    """The certificates to trust; True: the usual ones, False: all."""
    timeout_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    A whole answer.
    """

    status: int
    body: bytes


Answered: TypeAlias = Answer | Missing


def post_all(server: Server, forms: Sequence[Mapping[str, str]]) -> list[Answered]:
    """
    Post every form and give the answers in their order, no later than shortly after the time limit.
    """
    answers: Future[list[Answered]] = Future()
    # A daemon: resolving a name cannot be interrupted, and must not keep the process from ending.
    Thread(target=_settle, args=(answers, server, forms), daemon=True).start()
    try:
        return answers.result(server.timeout_us / SECOND_US + _GRACE_SECONDS)
    except TimeoutError:
        return [_too_late(server)] * len(forms)


def _settle(answers: Future[list[Answered]], server: Server, forms: Sequence[Mapping[str, str]]) -> None:
    try:
        answers.set_result(_ask_all(server, forms))
    except BaseException as error:  # noqa: BLE001 - a mistake of ours belongs to the caller's thread
        answers.set_exception(error)


def _ask_all(server: Server, forms: Sequence[Mapping[str, str]]) -> list[Answered]:
    deadline = monotonic() + server.timeout_us / SECOND_US
    try:
        socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return [_no_connection(server, "its name cannot be resolved")] * len(forms)
    return asyncio.run(_ask_together(server, forms, deadline))


async def _ask_together(server: Server, forms: Sequence[Mapping[str, str]], deadline: float) -> list[Answered]:
    import httpx  # noqa: PLC0415 - only who asks a server needs it

    until = asyncio.get_running_loop().time() + deadline - monotonic()
    auth = None if server.basic_auth is None else httpx.BasicAuth(*(each.reveal() for each in server.basic_auth))
    async with httpx.AsyncClient(
        headers={"Accept-Encoding": "identity", **{name: value.reveal() for name, value in server.headers.items()}},
        auth=auth,
        verify=server.tls,
        timeout=None,  # noqa: S113 - each request has the one time limit as a whole
        follow_redirects=False,
        trust_env=False,
        limits=httpx.Limits(max_connections=_CONNECTIONS),
    ) as client:
        return await asyncio.gather(*(_ask(client, server, form, until) for form in forms))


async def _ask(client: httpx.AsyncClient, server: Server, form: Mapping[str, str], until: float) -> Answered:
    import httpx  # noqa: PLC0415 - only who asks a server needs it

    body = bytearray()
    has_begun = False
    try:
        async with asyncio.timeout_at(until), client.stream("POST", server.url.reveal(), data=dict(form)) as response:
            has_begun = True
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > LARGEST_BYTES:
                    return Missing(why=f"the answer of {server.label} is larger than {LARGEST_BYTES // 2**20} MiB")
        return Answer(status=response.status_code, body=bytes(body))
    except TimeoutError:
        return _too_late(server, has_begun=has_begun)
    except httpx.ConnectError as error:
        return _no_connection(server, _why_not_connected(error))
    except httpx.HTTPError:
        return Missing(why=f"{server.label} broke off its answer" if has_begun else f"{server.label} did not answer in HTTP")


def _too_late(server: Server, *, has_begun: bool = False) -> Missing:
    whole = "whole " if has_begun else ""
    return Missing(why=f"no {whole}answer from {server.label} within {format_duration(server.timeout_us)}")


def _no_connection(server: Server, why: str) -> Missing:
    return Missing(why=f"no connection to {server.label}: {why}")


def _why_not_connected(error: BaseException) -> str:
    """
    Say what is behind a failed connection, without the address, which may be a secret.
    """
    causes = tuple(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return "its certificate is not trusted"
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "it does not speak TLS as asked"
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return "connection refused"
    return "it cannot be reached"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for each in error.exceptions:
                yield from _causes(each)
        error = error.__cause__ or error.__context__
