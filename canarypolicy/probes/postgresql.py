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

from typing import Any, ClassVar

from canarypolicy.documents.probe_parameters import PostgresqlProbeParameters
from canarypolicy.probes.database import DatabaseProbe


class PostgresqlProbe(DatabaseProbe):
    """
    One query, by psycopg.
    """

    name: ClassVar[str] = "postgresql"
    Parameters = PostgresqlProbeParameters
    PORT = 5432
    LIBRARY = "psycopg"
    EXTRA = "postgresql"

    def _connection(self) -> Any:
        return self._driver.connect(
            host=self._url.host,
            port=self._url.port,
            user=self._url.user,
            password=None if self._url.password is None else self._url.password.reveal(),
            dbname=self._url.database,
            connect_timeout=self._seconds,
            options=f"-c statement_timeout={self._seconds * 1000}",
        )

    def _first_row(self, connection: Any) -> Any:
        return connection.execute(self._query).fetchone()
