"""
Prometheus, asked over its HTTP API: one `query_range` a signal, all at once, within one time limit.

The last value is the one exactly at the end of the window.
How old a value is, is asked only where a signal has `max_age`: by its own `measured` query, else by `timestamp(...)`,
which knows the time of the scrape for a plain selector and gives the time of evaluation for everything else.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import SplitResult, urlsplit

from canarypolicy.derived.window import Missing
from canarypolicy.documents.duration import SECOND_US, microseconds
from canarypolicy.documents.secrets import Secret
from canarypolicy.documents.source_parameters import PrometheusParameters
from canarypolicy.errors import Unavailable
from canarypolicy.sources.bounded_http import Server, post_all
from canarypolicy.sources.prometheus_answer import Reader, is_bad_query, read_numbers, why_no_number
from canarypolicy.sources.protocol import Series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from canarypolicy.documents.secrets import Template, World
    from canarypolicy.history.window import Window
    from canarypolicy.sources.bounded_http import Answered
    from canarypolicy.sources.protocol import Asked

_MOST_POINTS = 10_000
"""Prometheus refuses more than 11,000 points a series in one answer."""
_PORTS = {"http": 80, "https": 443}


class Prometheus:
    """
    Asks a Prometheus server, or one with the same HTTP API, for a window of values.
    """

    name: ClassVar[str] = "prometheus"
    Parameters = PrometheusParameters
    knows_past: ClassVar[bool] = True

    def __init__(self, label: str, parameters: PrometheusParameters, world: World) -> None:
        self._place = f"source `{label}`"
        self._world = world
        self._secrets: list[Secret] = []
        self._server = self._server_of(label, parameters)

    def fetch(self, asked: Sequence[Asked], window: Window) -> Mapping[str, Series]:
        """
        Ask for all signals at once.
        """
        parts = _split(window)
        queries: dict[tuple[str, bool], str] = {}
        for each in asked:
            queries[each.signal, False] = each.query.reveal()
            if each.is_timed:
                queries[each.signal, True] = _time_query(each)
        forms = [self._form(query, part) for query in queries.values() for part in parts]
        answers = post_all(self._server, forms)
        of = {key: answers[index * len(parts) : (index + 1) * len(parts)] for index, key in enumerate(queries)}
        return {each.signal: self._series(each, window, of[each.signal, False], of.get((each.signal, True))) for each in asked}

    def _series(
        self, asked: Asked, window: Window, answers: Sequence[Answered], time_answers: Sequence[Answered] | None
    ) -> Series:
        reader = Reader(label=self._server.label, secrets=(*self._secrets, *asked.brought_in))
        numbers = read_numbers(reader, answers)
        if isinstance(numbers, Missing):
            return Series(otherwise=numbers.why, has_answered=False)
        if not set(numbers.by_time) <= set(window.times_us):
            return Series(otherwise=f"{reader.label} answered for other times than those asked for", has_answered=False)
        why = {at: sentence for at, number in numbers.by_time.items() if (sentence := why_no_number(number)) is not None}
        values = {at: number for at, number in numbers.by_time.items() if at not in why}
        series = Series(
            values=values,
            why=why,
            otherwise="the query gives no data at this time" if numbers.by_time else "the query gives no data",
            notes=numbers.warnings,
        )
        return series if time_answers is None else _timed(series, asked, reader, time_answers)

    def _form(self, query: str, part: range) -> dict[str, str]:
        return {
            "query": query,
            "start": _seconds(part[0]),
            "end": _seconds(part[-1]),
            "step": _seconds(part.step),
            "timeout": f"{self._server.timeout_us // 1000}ms",
        }

    def _server_of(self, label: str, parameters: PrometheusParameters) -> Server:
        url = self._resolved(parameters.url, "url").reveal()
        address = self._address(url)
        if address.password:
            self._secrets.append(Secret(address.password))
        headers = {name: self._header(name, self._resolved(value, name)) for name, value in parameters.headers.items()}
        if parameters.bearer_token is not None:
            token = self._hidden(parameters.bearer_token, "bearer_token")
            headers["Authorization"] = self._header("bearer_token", Secret(f"Bearer {token.reveal()}"))
        basic = parameters.basic_auth
        return Server(
            label=f"`{label}`",
            url=Secret(url.rstrip("/") + "/api/v1/query_range"),
            host=address.hostname or "",
            port=address.port or _PORTS[address.scheme],
            headers=headers,
            basic_auth=None
            if basic is None
            else (self._resolved(basic.username, "username"), self._hidden(basic.password, "password")),
            tls=self._tls(parameters),
            timeout_us=microseconds(parameters.timeout),
        )

    def _address(self, url: str) -> SplitResult:
        try:
            address = urlsplit(url)
            is_whole = address.scheme in _PORTS and bool(address.hostname) and (address.port is None or address.port > 0)
        except ValueError:
            is_whole = False
        if not is_whole or address.query or address.fragment or not url.isprintable() or " " in url:
            raise Unavailable(f"{self._place}: its `url` is no address such as `http://prometheus.example:9090`")
        return address

    def _tls(self, parameters: PrometheusParameters) -> ssl.SSLContext | bool:
        config = parameters.tls_config
        if config.insecure_skip_verify or config.ca_file is None:
            return not config.insecure_skip_verify
        path = self._resolved(config.ca_file, "ca_file").reveal()
        try:
            return ssl.create_default_context(cadata=self._world.read_file(path))
        except (OSError, ValueError):
            message = f"{self._place}: the `ca_file` `{config.ca_file}` cannot be read as PEM certificates"
            raise Unavailable(message) from None

    def _header(self, name: str, value: Secret) -> Secret:
        if not value.reveal().isascii() or not value.reveal().isprintable():
            raise Unavailable(f"{self._place}: `{name}` has characters that cannot be sent in an HTTP header")
        return value

    def _resolved(self, template: Template, name: str) -> Secret:
        whole, brought_in = template.resolve(self._world, f"`{name}` of {self._place}")
        self._secrets.extend(brought_in)
        return whole

    def _hidden(self, template: Template, name: str) -> Secret:
        """
        Resolve what is a secret also where it stands in the document.
        """
        whole = self._resolved(template, name)
        self._secrets.append(whole)
        return whole


def _timed(series: Series, asked: Asked, reader: Reader, answers: Sequence[Answered]) -> Series:
    """
    Add when each value was measured; a value whose time cannot be learned is missing.
    """
    if asked.measured is None and any(is_bad_query(answer) for answer in answers):
        return series  # a scalar has no timestamp() of its own: its time is that of the evaluation
    times = read_numbers(reader, answers)
    by_time = {} if isinstance(times, Missing) else times.by_time
    unknown = times.why if isinstance(times, Missing) else "there is no time of measurement"
    times_us = {at: round(seconds * SECOND_US) for at, seconds in by_time.items() if why_no_number(seconds) is None}
    return Series(
        values={at: value for at, value in series.values.items() if at in times_us},
        why={**series.why, **{at: f"its age is not known: {unknown}" for at in series.values if at not in times_us}},
        times_us=times_us,
        otherwise=series.otherwise,
        notes=series.notes,
    )


def _time_query(asked: Asked) -> str:
    # The line break ends a comment at the end of the query.
    return asked.measured.reveal() if asked.measured is not None else f"timestamp({asked.query.reveal()}\n)"


def _split(window: Window) -> list[range]:
    times = window.times_us
    return [times[index : index + _MOST_POINTS] for index in range(0, len(times), _MOST_POINTS)]


def _seconds(microseconds_: int) -> str:
    seconds, rest = divmod(microseconds_ // 1000, 1000)
    return f"{seconds}.{rest:03d}"
