"""
Prometheus, asked over its HTTP API: one `query_range` a query, all at once, within one time limit.

```yaml
sources:
  prom: {prometheus: {url: 'http://prometheus.example:9090', timeout: 5s}}
signals:
  canary.requests: {source: prom, query: 'sum(rate(requests_total[1m]))', measured: 'max(timestamp(requests_total))'}
```

The last value is the one exactly at the end of the window.
How old a value is, is asked only where a signal has `max_age`: by its own `measured` query, else by `timestamp(...)`,
which knows the time of the scrape for a plain selector and gives the time of evaluation for everything else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from canarypolicy.derived.window import Missing
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.source_parameters import PrometheusParameters
from canarypolicy.sources.bounded_http import Exchange
from canarypolicy.sources.http_server import server_of
from canarypolicy.sources.prometheus_answer import Reader, is_bad_query, read_numbers, why_no_number
from canarypolicy.sources.protocol import Series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from canarypolicy.documents.secrets import World
    from canarypolicy.history.window import Window
    from canarypolicy.sources.bounded_http import Answered
    from canarypolicy.sources.protocol import Asked

_MOST_POINTS = 10_000
"""Prometheus refuses more than 11,000 points a series in one answer."""


class Prometheus:
    """
    Asks a Prometheus server, or one with the same HTTP API, for a window of values.
    """

    name: ClassVar[str] = "prometheus"
    Parameters = PrometheusParameters
    knows_past: ClassVar[bool] = True

    def __init__(self, label: str, parameters: PrometheusParameters, world: World) -> None:
        self._keeper = Keeper(f"source `{label}`", world)
        self._server = server_of(self._keeper, label, parameters, takes_query=False, path="/api/v1/query_range")
        self._exchange = Exchange(self._server)

    def fetch(self, asked: Sequence[Asked], window: Window) -> Mapping[str, Series]:
        """
        Ask for all signals at once.
        """
        parts = _split(window)
        pairs = {each.signal: (each.query.reveal(), _time_query(each) if each.is_timed else None) for each in asked}
        # Each query goes out once, however many signals share it, as they do when they are measured alike.
        queries = dict.fromkeys(query for pair in pairs.values() for query in pair if query is not None)
        answers = self._exchange.post_all([self._form(query, part) for query in queries for part in parts])
        of = {query: answers[index * len(parts) : (index + 1) * len(parts)] for index, query in enumerate(queries)}
        return {
            each.signal: self._series(each, window, of[query], None if time_query is None else of[time_query])
            for each, (query, time_query) in zip(asked, pairs.values(), strict=True)
        }

    def close(self) -> None:
        """
        Close the connections.
        """
        self._exchange.close()

    def _series(
        self, asked: Asked, window: Window, answers: Sequence[Answered], time_answers: Sequence[Answered] | None
    ) -> Series:
        reader = Reader(label=self._server.label, secrets=(*self._keeper.secrets, *asked.brought_in))
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
