"""
A POST that tells people.

```yaml
notify:
  - {webhook: {url: '${env:HOOK_URL}', headers: {Authorization: 'Bearer ${env:TOKEN}'}, template: plain, timeout: 10s}}
```

`plain` sends all of the notice: `{"occurrence": "rolled-back", "key": ..., "text": ..., "facts": {...}}`. `slack` sends
`{"text": ...}`, as Slack's incoming webhooks and those that copy them take it. The header `Idempotency-Key` holds the notice's
key: the same key twice is the same notice. Only an answer of 200 to 299 is taken for told. Whatever becomes of it never
changes a decision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.secrets import Secret
from canarypolicy.documents.webhook_parameters import WebhookNotifierParameters
from canarypolicy.http_calls import Request, header, headers_of, tls_of, url_of
from canarypolicy.notifiers.message import plain_message, slack_message
from canarypolicy.notifiers.posting import post

if TYPE_CHECKING:
    from canarypolicy.documents.secrets import World
    from canarypolicy.live.protocols import Notice


class WebhookNotifier:
    """
    One request a notice.
    """

    name: ClassVar[str] = "webhook"
    Parameters = WebhookNotifierParameters

    def __init__(self, label: str, parameters: WebhookNotifierParameters, world: World) -> None:
        self._keeper = Keeper(f"notifier `{label}`", world)
        self._url = url_of(self._keeper, parameters.url, "url")
        self._headers = headers_of(self._keeper, parameters.headers)
        self._message = slack_message if parameters.template == "slack" else plain_message
        self._tls = tls_of(self._keeper, parameters.tls_config)
        self._timeout_us = microseconds(parameters.timeout)

    def notify(self, notice: Notice) -> None:
        """
        Post the notice.
        """
        headers = {
            "Content-Type": Secret("application/json"),
            "Idempotency-Key": header(self._keeper, Secret(notice.key), "Idempotency-Key"),
            **self._headers,
        }
        body = self._message(notice)
        request = Request(method="POST", url=self._url, headers=headers, body=body, tls=self._tls, timeout_us=self._timeout_us)
        post(self._keeper, request)
