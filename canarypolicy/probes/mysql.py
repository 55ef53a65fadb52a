"""
A MySQL or MariaDB that answers a query.

```yaml
probes:
  database: {mysql: {url: '${env:DATABASE_URL}', query: SELECT 1, timeout: 5s}}
```

Connecting, logging in, the query and its first row keep the one time limit: a server that is stopped accepts a connection
and never answers. A query without a row has failed. `url` is `mysql://USER:PASSWORD@HOST:PORT/DATABASE`. Needs the extra
`mysql`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from canarypolicy.documents.duration import SECOND_US, microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.probe_parameters import MysqlProbeParameters
from canarypolicy.errors import Unavailable
from canarypolicy.probes.bounded import Failed, look_within
from canarypolicy.probes.database_url import database_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.documents.secrets import World
    from canarypolicy.live.protocols import ProbeResult

_PORT = 3306


class MysqlProbe:
    """
    One query.
    """

    name: ClassVar[str] = "mysql"
    Parameters = MysqlProbeParameters

    def __init__(self, label: str, parameters: MysqlProbeParameters, world: World) -> None:
        self._keeper = Keeper(f"probe `{label}`", world)
        self._url = database_url(self._keeper, self._keeper.hidden(parameters.url, "url"), _PORT)
        self._query = parameters.query
        self._timeout_us = microseconds(parameters.timeout)
        self._pymysql = _library(self._keeper)

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
                with connection.cursor() as cursor:
                    cursor.execute(self._query)
                    if cursor.fetchone() is None:
                        raise Failed("the query gives no row")
            finally:
                connection.close()
        except (self._pymysql.Error, OSError, ValueError) as error:
            raise Failed(f"{type(error).__name__}: {self._keeper.shown(_words(error))}") from None

    def _connection(self) -> Any:
        # All three: with `connect_timeout` alone, a stopped server is waited for without end.
        seconds = max(1, -(-self._timeout_us // SECOND_US))
        return self._pymysql.connect(
            host=self._url.host,
            port=self._url.port,
            user=self._url.user,
            password="" if self._url.password is None else self._url.password.reveal(),
            database=self._url.database,
            connect_timeout=seconds,
            read_timeout=seconds,
            write_timeout=seconds,
        )


def _words(error: Exception) -> str:
    return str(error.args[1]) if len(error.args) > 1 else str(error)


def _library(keeper: Keeper) -> Any:
    try:
        import pymysql  # noqa: PLC0415 - an extra
    except ImportError:
        raise Unavailable(f"{keeper.place} needs the library `pymysql`", help="pip install 'canarypolicy[mysql]'") from None
    return pymysql
