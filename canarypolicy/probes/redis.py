"""
A Redis that takes, gives back and forgets a key.

```yaml
probes:
  redis: {redis: {url: '${env:REDIS_URL}', timeout: 5s}}
```

A key of the probe's own is written, read and deleted; it expires by itself after a minute. A PING proves less: a Redis whose
memory is full still answers it. Nothing is tried twice, and the whole look keeps the one time limit. `url` is `redis://`,
`rediss://` or `unix://`. Needs the extra `redis`.
"""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING, Any, ClassVar

from canarypolicy.documents.duration import SECOND_US, microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.probe_parameters import RedisProbeParameters
from canarypolicy.probes.bounded import Failed, look_within
from canarypolicy.probes.library import library

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.documents.secrets import World
    from canarypolicy.live.protocols import ProbeResult

_EXPIRES_SECONDS = 60


class RedisProbe:
    """
    One key, there and back.
    """

    name: ClassVar[str] = "redis"
    Parameters = RedisProbeParameters

    def __init__(self, label: str, parameters: RedisProbeParameters, world: World) -> None:
        self._keeper = Keeper(f"probe `{label}`", world)
        self._url = self._keeper.hidden(parameters.url, "url")
        self._prefix = parameters.key
        self._timeout_us = microseconds(parameters.timeout)
        self._redis = library(self._keeper, "redis", "redis")

    def look(self) -> ProbeResult:
        """
        Write, read and delete a key.
        """
        return look_within(self._timeout_us, self._checks)

    def _checks(self) -> Iterator[str]:
        key, value = f"{self._prefix}:{token_hex(8)}", token_hex(8).encode()
        try:
            yield "connect"
            client = self._client()
            try:
                client.ping()
                yield "write"
                client.set(key, value, ex=_EXPIRES_SECONDS)
                yield "read"
                if client.get(key) != value:
                    raise Failed("another value was read than was written")
                yield "delete"
                if client.delete(key) != 1:
                    raise Failed("the key that was written is not there to delete")
            finally:
                client.close()
        except (self._redis.RedisError, ValueError, OSError) as error:
            raise Failed(self._why(error)) from None

    def _client(self) -> Any:
        from redis.backoff import NoBackoff  # noqa: PLC0415 - only who asks Redis needs it
        from redis.retry import Retry  # noqa: PLC0415 - as above

        seconds = self._timeout_us / SECOND_US
        return self._redis.Redis.from_url(
            self._url.reveal(),
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
            retry=Retry(NoBackoff(), 0),  # the library tries ten times by default
        )

    def _why(self, error: Exception) -> str:
        if isinstance(error, self._redis.BusyLoadingError):
            return "it is loading its data still"
        return f"{type(error).__name__}: {self._keeper.shown(str(error))}"
