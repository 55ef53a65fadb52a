"""
Parquet recordings as columns, row group after row group: only what a policy reads is read, and only whole rollouts are handed on.

A table in which anything is amiss is `NotColumnar`: the reader of rows says what it is, and where.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from canarypolicy.engine.columnar_admission import admit_numbers, admit_texts, nothing
from canarypolicy.history.columnar_replay import Samples
from canarypolicy.history.table import ROLLOUT, STEP, TIME

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from canarypolicy.cel.columns import Column
    from canarypolicy.documents.signals import Signal
    from canarypolicy.history.columnar_replay import ColumnarReplay

    Array: TypeAlias = NDArray[Any]

ROWS_AT_ONCE: Final = 1 << 16
_TO_US: Final = {"s": (1_000_000, 1), "ms": (1_000, 1), "us": (1, 1), "ns": (1, 1_000)}


class NotColumnar(Exception):
    """
    A table has something that only the reader of rows knows what to do with.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """
    Whole rollouts of a table.
    """

    rollouts: tuple[str | None, ...]
    """Their names; None is the only one of its table."""
    samples: Samples


def batches_of(source: Any, replay: ColumnarReplay, *, start_us: int | None = None) -> Iterator[Batch]:
    """
    Read a Parquet table, given as a path or an open file.

    Rollouts must stand one after the other, each in order of time.
    Memory holds one piece of the table, and the rollout that goes on behind it.
    """
    from pyarrow import ArrowException, parquet  # noqa: PLC0415 - an extra that only Parquet needs

    try:
        file = parquet.ParquetFile(source, arrow_extensions_enabled=False)
        yield from _Reader(replay=replay, start_us=start_us).batches(file)
    except ArrowException as fault:
        raise NotColumnar("the file is damaged, or is not Parquet") from fault


@dataclass(slots=True, kw_only=True)
class _Reader:
    replay: ColumnarReplay
    start_us: int | None
    ended: set[str | None] = field(default_factory=set)
    """The rollouts that were handed on."""

    def batches(self, file: Any) -> Iterator[Batch]:
        import pyarrow as pa  # noqa: PLC0415 - an extra that only Parquet needs

        names = file.schema_arrow.names
        if TIME not in names or len(set(names)) != len(names):
            raise NotColumnar("its columns are not those of a recording")
        wanted = [name for name in names if name in {TIME, ROLLOUT, STEP, *self.replay.signals}]
        rest = None
        for piece in file.iter_batches(batch_size=ROWS_AT_ONCE, columns=wanted):
            table = pa.Table.from_batches([piece])
            if rest is not None:
                table = pa.concat_tables([rest, table]).combine_chunks()
            starts, _ = _rollouts(table)
            rest = table.slice(int(starts[-1]))
            if len(starts) > 1:
                yield self.batch(table.slice(0, int(starts[-1])))
        if rest is not None and len(rest):
            yield self.batch(rest)

    def batch(self, table: Any) -> Batch:
        """
        Make the columns of whole rollouts.
        """
        firsts, rollouts = _rollouts(table)
        if len(set(rollouts)) != len(rollouts) or not self.ended.isdisjoint(rollouts):
            raise NotColumnar("the rows of a rollout do not stand together")
        self.ended.update(rollouts)
        times_us = _times_us(table.column(TIME))
        rising = np.diff(times_us) > 0
        rising[firsts[1:] - 1] = True
        if not rising.all():
            raise NotColumnar("times do not rise")
        started_us = times_us[firsts] if self.start_us is None else np.full(len(firsts), self.start_us)
        if self.start_us is None and STEP in table.column_names:
            started_us = _first_steps_us(table.column(STEP), times_us, firsts)
        columns = {name: self.column(table, name, signal) for name, signal in self.replay.signals.items()}
        samples = Samples(times_us=times_us, firsts=firsts, started_us=started_us, columns=columns)
        return Batch(rollouts=rollouts, samples=samples)

    def column(self, table: Any, name: str, signal: Signal) -> Column:
        """
        Admit a signal's cells.
        """
        from pyarrow import types  # noqa: PLC0415 - an extra that only Parquet needs

        if name not in table.column_names:
            return nothing(len(table), signal)
        cells = _whole(table.column(name))
        type_ = cells.type
        if types.is_null(type_):
            return nothing(len(table), signal)
        if types.is_floating(type_):
            return admit_numbers(cells.to_numpy(zero_copy_only=False), None, signal)
        if types.is_integer(type_) or types.is_boolean(type_):
            known = cells.is_valid().to_numpy(zero_copy_only=False) if cells.null_count else None
            return admit_numbers(_integers(cells), known, signal)
        codes, dictionary = _texts(cells)
        return admit_texts(codes, dictionary, signal, self.replay.plan.texts)


