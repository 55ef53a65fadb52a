"""
Reading one JSON document by JMESPath: a query to each signal's value, and one to when it was measured.

Whatever is in the document, it ends in a value or in a reason; nothing is asked here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from canarypolicy.derived.window import Missing
from canarypolicy.documents.secrets import masked
from canarypolicy.history.instant import BadTime, instant_of
from canarypolicy.history.wording import kind_of
from canarypolicy.sources.protocol import Series

if TYPE_CHECKING:
    from canarypolicy.documents.keeper import Keeper
    from canarypolicy.documents.secrets import Secret
    from canarypolicy.sources.protocol import Asked

_MOST_DIGITS = 400
"""Longer integers are beyond every double, and reading them digit by digit takes long."""


def read_document(text: bytes | str, label: str) -> Any:
    """
    Read JSON; `Missing` for what is none. NaN and infinities are data, as in a recording.
    """
    try:
        return json.loads(text, parse_int=_integer)
    except (ValueError, RecursionError):  # bytes that are no text are a `ValueError`, too
        return Missing(why=f"the answer of {label} is not JSON")


def series_of(document: Any, asked: Asked, keeper: Keeper, at_us: int) -> Series:
    """
    Give what a document says of one signal at the only time of which it says anything.
    """
    times_us: dict[int, int] = {}
    found = _value(document, asked, keeper)
    if not isinstance(found, Missing) and asked.measured is not None and asked.is_timed:
        measured_us = _time(document, asked.measured, asked, keeper)
        if isinstance(measured_us, Missing):
            found = Missing(why=f"its age is not known: {measured_us.why}")
        else:
            times_us[at_us] = measured_us
    is_missing = isinstance(found, Missing)
    return Series(
        values={} if is_missing else {at_us: found},
        why={at_us: found.why} if isinstance(found, Missing) else {},
        times_us=times_us,
        otherwise="its source knows only the present",
    )


def _value(document: Any, asked: Asked, keeper: Keeper) -> Any:
    found = _search(document, asked.query, asked, keeper)
    if found is None:
        return Missing(why="the query finds nothing")
    if isinstance(found, (list, dict)):
        return Missing(why=f"the query finds {kind_of(found)}: a signal is a number, a bool or text")
    return Missing(why=f"the query fails: {found.why}") if isinstance(found, Missing) else found


def _time(document: Any, measured: Secret, asked: Asked, keeper: Keeper) -> int | Missing:
    found = _search(document, measured, asked, keeper)
    if found is None:
        return Missing(why="`measured` finds nothing")
    if isinstance(found, Missing):
        return Missing(why=f"`measured` fails: {found.why}")
    try:
        return instant_of(found)
    except BadTime as fault:
        return Missing(why=_shown(fault.message, asked, keeper))


def _search(document: Any, query: Secret, asked: Asked, keeper: Keeper) -> Any:
    import jmespath  # noqa: PLC0415 - only who looks into JSON needs it

    try:
        return jmespath.compile(query.reveal()).search(document)  # compiled once: the library keeps what it compiled
    except (jmespath.exceptions.JMESPathError, ValueError, TypeError, RecursionError) as error:
        first, *_ = str(error).splitlines() or [type(error).__name__]
        return Missing(why=_shown(first, asked, keeper))


def _shown(text: str, asked: Asked, keeper: Keeper) -> str:
    return keeper.shown(masked(text, asked.brought_in))


def _integer(digits: str) -> float:
    return int(digits) if len(digits) <= _MOST_DIGITS else float(digits)
