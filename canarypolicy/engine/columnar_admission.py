"""
Samples as columns, held against the declared signals: what `canarypolicy.engine.sample.admit` is for one value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from canarypolicy.cel.columns import NO_CODE, Column, Texts
from canarypolicy.documents.signals import Signal, SignalType, Worse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Array: TypeAlias = NDArray[Any]

_TWO_TO_63 = 2.0**63


def admit_numbers(values: Array, known: Array | None, signal: Signal) -> Column:
    """
    Admit a column of float64, int64 or bool; NaN, and what `known` leaves out, is missing.
    """
    there = np.ones(len(values), dtype=np.bool_) if known is None else known
    is_bool = values.dtype == np.bool_
    match signal.type:
        case SignalType.STRING:
            return nothing(len(values), signal)
        case SignalType.BOOL:
            return Column(type=signal.type, values=values == 1, known=there & ((values == 0) | (values == 1)))
        case _ if is_bool:
            return nothing(len(values), signal)
        case SignalType.DOUBLE:
            doubles = values.astype(np.float64, copy=False)
            return _within(doubles, np.isfinite(doubles) if known is None else there & np.isfinite(doubles), signal)
    if values.dtype != np.int64:
        whole = np.trunc(values)
        there = there & (whole == values) & (whole >= -_TWO_TO_63) & (whole < _TWO_TO_63)
        values = np.where(there, whole, 0.0).astype(np.int64)
    return _within(values, there, signal)


def admit_texts(codes: Array, dictionary: Sequence[str], signal: Signal, texts: Texts) -> Column:
    """
    Admit a column of texts, given as places in a dictionary; a negative one is missing.
    """
    if signal.type is not SignalType.STRING:
        return nothing(len(codes), signal)
    allowed = {text: texts.codes[text] for text in signal.values or ()}
    new = np.array([*(allowed.get(text, NO_CODE) for text in dictionary), NO_CODE], dtype=np.int32)
    return Column(type=signal.type, values=new[codes])


def nothing(length: int, signal: Signal) -> Column:
    """
    Give a column without any value.
    """
    if signal.type is SignalType.STRING:
        return Column(type=signal.type, values=np.full(length, NO_CODE, dtype=np.int32))
    kind: Any = {SignalType.DOUBLE: np.float64, SignalType.INT: np.int64, SignalType.BOOL: np.bool_}[signal.type]
    return Column(type=signal.type, values=np.zeros(length, dtype=kind), known=np.zeros(length, dtype=np.bool_))


def _within(values: Array, known: Array, signal: Signal) -> Column:
    """
    Leave out what lies beyond the range, but for its worse side: there it becomes the bound.
    """
    low, high = signal.range
    for bound, side, is_beyond in ((low, Worse.LOWER, np.less), (high, Worse.HIGHER, np.greater)):
        if bound is None:
            continue
        limit: Any = float(bound) if values.dtype == np.float64 else np.int64(bound)
        beyond = is_beyond(values, limit)
        if not beyond.any():
            continue
        if signal.worse is side:
            values = np.where(beyond, limit, values)
        else:
            known = known & ~beyond
    return Column(type=signal.type, values=values, known=known)
