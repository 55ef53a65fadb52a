"""
What the probes of databases share: one query that must give a row, and the URL taken apart for the driver.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import unquote, urlsplit

from canarypolicy.documents.duration import SECOND_US, microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.secrets import Secret
from canarypolicy.errors import Unavailable
from canarypolicy.probes.bounded import Failed, look_within
from canarypolicy.probes.library import library

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.documents.probe_parameters import MysqlProbeParameters, PostgresqlProbeParameters
    from canarypolicy.documents.secrets import World
    from canarypolicy.live.protocols import ProbeResult


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


class DatabaseProbe(ABC):
    """
    One query; a subclass names the driver and how it is spoken to.
    """

    PORT: ClassVar[int]
    LIBRARY: ClassVar[str]
    EXTRA: ClassVar[str]

    def __init__(self, label: str, parameters: MysqlProbeParameters | PostgresqlProbeParameters, world: World) -> None:
        self._keeper = Keeper(f"probe `{label}`", world)
        self._url = database_url(self._keeper, self._keeper.hidden(parameters.url, "url"), self.PORT)
        self._query = parameters.query
        self._timeout_us = microseconds(parameters.timeout)
        self._driver = library(self._keeper, self.LIBRARY, self.EXTRA)

    def look(self) -> ProbeResult:
        """
        Connect, ask, and take the first row.
        """
        return look_within(self._timeout_us, self._checks)

    def _checks(self) -> Iterator[str]:
        try:
            yield "connect"
            connection = self._connection()
            try:
                yield "query"
                if self._first_row(connection) is None:
                    raise Failed("the query gives no row")
            finally:
                connection.close()
        except (self._driver.Error, OSError, ValueError) as error:
            raise Failed(f"{type(error).__name__}: {self._keeper.shown(self._words(error))}") from None

    @property
    def _seconds(self) -> int:
        """
        The driver's own time limits, which know whole seconds; `look_within` keeps the true one.
        """
        return max(1, -(-self._timeout_us // SECOND_US))

    @abstractmethod
    def _connection(self) -> Any:
        """
        Connect and log in.
        """

    @abstractmethod
    def _first_row(self, connection: Any) -> Any:
        """
        Ask the query and give its first row; None if there is none.
        """

    def _words(self, error: Exception) -> str:
        """
        Give the driver's own words on what is wrong.
        """
        return str(error)


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
