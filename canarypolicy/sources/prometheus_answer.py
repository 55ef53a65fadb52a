"""
Reading the answers of Prometheus' `query_range`: bytes to one series of numbers, or why there is none.

Whatever is in the answer, it ends in a value or in a reason; nothing is asked here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from math import isfinite, isnan
from typing import TYPE_CHECKING, Any

from canarypolicy.derived.window import Missing
from canarypolicy.documents.secrets import masked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canarypolicy.documents.secrets import Secret
    from canarypolicy.sources.bounded_http import Answer

_TIME = re.compile(r"(?P<seconds>[0-9]{1,12})(?:\.(?P<fraction>[0-9]{1,9}))?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|Inf)|NaN", re.ASCII)
_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """
    Who answered, and what must not be shown of it.
    """

    label: str
    secrets: tuple[Secret, ...]

    def shown(self, text: str) -> str:
        """
        Give a foreign text on one line, shortened, without secrets.
        """
        line = " ".join(masked(text, self.secrets).split())
        line = "".join(each if each.isprintable() else "?" for each in line)
        return line if len(line) <= _LONGEST_TEXT else line[: _LONGEST_TEXT - 3] + "..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """
    One series: a number for each time at which there is one, NaN and infinities included.
    """

    by_time: Mapping[int, float]
    warnings: tuple[str, ...] = ()


class _Malformed(Exception):
    """
    The answer is not that of Prometheus.
    """


def read_numbers(reader: Reader, answers: Sequence[Answer | Missing]) -> Numbers | Missing:
    """
    Read the answers to one query over successive windows.

    The first answer that is none, or several series, makes all of it missing.
    """
    by_labels: dict[str, dict[int, float]] = {}
    warnings: dict[str, None] = {}
    for answer in answers:
        if isinstance(answer, Missing):
            return answer
        try:
            data = _success(reader, answer)
            if isinstance(data, Missing):
                return data
            warnings |= dict.fromkeys(reader.shown(str(each)) for each in _list(data.get("warnings", [])))
            for labels, points in _matrix(reader, data["data"]):
                by_labels.setdefault(labels, {}).update(points)
        except _Malformed as error:
            return Missing(why=f"the answer of {reader.label} is not one of Prometheus: {error}")
    if len(by_labels) > 1:
        why = f"the query gives {len(by_labels)} series, one is needed: aggregate them, for example with `sum()`"
        return Missing(why=why)
    return Numbers(by_time=next(iter(by_labels.values()), {}), warnings=tuple(warnings))


def why_no_number(number: float) -> str | None:
    """
    Say why a number is no value; None for a finite one.
    """
    if isfinite(number):
        return None
    if isnan(number):
        return "the query gives NaN, as 0/0 does"
    return f"the query gives {'+' if number > 0 else '-'}Inf"


def is_bad_query(answer: Answer | Missing) -> bool:
    """
    Tell whether the server understood that it cannot carry out this query.
    """
    return not isinstance(answer, Missing) and answer.status == HTTPStatus.BAD_REQUEST


def _success(reader: Reader, answer: Answer) -> dict[str, Any] | Missing:
    if answer.status != HTTPStatus.OK:
        return Missing(why=f"{reader.label} answered {answer.status_text}{_own_words(reader, answer.body)}")
    document = _document(answer.body)
    if document.get("status") != "success" or "data" not in document:
        raise _Malformed("it says neither success nor error")
    return document


def _own_words(reader: Reader, body: bytes) -> str:
    """
    Give Prometheus' own words on what is wrong, if the body has them.
    """
    try:
        document = _document(body)
    except _Malformed:
        return ""
    words = [document[key] for key in ("errorType", "error") if isinstance(document.get(key), str)]
    return f": {reader.shown(': '.join(words))}" if words else ""


def _document(body: bytes) -> dict[str, Any]:
    try:
        # Numbers stay text: times are read exactly, and no number is too large.
        document = json.loads(body, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        raise _Malformed("it is no JSON") from None
    if not isinstance(document, dict):
        raise _Malformed("it is no JSON object")
    return document


def _matrix(reader: Reader, data: object) -> list[tuple[str, dict[int, float]]]:
    if not isinstance(data, dict):
        raise _Malformed("its `data` is no object")
    if data.get("resultType") != "matrix":
        raise _Malformed(f"expected a `matrix`, found `{reader.shown(str(data.get('resultType')))[:40]}`")
    return [_series(each) for each in _list(data.get("result"))]


def _series(series: object) -> tuple[str, dict[int, float]]:
    if not isinstance(series, dict) or not isinstance(series.get("metric"), dict):
        raise _Malformed("a series has no labels")
    if "values" not in series and "histograms" in series:
        raise _Malformed("expected numbers, found histograms")
    return json.dumps(series["metric"], sort_keys=True), dict(_point(each) for each in _list(series.get("values")))


def _point(point: object) -> tuple[int, float]:
    match point:
        case [str(time), str(number)] if (at := _TIME.fullmatch(time)) and _NUMBER.fullmatch(number):
            microseconds = (at["fraction"] or "0")[:6].ljust(6, "0")
            return int(at["seconds"]) * 1_000_000 + int(microseconds), float(number)
    raise _Malformed("a value is no pair of a time and a number")


def _list(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise _Malformed("a list is missing")
    return value
