"""
Promtool's notation for series: the values of one signal, one a sample.

`1 2 3` are three samples, `4x2` is a value and two more like it, `0+1x5` and `5-1x5` count from a value on, `_` is a
sample without a value and `_x3` are three of them, `stale` is one whose value went stale. Beside numbers there are
`true` and `false`, `NaN` and `Inf`, and the declared values of a string signal, in double quotes where they have blanks.
Source: prometheus/prometheus `promql/parser/generated_parser.y`. Counting is exact in decimals: `0+0.1x3` ends with 0.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import inf, nan
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.documents.signals import INT_MAX, INT_MIN, SignalType
from canarypolicy.documents.wording import code, suggestion

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Signal

MOST_SAMPLES = 100_000
"""No scenario has more samples; a slip such as `1x1000000000` would fill the memory."""

_NUMBER = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_ITEM = re.compile(r'"[^"]*"\S*|\S+')
_COUNTED = re.compile(rf"(?P<first>{_NUMBER})(?P<step>[-+]{_NUMBER.removeprefix('[-+]?')})?(?:x(?P<more>[0-9]+))?", re.ASCII)
_WORD = re.compile(r'(?P<word>"[^"]*"|\S+?)(?:x(?P<more>[0-9]+))?', re.ASCII)
_ABSENT = re.compile(r"(?P<stale>stale)|_(?:x(?P<count>[0-9]{1,9}))?", re.ASCII)
_NOT_FINITE = {"nan": nan, "inf": inf, "+inf": inf, "-inf": -inf}
_TRUTHS = {"true": True, "false": False}


class Absent(str):
    """
    Why a sample of a series has no value.
    """

    __slots__ = ()


LEFT_OUT = Absent("the series has no value here")
WENT_STALE = Absent("the series went stale")
ENDED = Absent("the series has ended")

Item: TypeAlias = bool | int | float | str | Absent
"""One sample of a series."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesFault:
    """
    What is wrong in a series, and where in its text.
    """

    name: str
    message: str
    span: tuple[int, int]
    help: str | None = None


def series_of(text: str, signal: Signal) -> tuple[list[Item], list[SeriesFault]]:
    """
    Give the samples that a text says for a signal, and all that is wrong with it.

    A value outside of the signal's range is no fault: the engine makes it missing, or clips it.
    """
    items: list[Item] = []
    faults: list[SeriesFault] = []
    for match in _ITEM.finditer(text):
        read = _read(match.group(), signal)
        if isinstance(read, SeriesFault):
            faults.append(SeriesFault(name=read.name, message=read.message, span=match.span(), help=read.help))
            continue
        value, step, count = read
        if len(items) + count > MOST_SAMPLES:
            message = f"a series has at most {MOST_SAMPLES:,} samples"
            faults.append(SeriesFault(name="series-too-long", message=message, span=match.span()))
            break
        items += [value] * count if step is None else _counted(value, step, count)
    if not items and not faults:
        faults.append(SeriesFault(name="empty-series", message="the series has no samples", span=(0, len(text))))
    return items, faults


def _counted(first: Item, step: Decimal, count: int) -> Iterator[Item]:
    start = Decimal(str(first))
    for index in range(count):
        number = start + index * step
        yield int(number) if isinstance(first, int) and number == number.to_integral_value() else float(number)


def _read(text: str, signal: Signal) -> tuple[Item, Decimal | None, int] | SeriesFault:
    """
    Read one item: its first value, what each further one adds, and how many there are.
    """
    absent = _ABSENT.fullmatch(text)
    if absent is not None:
        return (WENT_STALE if absent["stale"] else LEFT_OUT), None, int(absent["count"] or 1)
    if signal.type is SignalType.STRING:
        return _text(text, signal)
    counted = _COUNTED.fullmatch(text)
    return _word(text, signal) if counted is None else _numbers(counted, signal)


def _numbers(counted: re.Match[str], signal: Signal) -> tuple[Item, Decimal | None, int] | SeriesFault:
    text, step = counted[0], None if counted["step"] is None else Decimal(counted["step"])
    if step is not None and counted["more"] is None:
        return _bad(f"{code(text)} does not say how many samples it is", help=f"write {code(f'{text}x5')}")
    if step is not None and signal.type is SignalType.BOOL:
        return _bad(f"{code(text)} counts, and the signal is a bool")
    if step is not None and signal.type is SignalType.INT and step != step.to_integral_value():
        return _bad(f"{code(text)} counts in fractions, and the signal is an int")
    first = _number(counted["first"], signal)
    return first if isinstance(first, SeriesFault) else (first, step, _count(counted["more"]))


def _number(text: str, signal: Signal) -> Item | SeriesFault:
    if signal.type is SignalType.BOOL:
        return bool(float(text)) if float(text) in (0, 1) else _bad(f"{code(text)} is no bool", help="write `true` or `false`")
    if signal.type is SignalType.DOUBLE:
        return float(text)
    number = Decimal(text)
    if number != number.to_integral_value() or not INT_MIN <= number <= INT_MAX:
        return _bad(f"{code(text)} is no int")
    return int(number)


def _word(text: str, signal: Signal) -> tuple[Item, Decimal | None, int] | SeriesFault:
    match = _WORD.fullmatch(text)
    word = "" if match is None else match["word"].lower()
    value = _TRUTHS.get(word) if signal.type is SignalType.BOOL else _NOT_FINITE.get(word)
    if value is None or match is None:
        asked = "`true`, `false`" if signal.type is SignalType.BOOL else "a number such as `0.004x4` or `0+1x5`"
        return _bad(f"{code(text)} is no value of {_an(signal.type)} signal", help=f"expected {asked}, or `_` for none")
    return value, None, _count(match["more"])


def _text(text: str, signal: Signal) -> tuple[Item, Decimal | None, int] | SeriesFault:
    """
    Read a declared value; one that itself ends like `x3` is taken as it stands.
    """
    values = signal.values or ()
    if text in values:
        return text, None, 1
    match = _WORD.fullmatch(text)
    word = text if match is None else match["word"].strip('"')
    if match is None or word not in values:
        return _bad(f"{code(word)} is not one of the declared values", help=suggestion(word, values, "declared"))
    return word, None, _count(match["more"])


def _an(type_: SignalType) -> str:
    return f"an {type_.value}" if type_ is SignalType.INT else f"a {type_.value}"


def _count(more: str | None) -> int:
    # A number of many digits is no int that Python would read, and too many samples in any case.
    return 1 if more is None else 1 + (int(more) if len(more) <= 9 else MOST_SAMPLES)


def _bad(message: str, help: str | None = None) -> SeriesFault:  # noqa: A002 - the word of the messages
    return SeriesFault(name="wrong-series-value", message=message, span=(0, 0), help=help)
