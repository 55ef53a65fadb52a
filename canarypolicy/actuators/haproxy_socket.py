"""
HAProxy's stats socket: one connection a command line, and every answer is text.

A HAProxy that was stopped accepts and says nothing: whoever asks gives the time by which all must be over.
"""

from __future__ import annotations

import re
import socket
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Thread
from time import monotonic
from typing import TypeAlias

from canarypolicy.live.protocols import NotDone

_LARGEST_BYTES = 16 * 2**20
_TCP = re.compile(r"(?:tcp://|ipv4@|ipv6@)(?:\[(?P<inside>[0-9A-Fa-f:.%]+)\]|(?P<host>[^\s/:\[\]@]+)):(?P<port>[0-9]{1,5})")
_LITERAL = re.compile(r"[0-9.]+|[0-9A-Fa-f:.%]*:[0-9A-Fa-f:.%]*")


@dataclass(frozen=True, slots=True)
class UnixAddress:
    """
    A socket in the file system.
    """

    path: str


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """
    A host and a port.
    """

    host: str
    port: int


Address: TypeAlias = UnixAddress | TcpAddress


def parse_address(text: str) -> Address | None:
    """
    Read a path, `unix@PATH`, `tcp://HOST:PORT`, `ipv4@HOST:PORT` or `ipv6@[HOST]:PORT`; None: it is none of them.
    """
    path = text.removeprefix("unix@")
    if path.startswith("/") and "\0" not in path:
        return UnixAddress(path)
    match = _TCP.fullmatch(text)
    if match is None or not 0 < int(match["port"]) < 2**16:
        return None
    return TcpAddress(match["inside"] or match["host"], int(match["port"]))


def ask(address: Address, line: str, until: float) -> str:
    """
    Send one command line on a connection of its own and give the whole answer, by the monotonic time `until`.

    A silent HAProxy is `TimeoutError`; one that is not there, or hangs up before it has answered, is `NotDone`.
    """
    try:
        with _connected(address, until) as connection:
            connection.settimeout(_left(until))
            connection.sendall(f"{line}\n".encode())
            answer = _whole_answer(connection, until)
    except TimeoutError:
        raise
    except OSError as error:
        raise NotDone(f"no answer from HAProxy: {_why(error)}") from None
    if not answer:
        raise NotDone("no answer from HAProxy: it hung up without one")
    return answer.decode(errors="replace")


def _connected(address: Address, until: float) -> socket.socket:
    if isinstance(address, TcpAddress):
        return socket.create_connection(_resolved(address, until), timeout=_left(until))
    if not hasattr(socket, "AF_UNIX"):
        raise NotDone("no answer from HAProxy: this system has no UNIX sockets")
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(_left(until))
        connection.connect(address.path)
    except BaseException:
        connection.close()
        raise
    return connection


def _resolved(address: TcpAddress, until: float) -> tuple[str, int]:
    if _LITERAL.fullmatch(address.host):
        return address.host, address.port
    found: Future[str] = Future()
    # A daemon: resolving a name cannot be interrupted, and must not keep the process from ending.
    Thread(target=_resolve, args=(found, address), daemon=True).start()
    return found.result(_left(until)), address.port


def _resolve(found: Future[str], address: TcpAddress) -> None:
    try:
        families = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        found.set_result(str(families[0][4][0]))
    except (OSError, UnicodeError):
        found.set_exception(NotDone("no answer from HAProxy: its name cannot be resolved"))


def _whole_answer(connection: socket.socket, until: float) -> bytes:
    answer = bytearray()
    while True:
        connection.settimeout(_left(until))
        chunk = connection.recv(2**16)
        if not chunk:
            return bytes(answer)
        answer += chunk
        if len(answer) > _LARGEST_BYTES:
            raise NotDone(f"the answer of HAProxy is larger than {_LARGEST_BYTES // 2**20} MiB")


def _left(until: float) -> float:
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _why(error: OSError) -> str:
    """
    Say what went wrong without the address, which may be a secret.
    """
    match error:
        case FileNotFoundError():
            return "its socket is not there"
        case PermissionError():
            return "its socket may not be used by this user"
        case ConnectionRefusedError():
            return "connection refused"
        case ConnectionResetError() | BrokenPipeError():
            return "the connection was broken off"
        case _:
            return error.strerror or "its socket cannot be used"
