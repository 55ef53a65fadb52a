"""
The URL of a database taken apart for its driver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from canarypolicy.documents.secrets import Secret
from canarypolicy.errors import Unavailable

if TYPE_CHECKING:
    from canarypolicy.documents.keeper import Keeper


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseUrl:
    """
    Where a database is, and as whom to ask it.
    """

    host: str
    port: int
    user: str | None
    password: Secret | None
    database: str | None


def database_url(keeper: Keeper, url: Secret, port: int) -> DatabaseUrl:
    """
    Take a URL apart; its password is kept from being shown. One without a host is `Unavailable`.
    """
    try:
        parts = urlsplit(url.reveal())
        host, found_port = parts.hostname, parts.port
    except ValueError:
        host, found_port, parts = None, None, urlsplit("")
    if not host:
        raise Unavailable(f"{keeper.place}: its `url` is no address such as `mysql://USER:PASSWORD@HOST/DATABASE`")
    password = None if parts.password is None else Secret(unquote(parts.password))
    if password is not None:
        keeper.secrets.append(password)
    return DatabaseUrl(
        host=host,
        port=found_port or port,
        user=None if parts.username is None else unquote(parts.username),
        password=password,
        database=unquote(parts.path.lstrip("/")) or None,
    )
