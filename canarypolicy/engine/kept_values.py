"""
Values out of a record that anybody may have written: each is of the kind that is asked for, or a `ValueError`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from canarypolicy.documents.duration import microseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from canarypolicy.documents.signal_type import SignalType, Worse

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSignal:
    """
    What of a signal's declaration judging needs: `canarypolicy.engine.sample.Declared`.
    """

    type: SignalType
    range: tuple[float | None, float | None]
    values: tuple[str, ...] | None
    worse: Worse | None
    max_age_us: int | None

    @property
    def max_age(self) -> timedelta | None:
        return None if self.max_age_us is None else timedelta(microseconds=self.max_age_us)


def text(value: Any) -> str:
    """
    Give a text.
    """
    if not isinstance(value, str):
        raise ValueError("no text")  # noqa: TRY004 - one error for whatever is in the record
    return value


def whole(value: Any) -> int:
    """
    Give a whole number.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("no whole number")  # noqa: TRY004 - as above
    return value


def number(value: Any) -> float:
    """
    Give an int or a double, as which it was kept.
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError("no number")  # noqa: TRY004 - as above
    return value


def flag(value: Any) -> bool:
    """
    Give a truth.
    """
    if not isinstance(value, bool):
        raise ValueError("no truth")  # noqa: TRY004 - as above
    return value


def maybe(kind: Callable[[Any], T], value: Any) -> T | None:
    """
    Give a value of a kind, or None.
    """
    return None if value is None else kind(value)


def each(kind: Callable[[Any], T], values: Any) -> tuple[T, ...]:
    """
    Give the values of a list.
    """
    if not isinstance(values, list):
        raise ValueError("no list")  # noqa: TRY004 - as above
    return tuple(kind(value) for value in values)


def texts(values: Any) -> tuple[str, ...]:
    """
    Give the texts of a list.
    """
    return each(text, values)


_WINDOW: Final[Mapping[str, Callable[[Any], Any]]] = {"of": text, "over": whole, "min_samples": whole, "within_step": flag}
PARAMETERS: Final[Mapping[str, Mapping[str, Callable[[Any], Any]]]] = {
    "frozen": {"of": text, "over": whole, "min_samples": whole, "at": text},
    "growing": {**_WINDOW, "confidence": number},
    "quantile": {**_WINDOW, "q": number},
    "ratio": {**_WINDOW, "to": text},
}
"""Derived function -> its parameters and their kinds, where they are others than those of a plain window."""


def parameters_record(parameters: Any) -> dict[str, Any]:
    """
    Give the parameters of a derived function as a JSON value, durations in microseconds.
    """
    given = vars(parameters) if isinstance(parameters, SimpleNamespace) else dict(parameters)
    return {name: microseconds(value) if isinstance(value, timedelta) else value for name, value in given.items()}


def parameters_of(record: Any, function: str) -> Any:
    """
    Give the parameters of a derived function, by the names that its model has for them.
    """
    kinds = PARAMETERS.get(function, _WINDOW)
    if not isinstance(record, dict) or record.keys() != kinds.keys():
        raise ValueError("other parameters")
    given = {name: kind(record[name]) for name, kind in kinds.items()}
    if given["over"] <= 0:
        raise ValueError("a window without a length")
    return SimpleNamespace(**{**given, "over": timedelta(microseconds=given["over"])})
