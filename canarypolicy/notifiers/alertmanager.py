"""
Alerts of Prometheus' Alertmanager, which tells people as it is configured to.

```yaml
notify:
  - {alertmanager: {url: '${env:ALERTMANAGER_URL}', labels: {team: shop}, lasts: 1h, timeout: 10s}}
```

Each notice is one alert, `POST /api/v2/alerts`: `alertname` is `CanaryRollout`, the labels `occurrence`, `run`, `policy`,
`severity` and those given tell it from others, so that the same notice twice is one alert. `severity` is `critical` for
`rolled-back` and `not-recovered`, `warning` for `refused`, `overdue` and `waiting-for-approval`, and `info` else. The text is
the annotation `summary`. An alert ends by itself after `lasts`; `recovered` ends that of `rolled-back` at once. An answer of
200 means accepted: whether people were reached, Alertmanager knows.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, ClassVar

from canarypolicy.documents.duration import format_instant, microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.secrets import Secret
from canarypolicy.documents.webhook_parameters import AlertmanagerParameters
from canarypolicy.http_calls import Request, headers_of, tls_of, url_of
from canarypolicy.live.protocols import Occurrence
from canarypolicy.notifiers.posting import post

if TYPE_CHECKING:
    from canarypolicy.documents.secrets import World
    from canarypolicy.live.protocols import Notice

_SEVERITIES = {
    Occurrence.ROLLED_BACK: "critical",
    Occurrence.NOT_RECOVERED: "critical",
    Occurrence.REFUSED: "warning",
    Occurrence.OVERDUE: "warning",
    Occurrence.APPROVAL: "warning",
}


class Alertmanager:
    """
    One alert a notice.
    """

    name: ClassVar[str] = "alertmanager"
    Parameters = AlertmanagerParameters

    def __init__(self, label: str, parameters: AlertmanagerParameters, world: World) -> None:
        self._keeper = Keeper(f"notifier `{label}`", world)
        base = url_of(self._keeper, parameters.url, "url")
        self._url = Secret(f"{base.reveal().rstrip('/')}/api/v2/alerts")
        self._headers = headers_of(self._keeper, parameters.headers)
        self._labels = parameters.labels
        self._lasts_us = microseconds(parameters.lasts)
        self._tls = tls_of(self._keeper, parameters.tls_config)
        self._timeout_us = microseconds(parameters.timeout)

    def notify(self, notice: Notice) -> None:
        """
        Raise the notice's alert; a recovery ends that of the rollback.
        """
        now_us = time.time_ns() // 1000
        alerts = [self._alert(notice.occurrence, notice, now_us, now_us + self._lasts_us)]
        if notice.occurrence is Occurrence.RECOVERED:
            alerts.append(self._alert(Occurrence.ROLLED_BACK, notice, now_us - 1, now_us))
        headers = {"Content-Type": Secret("application/json"), **self._headers}
        body = json.dumps(alerts).encode()
        post(
            self._keeper,
            Request(method="POST", url=self._url, headers=headers, body=body, tls=self._tls, timeout_us=self._timeout_us),
        )

    def _alert(self, occurrence: Occurrence, notice: Notice, starts_us: int, ends_us: int) -> dict[str, Any]:
        said = {name: str(notice.facts[name]) for name in ("policy", "run") if name in notice.facts}
        return {
            "labels": {
                **self._labels,
                "alertname": "CanaryRollout",
                "occurrence": occurrence.value,
                "severity": _SEVERITIES.get(occurrence, "info"),
                **said,
            },
            "annotations": {"summary": notice.text, "key": notice.key},
            "startsAt": format_instant(starts_us),
            "endsAt": format_instant(ends_us),
        }
