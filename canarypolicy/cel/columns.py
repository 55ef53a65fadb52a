"""
Columns of signal values, as the columnar reading takes them: one entry a sample, missing ones included.

Beside the values stands which of them are there; a double may be NaN instead, for no present one is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from canarypolicy.documents.signals import SignalType

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[Any]

NO_CODE: Final = -1
"""The code of a missing text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """
    The values of one signal.
    """

    type: SignalType
    values: Array
    """float64, int64, bool, or int32 codes; what stands where nothing is known must not be looked at."""
    known: Array | None = None
    """Where there is a value; None: where a double is not NaN, and where a text's code is not negative."""

    def part(self, name: str, rows: slice) -> Array:
        """
        Give `values` or `known` of some rows, or for a bool `true` or `false`: where it is known to be so.
        """
        values = self.values[rows]
        if name == "values":
            return values
        known = self._known(values) if self.known is None else self.known[rows]
        if name == "known":
            return known
        return values & known if name == "true" else known > values

    def _known(self, values: Array) -> Array:
        known: Array = values >= 0 if self.type is SignalType.STRING else values == values  # noqa: PLR0124 - NaN is not itself
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """
    All texts that string signals and literals can be, in order: a text's code is its place, so codes compare as texts do.
    """

    ordered: tuple[str, ...]
    codes: Mapping[str, int]


def texts_of(texts: Sequence[str]) -> Texts:
    """
    Number texts in their order.
    """
    ordered = tuple(sorted(set(texts)))
    return Texts(ordered=ordered, codes={text: code for code, text in enumerate(ordered)})


def column_of(values: Sequence[object], type_: SignalType, texts: Texts) -> Column:
    """
    Make a column of admitted values; None is missing. A text that is not among `texts` is a `KeyError`.
    """
    known = np.array([value is not None for value in values], dtype=np.bool_)
    match type_:
        case SignalType.DOUBLE:
            return Column(type=type_, values=np.array([np.nan if each is None else each for each in values], dtype=np.float64))
        case SignalType.STRING:
            codes = [NO_CODE if each is None else texts.codes[str(each)] for each in values]
            return Column(type=type_, values=np.array(codes, dtype=np.int32))
    kind = np.int64 if type_ is SignalType.INT else np.bool_
    return Column(type=type_, values=np.array([each or 0 for each in values], dtype=kind), known=known)
