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

from typing import Any, ClassVar

from canarypolicy.documents.probe_parameters import MysqlProbeParameters
from canarypolicy.probes.database import DatabaseProbe


class MysqlProbe(DatabaseProbe):
    """
    One query, by PyMySQL.
    """

    name: ClassVar[str] = "mysql"
    Parameters = MysqlProbeParameters
    PORT = 3306
    LIBRARY = "pymysql"
    EXTRA = "mysql"

    def _connection(self) -> Any:
        # All three: with `connect_timeout` alone, a stopped server is waited for without end.
        return self._driver.connect(
            host=self._url.host,
            port=self._url.port,
            user=self._url.user,
            password="" if self._url.password is None else self._url.password.reveal(),
            database=self._url.database,
            connect_timeout=self._seconds,
            read_timeout=self._seconds,
            write_timeout=self._seconds,
        )

    def _first_row(self, connection: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(self._query)
            return cursor.fetchone()

    def _words(self, error: Exception) -> str:
        return str(error.args[1]) if len(error.args) > 1 else str(error)
