"""
A server that is asked over HTTP: its address, who asks, whom to trust; and the requests that are sent to it.

Nothing is sent here. What cannot be sent, once its substitutions are brought in, is `Unavailable` and is not shown.
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, unquote, urlencode, urlsplit

from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.secrets import Secret
from canarypolicy.errors import Unavailable
from canarypolicy.sources.http_connection import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.documents.keeper import Keeper
    from canarypolicy.documents.source_parameters import HttpParameters, TlsConfig

_PORTS = {"http": 80, "https": 443}


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
    headers: Mapping[str, Secret] = field(default_factory=dict)
    basic_auth: tuple[Secret, Secret] | None = None
    tls: ssl.SSLContext | bool = True
    """The certificates to trust; True: the usual ones, False: all."""
    timeout_us: int


def server_of(keeper: Keeper, label: str, parameters: HttpParameters, *, takes_query: bool = True, path: str = "") -> Server:
    """
    Give the server that an Environment describes; `path` is added to its address.
    """
    url = keeper.secret(parameters.url, "url").reveal()
    address = _address(keeper, url, takes_query=takes_query)
    if address.password:
        keeper.secrets.append(Secret(address.password))
    headers = {name: _header(keeper, name, keeper.secret(value, name)) for name, value in parameters.headers.items()}
    if parameters.bearer_token is not None:
        token = keeper.hidden(parameters.bearer_token, "bearer_token")
        headers["Authorization"] = _header(keeper, "bearer_token", Secret(f"Bearer {token.reveal()}"))
    basic = parameters.basic_auth
    return Server(
        label=f"`{label}`",
        url=Secret(url.rstrip("/") + path if path else url),
        host=address.hostname or "",
        port=address.port or _PORTS[address.scheme],
        headers=headers,
        basic_auth=None
        if basic is None
        else (keeper.secret(basic.username, "username"), keeper.hidden(basic.password, "password")),
        tls=_tls(keeper, parameters.tls_config),
        timeout_us=microseconds(parameters.timeout),
    )


class Requests:
    """
    Makes the requests to a server.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._address = urlsplit(server.url.reveal())

    def post(self, form: Mapping[str, str]) -> Request:
        """
        Make the request that posts a form.
        """
        headers = {**self._headers, "Content-Type": "application/x-www-form-urlencoded"}
        return Request(method="POST", target=self._target, headers=headers, body=urlencode(dict(form)).encode())

    def get(self) -> Request:
        """
        Make the request for what is at the address.
        """
        return Request(method="GET", target=self._target, headers=self._headers)

    @cached_property
    def tls(self) -> ssl.SSLContext | None:
        """
        Whom to trust; None where the address asks for no TLS.
        """
        if self._address.scheme != "https":
            return None
        if isinstance(self._server.tls, ssl.SSLContext):
            return self._server.tls
        import httpx  # noqa: PLC0415 - it brings the usual certificates along

        return httpx.create_ssl_context(verify=self._server.tls, trust_env=False)

    @cached_property
    def _target(self) -> str:
        query = f"?{self._address.query}" if self._address.query else ""
        return quote((self._address.path or "/") + query, safe="/?%:@!$&'()*+,;=~[]")

    @cached_property
    def _headers(self) -> Mapping[str, str]:
        own = {name: value.reveal() for name, value in self._server.headers.items()}
        said = {name.lower() for name in own}
        who = self._who_asks()
        if who is not None and (self._server.basic_auth is not None or "authorization" not in said):
            own["Authorization"] = f"Basic {b64encode(':'.join(who).encode()).decode()}"
        usual = {
            "Host": _in_ascii(self._address.netloc.rpartition("@")[2]),
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "canarypolicy",
        }
        return {**{name: value for name, value in usual.items() if name.lower() not in said}, **own}

    def _who_asks(self) -> tuple[str, str] | None:
        if self._server.basic_auth is not None:
            name, password = self._server.basic_auth
            return name.reveal(), password.reveal()
        if self._address.username or self._address.password:
            return unquote(self._address.username or ""), unquote(self._address.password or "")
        return None


def _address(keeper: Keeper, url: str, *, takes_query: bool) -> SplitResult:
    address = urlsplit("")
    try:
        address = urlsplit(url)
        is_whole = address.scheme in _PORTS and bool(address.hostname) and (address.port is None or address.port > 0)
    except ValueError:
        is_whole = False
    is_too_long = bool(address.fragment) or (bool(address.query) and not takes_query)
    if not is_whole or is_too_long or not url.isprintable() or " " in url:
        raise Unavailable(f"{keeper.place}: its `url` is no address such as `http://prometheus.example:9090`")
    return address


def _tls(keeper: Keeper, config: TlsConfig) -> ssl.SSLContext | bool:
    if config.insecure_skip_verify or config.ca_file is None:
        return not config.insecure_skip_verify
    path = keeper.text(config.ca_file, "ca_file")
    try:
        return ssl.create_default_context(cadata=keeper.world.read_file(path))
    except (OSError, ValueError):
        message = f"{keeper.place}: the `ca_file` `{config.ca_file}` cannot be read as PEM certificates"
        raise Unavailable(message) from None


def _header(keeper: Keeper, name: str, value: Secret) -> Secret:
    if not value.reveal().isascii() or not value.reveal().isprintable():
        raise Unavailable(f"{keeper.place}: `{name}` has characters that cannot be sent in an HTTP header")
    return value


def _in_ascii(host: str) -> str:
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return "invalid"  # no resolver knows it either
