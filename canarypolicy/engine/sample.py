"""
Samples: the values of all signals at one instant, present or missing with why (SPEC section 2.1).

A value is admitted here once, against its declaration; nothing behind this module sees NaN, infinity or a wrong type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite, isnan
from typing import TYPE_CHECKING, Protocol

from canarypolicy.documents.duration import format_duration, microseconds
from canarypolicy.documents.signal_type import INT_MAX, INT_MIN, SignalType, Worse
from canarypolicy.engine.cell import Cell

if TYPE_CHECKING:
    from datetime import timedelta

    from canarypolicy.documents.signal_type import Value


class Declared(Protocol):
    """
    What a value is held against: of a signal's declaration, what judging needs.
    """

    @property
    def type(self) -> SignalType: ...

    @property
    def range(self) -> tuple[float | None, float | None]: ...

    @property
    def values(self) -> tuple[str, ...] | None: ...

    @property
    def worse(self) -> Worse | None: ...

    @property
    def max_age(self) -> timedelta | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """
    All signal values at one instant, in microseconds since 1970.

    A declared signal is in `values` or in `missing`, never in both; a clipped one is in `values` and in `clipped`.
    """

    at_us: int
    values: Mapping[str, Value]
    missing: Mapping[str, str] = field(default_factory=dict)
    """Signal -> why it has no value."""
    clipped: Mapping[str, str] = field(default_factory=dict)
    """Signal -> what was taken as the bound on its worse side."""
    step: str | None = None
    """The step that was recorded for the time up to this sample."""
    weight: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSample:
    """
    A sample as a recording or a source gives it, before it meets a policy's declarations.
    """

    at_us: int
    signals: Mapping[str, object]
    why: Mapping[str, str] = field(default_factory=dict)
    """Signal -> why it is missing, as its source said."""
    times_us: Mapping[str, int] = field(default_factory=dict)
    """Signal -> when it was measured; without it `max_age` was settled when the sample was taken."""
    step: str | None = None
    weight: float | None = None


def admit_sample(raw: RawSample, signals: Mapping[str, Declared]) -> Sample:
    """
    Hold a raw sample against the declared signals; what is not declared is left out.
    """
    values: dict[str, Value] = {}
    missing: dict[str, str] = {}
    clipped: dict[str, str] = {}
    for name, signal in signals.items():
        value, why = admit(raw.signals.get(name), signal)
        if value is None:
            missing[name] = raw.why.get(name, why) if raw.signals.get(name) is None else why
            continue
        age_us = raw.at_us - raw.times_us.get(name, raw.at_us)
        if signal.max_age is not None and age_us > microseconds(signal.max_age):
            missing[name] = f"{format_duration(age_us)} old, over its max_age of {format_duration(microseconds(signal.max_age))}"
            continue
        values[name] = value
        if why:
            clipped[name] = why
    return Sample(at_us=raw.at_us, values=values, missing=missing, clipped=clipped, step=raw.step, weight=raw.weight)


def admit(value: object, signal: Declared) -> tuple[Value | None, str]:
    """
    Give the value of the declared type, or None and why it is missing.

    With a value, text is how it was clipped. A number beyond the range on the worse side becomes the bound.
    """
    if isinstance(value, Cell):
        value = value.read_as(signal.type)
    if value is None:
        return None, "no value"
    if isinstance(value, float) and isnan(value):
        return None, "not a number"
    typed = _to_type(value, signal.type)
    if typed is None:
        return None, _wrong_type(value, signal.type)
    if isinstance(typed, str):
        if signal.values is not None and typed not in signal.values:
            return None, f"`{typed[:40]}` is not one of the declared values"
        return typed, ""
    return _within(typed, signal)


def _to_type(value: object, type_: SignalType) -> Value | None:
    match type_:
        case SignalType.STRING:
            return value if isinstance(value, str) else None
        case SignalType.BOOL:
            return bool(value) if isinstance(value, (bool, int, float)) and value in (0, 1) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _is_finite(value):
        return None
    if type_ is SignalType.DOUBLE:
        return float(value)
    return int(value) if value == int(value) and INT_MIN <= value <= INT_MAX else None


def _is_finite(value: float) -> bool:
    try:
        return isfinite(value)
    except OverflowError:  # an int beyond every double
        return False


def _wrong_type(value: object, type_: SignalType) -> str:
    if isinstance(value, float) and not isfinite(value):
        return "infinite"
    return f"`{str(value)[:40]}` is no {type_.value}"


def _within(value: float, signal: Declared) -> tuple[Value | None, str]:
    low, high = signal.range
    if low is not None and value < low:
        bound, side = low, Worse.LOWER
    elif high is not None and value > high:
        bound, side = high, Worse.HIGHER
    else:
        return value, ""
    if signal.worse is not side:
        return None, f"{value!r} is out of range"
    return type(value)(bound), f"{value!r} taken as {bound!r}, the end of the range"