def _whole(column: Any) -> Any:
    """
    Give a column in one piece.
    """
    cells = column.combine_chunks()
    return cells.chunk(0) if hasattr(cells, "num_chunks") and cells.num_chunks == 1 else cells


def _integers(cells: Any) -> Array:
    import pyarrow as pa  # noqa: PLC0415 - an extra that only Parquet needs
    from pyarrow import types  # noqa: PLC0415 - as above

    if types.is_uint64(cells.type):
        raise NotColumnar("it has unsigned numbers of 64 bits")
    filled = cells.fill_null(False) if types.is_boolean(cells.type) else cells.cast(pa.int64()).fill_null(0)
    values: Array = filled.to_numpy(zero_copy_only=False)
    return values


def _texts(cells: Any) -> tuple[Array, list[str]]:
    """
    Give the places of texts in a dictionary, -1 where there is none.
    """
    from pyarrow import types  # noqa: PLC0415 - an extra that only Parquet needs

    if not types.is_dictionary(cells.type):
        cells = cells.dictionary_encode()
    if not (types.is_string(cells.type.value_type) or types.is_large_string(cells.type.value_type)):
        raise NotColumnar(f"it has cells of the type {cells.type}")
    codes = cells.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes.astype(np.int64), cells.dictionary.to_pylist()


def _rollouts(table: Any) -> tuple[Array, tuple[str | None, ...]]:
    """
    Give the row with which each rollout begins, and their names.
    """
    if ROLLOUT not in table.column_names:
        return np.zeros(1, dtype=np.int64), (None,)
    codes, dictionary = _texts(_whole(table.column(ROLLOUT)))
    if (codes < 0).any() or "" in dictionary:
        raise NotColumnar("a row names no rollout")
    firsts = np.append(0, np.flatnonzero(np.diff(codes)) + 1)
    return firsts, tuple(dictionary[code] for code in codes[firsts])


def _times_us(column: Any) -> Array:
    import pyarrow as pa  # noqa: PLC0415 - an extra that only Parquet needs
    from pyarrow import types  # noqa: PLC0415 - as above

    if not types.is_timestamp(column.type) or column.null_count:
        raise NotColumnar("its times are not all timestamps")
    parts, count = _TO_US[column.type.unit]
    counted = _whole(column).cast(pa.int64()).to_numpy(zero_copy_only=False)
    if len(counted) and max(abs(int(counted.min())), abs(int(counted.max()))) > 2**62 // parts:
        raise NotColumnar("its times lie too far from 1970")
    times_us: Array = counted * parts // count
    return times_us


def _first_steps_us(column: Any, times_us: Array, firsts: Array) -> Array:
    """
    Give when each rollout's first recorded step was entered: at the sample before the first that names one.

    Without any it starts at its first sample.
    """
    from pyarrow import types  # noqa: PLC0415 - an extra that only Parquet needs

    if types.is_null(column.type):
        first_us: Array = times_us[firsts]
        return first_us
    codes, dictionary = _texts(_whole(column))
    named = np.flatnonzero(np.array([*(bool(text) for text in dictionary), False])[codes])
    places = np.append(named, len(times_us))[np.searchsorted(named, firsts)]
    ends = np.append(firsts[1:], len(times_us))
    entries = np.where(places < ends, np.maximum(places - 1, firsts), firsts)
    started_us: Array = times_us[entries]
    return started_us
