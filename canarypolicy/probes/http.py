r"""
Requests to a service, one after the other, as a customer makes them: log in, then buy, then pay.

```yaml
probes:
  smoke:
    http:
      base_url: https://shop.example
      timeout: 30s
      requests:
        - name: login
          post: /login
          json: {user: '${env:SMOKE_USER}', password: '${env:SMOKE_PASSWORD}'}
          expect: status == 200 && token != ''
          captures: {token: {query: access_token}}
        - name: sale
          post: /sales
          headers: {Authorization: 'Bearer {token}'}
          json: {article: 7}
          expect: status == 201 && seconds < 2.0
          captures: {order: {query: id, type: int}}
        - {name: payment, post: '/orders/{order}/payment', expect: status == 200}
```

Each request is one check. `expect` is CEL over `status`, `seconds`, `body` (text) and what was captured so far; left out, any
status of 200 to 299 passes. A capture is a typed value in the answer's JSON (`query`, a JMESPath) or in a header; one that is
not there, or of another type, is missing, so an `expect` that needs it is not met. `{name}` in later paths, headers and bodies
is what was captured. Cookies are kept from one request to the next. Nothing is tried twice, redirects are not followed, and all
requests together keep the one time limit. The first that fails is the last; those that follow count as failed, too.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.documents.duration import SECOND_US, microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.request_checks import expectations
from canarypolicy.documents.request_parameters import HttpProbeParameters
from canarypolicy.documents.secrets import Secret, Template
from canarypolicy.documents.signals import Signal
from canarypolicy.engine.sample import admit
from canarypolicy.http_calls import NoReply, Request, call, header, headers_of, tls_of, url_of
from canarypolicy.live.protocols import Check, ProbeResult

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Expression
    from canarypolicy.documents.request_parameters import AnswerCapture, ProbeRequest
    from canarypolicy.documents.secrets import World
    from canarypolicy.http_calls import Reply


@dataclass(slots=True)
class _Customer:
    """
    What is carried from one request to the next.
    """

    captured: dict[str, Any] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)


class HttpProbe:
    """
    One walk through the requests.
    """

    name: ClassVar[str] = "http"
    Parameters = HttpProbeParameters

    def __init__(self, label: str, parameters: HttpProbeParameters, world: World) -> None:
        self._keeper = Keeper(f"probe `{label}`", world)
        self._base = url_of(self._keeper, parameters.base_url, "base_url")
        self._headers = headers_of(self._keeper, parameters.headers)
        self._tls = tls_of(self._keeper, parameters.tls_config)
        self._timeout_us = microseconds(parameters.timeout)
        self._requests = tuple(zip(parameters.requests, expectations(parameters), strict=True))
        self._bodies = tuple(_brought_in(request.body, self._keeper) for request in parameters.requests)

    def look(self) -> ProbeResult:
        """
        Make the requests until one fails.
        """
        customer = _Customer()
        until = monotonic() + self._timeout_us / SECOND_US
        checks: list[Check] = []
        for (request, expect), body in zip(self._requests, self._bodies, strict=True):
            if checks and not checks[-1].ok:
                checks.append(Check(name=request.name, ok=False, detail="not made, since the one before it failed"))
                continue
            began = monotonic()
            reply = self._reply(request, body, customer, until - began)
            seconds = monotonic() - began
            why = reply.why if isinstance(reply, NoReply) else self._judge((request, expect), reply, seconds, customer)
            checks.append(Check(name=request.name, ok=why is None, detail=why or "", seconds=seconds))
        return ProbeResult(checks=tuple(checks))

    def _reply(self, request: ProbeRequest, body: Any, customer: _Customer, seconds: float) -> Reply | NoReply:
        if seconds <= 0:
            return NoReply(why="no time is left for it")
        keeper = self._keeper
        path = _filled(keeper.text(request.path, request.method), customer)
        headers = {**self._headers}
        for name, template in request.headers.items():
            headers[name] = header(keeper, Secret(_filled(keeper.text(template, name), customer)), name)
        if customer.cookies:
            headers["Cookie"] = Secret("; ".join(f"{name}={value}" for name, value in customer.cookies.items()))
        content = None
        if body is not None:
            content = json.dumps(_filled(body, customer)).encode()
            headers.setdefault("Content-Type", Secret("application/json"))
        return call(
            Request(
                method=request.method.upper(),
                url=Secret(f"{self._base.reveal().rstrip('/')}/{path.lstrip('/')}"),
                headers=headers,
                body=content,
                tls=self._tls,
                timeout_us=round(seconds * SECOND_US),
            )
        )

    def _judge(self, asked: tuple[ProbeRequest, Expression], reply: Reply, seconds: float, customer: _Customer) -> str | None:
        """
        Take what an answer gives, and say why it is not the one expected; None if it is.
        """
        request, expect = asked
        text = reply.body.decode("utf-8", "replace")
        _keep_cookies(reply, customer)
        missing = []
        for name, capture in request.captures.items():
            value, why = _captured(capture, reply, text)
            if value is None:
                customer.captured.pop(name, None)
                missing.append(f"`{name}`: {why}")
            else:
                customer.captured[name] = value
        met = expect.evaluate({"status": reply.status, "seconds": seconds, "body": text, **customer.captured})
        if met is True:
            return f"not captured: {', '.join(missing)}" if missing else None
        word = "is unknown" if met is UNKNOWN else "is not met"
        said = "" if reply.is_success else self._keeper.shown(text[:500])  # what went well may hold a token
        lacking = f"; {', '.join(missing)}" if missing else ""
        return f"`{request.expect}` {word}: HTTP {reply.status} in {seconds:.3f} s{lacking}{f'; {said}' if said else ''}"


def _captured(capture: AnswerCapture, reply: Reply, text: str) -> tuple[Any, str]:
    if capture.header is not None:
        found: Any = next((value for name, value in reply.headers if name.lower() == capture.header.lower()), None)
    else:
        found = _found(capture.query or "", text)
    if found is None:
        return None, "it is not in the answer"
    value, why = admit(found, Signal.model_construct(type=capture.type, healthy=0, values=None, range=(None, None), worse=None))
    return value, why


def _found(query: str, text: str) -> Any:
    import jmespath  # noqa: PLC0415 - only who looks into an answer needs it

    try:
        return jmespath.search(query, json.loads(text))
    except (ValueError, RecursionError, jmespath.exceptions.JMESPathError):
        return None


def _keep_cookies(reply: Reply, customer: _Customer) -> None:
    for name, value in reply.headers:
        if name.lower() != "set-cookie":
            continue
        try:
            cookies = SimpleCookie(value)
        except CookieError:
            continue  # what is no cookie is not sent back
        for key, cookie in cookies.items():
            if cookie["max-age"] == "0":
                customer.cookies.pop(key, None)
            else:
                customer.cookies[key] = cookie.coded_value


def _brought_in(body: Any, keeper: Keeper) -> Any:
    if isinstance(body, dict):
        return {key: _brought_in(each, keeper) for key, each in body.items()}
    if isinstance(body, list):
        return [_brought_in(each, keeper) for each in body]
    return keeper.text(body, "json") if isinstance(body, Template) else body


def _filled(part: Any, customer: _Customer) -> Any:
    """
    Put captured values in their places; a text that is one place and nothing else keeps the value's type.
    """
    if isinstance(part, dict):
        return {key: _filled(each, customer) for key, each in part.items()}
    if isinstance(part, list):
        return [_filled(each, customer) for each in part]
    if isinstance(part, str):
        for name, value in customer.captured.items():
            if part == f"{{{name}}}":
                return value
            part = part.replace(f"{{{name}}}", str(value))
    return part
