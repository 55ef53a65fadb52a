"""
Traffic that is shared out by something which is told so by HTTP.

```yaml
actuators:
  traffic:
    webhook:
      set:
        url: https://edge.example/split
        method: PUT
        headers: {Authorization: 'Bearer ${env:TOKEN}'}
        json: {canary: '{weight}'}
      read: {url: 'https://edge.example/split', query: status.canary}
      timeout: 10s
```

`{weight}` in the address and in the body's texts becomes the canary's percent; a text that is `{weight}` and nothing else
becomes the number. Only an answer of 200 to 299 is taken for done. `read` is a GET at every tick: its answer is JSON, and
`query`, a JMESPath expression, gives a number between 0 and 100. Redirects are not followed, and each request has one time
limit as a whole.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from canarypolicy.actuators.percent import percent_of, written_weight
from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.secrets import Secret, Template
from canarypolicy.documents.webhook_parameters import WebhookActuatorParameters
from canarypolicy.http_calls import NoReply, Reply, Request, call, headers_of, tls_of, url_of
from canarypolicy.live.protocols import NotDone

if TYPE_CHECKING:
    from canarypolicy.documents.secrets import World

_PLACE_OF_WEIGHT = "{weight}"


class WebhookTraffic:
    """
    Two requests.
    """

    name: ClassVar[str] = "webhook"
    Parameters = WebhookActuatorParameters

    def __init__(self, label: str, parameters: WebhookActuatorParameters, world: World) -> None:
        self._keeper = Keeper(f"actuator `{label}`", world)
        self._method = parameters.set.method
        self._set_url = url_of(self._keeper, parameters.set.url, "set.url")
        self._read_url = url_of(self._keeper, parameters.read.url, "read.url")
        self._set_headers = headers_of(self._keeper, parameters.set.headers)
        self._read_headers = headers_of(self._keeper, parameters.read.headers)
        self._body = _resolved(parameters.set.body, self._keeper)
        self._query = parameters.read.query
        self._tls = tls_of(self._keeper, parameters.tls_config)
        self._timeout_us = microseconds(parameters.timeout)

    def set(self, weight: float) -> None:
        """
        Send the weight.
        """
        body = None if self._body is None else json.dumps(_filled(self._body, weight), ensure_ascii=False).encode()
        headers = self._set_headers if body is None else {"Content-Type": Secret("application/json"), **self._set_headers}
        url = Secret(self._set_url.reveal().replace(_PLACE_OF_WEIGHT, written_weight(weight)))
        self._call(Request(method=self._method, url=url, headers=headers, body=body, tls=self._tls, timeout_us=self._timeout_us))

    def read_back(self) -> float:
        """
        Ask for the weight and take the number that the query finds.
        """
        import jmespath  # noqa: PLC0415 - only who looks into an answer needs it

        headers = {"Accept": Secret("application/json"), **self._read_headers}
        request = Request(method="GET", url=self._read_url, headers=headers, tls=self._tls, timeout_us=self._timeout_us)
        reply = self._call(request)
        try:
            answer = json.loads(reply.body)
        except (ValueError, RecursionError):
            raise NotDone(f"{self._keeper.place}: `read` answered with no JSON") from None
        try:
            found = jmespath.search(self._query, answer)
        except jmespath.exceptions.JMESPathError as error:
            why = self._keeper.shown(str(error).partition("\n")[0])
            why = f"{why[:1].lower()}{why[1:]}"
            raise NotDone(f"{self._keeper.place}: `query` cannot be used on the answer of `read`: {why}") from None
        if isinstance(found, bool) or not isinstance(found, int | float):
            shown = self._keeper.shown(json.dumps(found, ensure_ascii=False, default=str))
            raise NotDone(f"{self._keeper.place}: `query` finds the weight as a number, found `{shown}`")
        return percent_of(found, self._keeper.place)

    def _call(self, request: Request) -> Reply:
        reply = call(request)
        if isinstance(reply, NoReply):
            raise NotDone(f"{self._keeper.place}: {reply.why}")
        if not reply.is_success:
            said = self._keeper.shown(reply.body[:1000].decode("utf-8", "replace"))
            raise NotDone(f"{self._keeper.place} answered with HTTP {reply.status}{f': {said}' if said else ''}")
        return reply


def _resolved(body: Any, keeper: Keeper) -> Any:
    """
    Give the body with its substitutions brought in.
    """
    if isinstance(body, dict):
        return {key: _resolved(each, keeper) for key, each in body.items()}
    if isinstance(body, list):
        return [_resolved(each, keeper) for each in body]
    return keeper.text(body, "json") if isinstance(body, Template) else body


def _filled(body: Any, weight: float) -> Any:
    """
    Give the body with the weight in its places.
    """
    if isinstance(body, dict):
        return {key: _filled(each, weight) for key, each in body.items()}
    if isinstance(body, list):
        return [_filled(each, weight) for each in body]
    if body == _PLACE_OF_WEIGHT:
        return int(weight) if weight == int(weight) else weight
    return body.replace(_PLACE_OF_WEIGHT, written_weight(weight)) if isinstance(body, str) else body
