"""
Derived functions over columns, bit for bit what their folds give; those that are not here are folded sample by sample.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from canarypolicy.cel.columns import Column
from canarypolicy.derived.columnar_sums import Fixed, fixed_point, quotients
from canarypolicy.derived.columnar_window import Stretches, Windows, windows_of
from canarypolicy.documents.signals import SignalType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from canarypolicy.derived.parameters import RatioParameters, WindowParameters
    from canarypolicy.derived.window import Input

    Array: TypeAlias = NDArray[Any]

Columnar: TypeAlias = Callable[[Any, tuple["Input", ...], tuple[Column, ...], Stretches], Column | None]
"""Gives a column, or None where it cannot be computed exactly in columns."""


def _windows(parameters: WindowParameters, columns: tuple[Column, ...], stretches: Stretches) -> Windows | None:
    if parameters.within_step:
        return None
    whole = slice(0, len(stretches.times_us))
    return windows_of(parameters, tuple(column.part("known", whole) for column in columns), stretches)


def _spread(type_: SignalType, rows: Array, values: Array, known: Array, length: int) -> Column:
    """
    Put the windows' values at their rows.
    """
    column = np.zeros(length, dtype=np.float64 if type_ is SignalType.DOUBLE else np.int64)
    is_known = np.zeros(length, dtype=np.bool_)
    column[rows], is_known[rows] = values, known
    return Column(type=type_, values=column, known=is_known)


def _count(
    parameters: WindowParameters, _inputs: tuple[Input, ...], columns: tuple[Column, ...], stretches: Stretches
) -> Column | None:
    windows = _windows(parameters, columns, stretches)
    if windows is None:
        return None
    return _spread(SignalType.INT, windows.rows, windows.high - windows.low, windows.enough, len(stretches.times_us))


@np.errstate(over="ignore")
def _delta(
    parameters: WindowParameters, inputs: tuple[Input, ...], columns: tuple[Column, ...], stretches: Stretches
) -> Column | None:
    windows = _windows(parameters, columns, stretches)
    if windows is None or not len(windows.points):
        return None
    values = columns[0].values[windows.points]
    last, first = values[windows.high - 1], values[np.minimum(windows.low, len(values) - 1)]
    difference = last - first
    if inputs[0].type is SignalType.DOUBLE:
        difference = difference + 0.0  # never -0.0
        fits = np.isfinite(difference)
    else:
        fits = ((last ^ first) & (last ^ difference)) >= 0
    return _spread(inputs[0].type, windows.rows, difference, windows.enough & fits, len(stretches.times_us))


def _extreme(function: Any) -> Columnar:
    def extreme(
        parameters: WindowParameters, inputs: tuple[Input, ...], columns: tuple[Column, ...], stretches: Stretches
    ) -> Column | None:
        windows = _windows(parameters, columns, stretches)
        if windows is None or not len(windows.points):
            return None
        found = _over_windows(function, columns[0].values[windows.points] + 0, windows)
        return _spread(inputs[0].type, windows.rows, found, windows.enough, len(stretches.times_us))

    return extreme


def _over_windows(function: Any, values: Array, windows: Windows) -> Array:
    """
    Give the extreme of each window: that of two stretches, a power of two long, which cover it.
    """
    sizes = np.maximum(windows.high - windows.low, 1)
    found = np.zeros(len(sizes), dtype=values.dtype)
    length = 1
    while True:
        here = (sizes >= length) & (sizes < 2 * length)
        last = len(values) - 1
        low, high = np.minimum(windows.low[here], last), np.clip(windows.high[here] - length, 0, last)
        found[here] = function(values[low], values[high])
        if length * 2 > sizes.max(initial=1):
            return found
        values = function(values, np.append(values[length:], np.repeat(values[-1:], min(length, len(values)))))
        length *= 2


def _total(
    parameters: WindowParameters, inputs: tuple[Input, ...], columns: tuple[Column, ...], stretches: Stretches, *, is_mean: bool
) -> Column | None:
    windows = _windows(parameters, columns, stretches)
    if windows is None or inputs[0].type is not SignalType.DOUBLE:
        return None
    fixed = fixed_point(columns[0].values[windows.points], windows)
    if fixed is None:
        return None
    below = windows.high - windows.low if is_mean else np.ones(len(windows.rows), dtype=np.int64)
    values = quotients(fixed, Fixed.of_ints(np.maximum(below, 1)), windows.enough)
    return _spread(SignalType.DOUBLE, windows.rows, values, windows.enough & np.isfinite(values), len(stretches.times_us))


def _mean(*given: Any) -> Column | None:
    return _total(*given, is_mean=True)


def _sum(*given: Any) -> Column | None:
    return _total(*given, is_mean=False)


def _ratio(
    parameters: RatioParameters, inputs: tuple[Input, ...], columns: tuple[Column, ...], stretches: Stretches
) -> Column | None:
    windows = _windows(parameters, columns, stretches)
    if windows is None or any(each.type is not SignalType.DOUBLE for each in inputs):
        return None
    above, below = (fixed_point(column.values[windows.points], windows) for column in columns)
    if above is None or below is None:
        return None
    is_zero = below.is_zero
    values = quotients(above, below.with_ones(is_zero), windows.enough)
    known = windows.enough & ~is_zero & np.isfinite(values)
    return _spread(SignalType.DOUBLE, windows.rows, values, known, len(stretches.times_us))


COLUMNAR: Final[Mapping[str, Columnar]] = {
    "count": _count,
    "delta": _delta,
    "max": _extreme(np.maximum),
    "mean": _mean,
    "min": _extreme(np.minimum),
    "ratio": _ratio,
    "sum": _sum,
}
