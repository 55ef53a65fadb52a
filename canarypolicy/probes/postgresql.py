"""
A PostgreSQL that answers a query.

```yaml
probes:
  database: {postgresql: {url: '${env:DATABASE_URL}', query: SELECT 1, timeout: 5s}}
```

Connecting, logging in, the query and its first row keep the one time limit. A query without a row has failed. `url` is
`postgresql://USER:PASSWORD@HOST:PORT/DATABASE`. Needs the extra `postgresql`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from canarypolicy.documents.duration import SECOND_US, microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.probe_parameters import PostgresqlProbeParameters
from canarypolicy.errors import Unavailable
from canarypolicy.probes.bounded import Failed, look_within
from canarypolicy.probes.database_url import database_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.documents.secrets import World
    from canarypolicy.live.protocols import ProbeResult

_PORT = 5432


class PostgresqlProbe:
    """
    One query.
    """

    name: ClassVar[str] = "postgresql"
    Parameters = PostgresqlProbeParameters

    def __init__(self, label: str, parameters: PostgresqlProbeParameters, world: World) -> None:
        self._keeper = Keeper(f"probe `{label}`", world)
        self._url = database_url(self._keeper, self._keeper.hidden(parameters.url, "url"), _PORT)
        self._query = parameters.query
        self._timeout_us = microseconds(parameters.timeout)
        self._psycopg = _library(self._keeper)

    def look(self) -> ProbeResult:
        """
        Connect, ask, and take the first row.
        """
        return look_within(self._timeout_us, self._checks)

    def _checks(self) -> Iterator[str]:
        try:
            yield "connect"
            with self._connection() as connection:
                yield "query"
                if connection.execute(self._query).fetchone() is None:
                    raise Failed("the query gives no row")
        except (self._psycopg.Error, OSError, ValueError) as error:
            raise Failed(f"{type(error).__name__}: {self._keeper.shown(str(error))}") from None

    def _connection(self) -> Any:
        seconds = max(1, -(-self._timeout_us // SECOND_US))
        return self._psycopg.connect(
            host=self._url.host,
            port=self._url.port,
            user=self._url.user,
            password=None if self._url.password is None else self._url.password.reveal(),
            dbname=self._url.database,
            connect_timeout=seconds,
            options=f"-c statement_timeout={seconds * 1000}",
        )


def _library(keeper: Keeper) -> Any:
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError:
        raise Unavailable(f"{keeper.place} needs the library `psycopg`", help="pip install 'canarypolicy[postgresql]'") from None
    return psycopg
