"""
The address at which a run serves its metrics.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

_FORM = "expected ADDRESS:PORT, such as `127.0.0.1:9464` or `[::1]:9464`"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenAddress:
    """
    An IP address and a port; port 0 is any free one.
    """

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """
        Tell whether only this machine can ask there.
        """
        return ip_address(self.host).is_loopback

    @property
    def is_v6(self) -> bool:
        return ip_address(self.host).version == 6

    def __str__(self) -> str:
        host = f"[{self.host}]" if self.is_v6 else self.host
        return f"{host}:{self.port}"


def parse_listen_address(text: str) -> ListenAddress:
    """
    Read `ADDRESS:PORT`; what is none is a `ValueError` whose text says so.

    A name other than `localhost` is refused: which of its addresses would be listened at, nobody could tell.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not host:
        raise ValueError(f"`{text}` names no address or no port: {_FORM}")
    if host.startswith("[") != host.endswith("]") or (":" in host and not host.startswith("[")):
        raise ValueError(f"`{text}` is not an address and a port: {_FORM}")
    if not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise ValueError(f"`{port}` is not a port: expected 0 to 65535")
    return ListenAddress(host=_address(host.strip("[]"), text), port=int(port))


def _address(host: str, text: str) -> str:
    if host == "localhost":
        return "127.0.0.1"
    try:
        return str(ip_address(host))
    except ValueError as error:
        raise ValueError(f"`{host}` in `{text}` is not an IP address: {_FORM}") from error
