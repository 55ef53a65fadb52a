"""
Exact sums over columns, and their quotients rounded once: what `canarypolicy.derived.exact` is for one number.

A double is cut into two whole numbers of a fixed unit, so that running sums of them are exact, whatever came before.
A quotient is computed with twice the digits; where that does not settle how it is rounded, Python's own fractions do.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import frexp
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from canarypolicy.derived.columnar_window import sums

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from canarypolicy.derived.columnar_window import Windows

    Array: TypeAlias = NDArray[Any]

_LIMB: Final = 50
"""The bits of each of the two whole numbers; sums of 2^12 of them still have 64 bits."""
_MOST_POINTS: Final = 1 << 12
_SPLITTER: Final = 134_217_729.0
"""2^27 + 1 (T. J. Dekker, A floating-point technique for extending the available precision, 1971)."""
_DOUBT: Final = 2.0**-30
"""Nearer than this to the middle between two doubles, relative to their distance, rounding is left to fractions."""
_LEAST, _GREATEST = -400, 400
"""Exponents within which nothing overflows or loses digits on the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """
    Whole numbers in the unit 2^-`shift`: `high` times 2^50 plus `low`, which is from 0 to 2^50 - 1.
    """

    high: Array
    low: Array
    shift: int

    @classmethod
    def of_ints(cls, values: Array) -> Fixed:
        return cls(high=values.astype(np.int64), low=np.zeros(len(values), dtype=np.int64), shift=_LIMB)

    @property
    def is_zero(self) -> Array:
        zero: Array = (self.high == 0) & (self.low == 0)
        return zero

    def with_ones(self, where: Array) -> Fixed:
        """
        Put something that can be divided by where nothing can.
        """
        return Fixed(high=np.where(where, 1, self.high), low=np.where(where, 0, self.low), shift=self.shift)

    def pair(self) -> tuple[Array, Array]:
        """
        Give a double and a correction to it, in units of 2^(50 - `shift`), right to about 100 digits of two.
        """
        first = self.high.astype(np.float64)
        rest = (self.high - first.astype(np.int64)).astype(np.float64) + self.low * 2.0**-_LIMB
        return _exact_sum(first, rest)

    def is_whole_pair(self, places: Array) -> Array:
        """
        Tell whether the pair of some places is exact, and not only nearly so.
        """
        high, low = self.high[places], self.low[places]
        rest = (high - high.astype(np.float64).astype(np.int64)).astype(np.float64)
        exact: Array = _exact_sum(rest, low * 2.0**-_LIMB)[1] == 0
        return exact

    def whole(self, place: int) -> int:
        return (int(self.high[place]) << _LIMB) + int(self.low[place])


def fixed_point(values: Array, windows: Windows) -> Fixed | None:
    """
    Give the exact sum of each window; None where the values are too far apart, or too many, for that.
    """
    most = float(np.max(np.abs(values), initial=0.0))
    exponent = frexp(most)[1]
    if not _LEAST < exponent < _GREATEST or np.max(windows.high - windows.low, initial=0) > _MOST_POINTS:
        return None
    coarse = values * 2.0 ** (_LIMB - exponent)
    high = np.rint(coarse)
    fine = (coarse - high) * 2.0**_LIMB
    low = np.rint(fine)
    # The least doubles vanish where the greatest makes the unit coarse.
    if not np.array_equal(fine, low) or not np.array_equal(coarse * 2.0 ** (exponent - _LIMB), values):
        return None
    highs, lows = sums(high.astype(np.int64), windows.low, windows.high), sums(low.astype(np.int64), windows.low, windows.high)
    return Fixed(high=highs + (lows >> _LIMB), low=lows & ((1 << _LIMB) - 1), shift=2 * _LIMB - exponent)


def quotients(above: Fixed, below: Fixed, wanted: Array) -> Array:
    """
    Divide, rounding the exact quotient once where it is wanted; never -0.0. What is below the line is not zero.
    """
    (one, more), (by, and_by) = above.pair(), below.pair()
    scale = below.shift - above.shift
    rough = one / by
    product, lost = _exact_product(rough, by)
    first_rest = (one - product) - lost
    rest = first_rest + more - rough * and_by
    correction = rest / by
    result = rough + correction
    error = correction - (result - rough)
    distance = np.abs(error) / np.spacing(np.abs(result))
    # Below a power of two, doubles stand twice as close.
    middle = np.where((np.frexp(result)[0] == np.copysign(0.5, result)) & (np.signbit(error) != np.signbit(result)), 0.25, 0.5)
    open_ = np.flatnonzero((np.abs(distance - middle) < _DOUBT) & wanted)
    # In the very middle the sum was rounded to even, as it should be, if all on the way to it was exact.
    exactly, remainder = _exact_product(correction[open_], by[open_])
    is_exact = (remainder == 0) & (exactly == rest[open_]) & (_exact_sum(first_rest[open_], more[open_])[1] == 0)
    is_exact &= (and_by[open_] == 0) & above.is_whole_pair(open_)
    result = result * 2.0**scale + 0.0
    for place in open_[~is_exact].tolist():
        top, bottom = above.whole(place), below.whole(place)
        result[place] = (top << max(scale, 0)) / (bottom << max(-scale, 0))
    return result


def _exact_sum(left: Array, right: Array) -> tuple[Array, Array]:
    total = left + right
    rest = total - left
    return total, (left - (total - rest)) + (right - rest)


def _exact_product(left: Array, right: Array) -> tuple[Array, Array]:
    product = left * right
    (left_high, left_low), (right_high, right_low) = _split(left), _split(right)
    return product, ((left_high * right_high - product) + left_high * right_low + left_low * right_high) + left_low * right_low


def _split(value: Array) -> tuple[Array, Array]:
    big = value * _SPLITTER
    high = big - (big - value)
    return high, value - high
