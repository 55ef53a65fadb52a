"""
A query to Prometheus that must be true.

```yaml
probes:
  targets: {prometheus: {url: '${env:PROMETHEUS_URL}', query: 'up{job="shop"} == 1', timeout: 10s}}
```

It has passed if the query gives at least one value and none that is 0, NaN or infinite: a comparison that leaves nothing
has failed, and so has no data. `headers` and `tls_config` may stand beside.
"""

from __future__ import annotations

import json
from math import isfinite
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.probe_parameters import PrometheusProbeParameters
from canarypolicy.documents.secrets import Secret
from canarypolicy.http_calls import NoReply, Request, call, headers_of, tls_of, url_of
from canarypolicy.live.protocols import Check, ProbeResult

if TYPE_CHECKING:
    from canarypolicy.documents.secrets import World
    from canarypolicy.http_calls import Reply


class PrometheusProbe:
    """
    One query.
    """

    name: ClassVar[str] = "prometheus"
    Parameters = PrometheusProbeParameters

    def __init__(self, label: str, parameters: PrometheusProbeParameters, world: World) -> None:
        self._keeper = Keeper(f"probe `{label}`", world)
        self._url = Secret(f"{url_of(self._keeper, parameters.url, 'url').reveal().rstrip('/')}/api/v1/query")
        self._query = self._keeper.secret(parameters.query, "query")
        self._headers = headers_of(self._keeper, parameters.headers)
        self._tls = tls_of(self._keeper, parameters.tls_config)
        self._timeout_us = microseconds(parameters.timeout)

    def look(self) -> ProbeResult:
        """
        Ask once.
        """
        began = monotonic()
        headers = {"Content-Type": Secret("application/x-www-form-urlencoded"), **self._headers}
        body = urlencode({"query": self._query.reveal()}).encode()
        reply = call(
            Request(method="POST", url=self._url, headers=headers, body=body, tls=self._tls, timeout_us=self._timeout_us)
        )
        why = reply.why if isinstance(reply, NoReply) else self._why(reply)
        return ProbeResult(checks=(Check(name="query", ok=why is None, detail=why or "", seconds=monotonic() - began),))

    def _why(self, reply: Reply) -> str | None:
        """
        Say why an answer does not pass; None if it does.
        """
        try:
            answer = json.loads(reply.body)
            if not reply.is_success:
                return f"HTTP {reply.status}: {self._keeper.shown(str(answer.get('error', '')))}"
            values = _values(answer["data"])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return f"HTTP {reply.status}, and no answer of Prometheus"
        if not values:
            return "the query gives nothing"
        wrong = [value for value in values if not isfinite(value) or value == 0]
        return f"{len(wrong)} of {len(values)} values are 0 or no number" if wrong else None


def _values(data: dict[str, Any]) -> list[float]:
    if data["resultType"] == "scalar":
        return [float(data["result"][1])]
    if data["resultType"] != "vector":
        raise ValueError("neither a vector nor a scalar")
    return [float(series["value"][1]) for series in data["result"]]
