"""
Parquet recordings: the columns of a CSV recording, typed.

The place of a fault is the number of its row, counted from 1: a table without text has no lines.
pyarrow is imported here and nowhere else, when a Parquet recording is read.
"""

from __future__ import annotations

from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from canarypolicy.errors import Unavailable
from canarypolicy.history.draft import BadLine, Line
from canarypolicy.history.instant import EXPECTED, BadTime, instant_of
from canarypolicy.history.table import Row, add_row, columns_of
from canarypolicy.history.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from canarypolicy.history.draft import Draft, Place
    from canarypolicy.history.table import Columns

MOST_CELLS = 50_000_000
"""A table may have so many cells: a few bytes of Parquet can stand for any number of them."""

_PER_UNIT_US = {"s": (1_000_000, 1), "ms": (1_000, 1), "us": (1, 1), "ns": (1, 1_000)}
_EARLIEST_US = -62_135_596_800_000_000
_LATEST_US = 253_402_300_799_999_999


def read_parquet(data: bytes, draft: Draft) -> None:
    """
    Read a Parquet table into the draft; a file that cannot be used is a `BadLine`, the lack of pyarrow is `Unavailable`.
    """
    table = _open(data, draft.path)
    columns = columns_of(table.column_names, _no_place)
    instant = _instant_reader(table.schema.field(columns.time).type)
    cells_by_column = [_cells(table, index, columns) for index in range(len(columns.names))]
    for number, cells in enumerate(zip(*cells_by_column, strict=True), 1):
        line = Line(number, ", ".join(text for _, text in _texts(columns, cells)))
        try:
            at_us = instant(cells[columns.time])
            signals = {name: cells[index] for index, name in columns.signals if cells[index] is not None}
            add_row(draft, columns, Row(line, at_us, cells, signals), partial(_place, columns, cells))
        except BadTime as fault:
            draft.refuse(BadLine("bad-time", fault.message, _place(columns, cells, columns.time), fault.help), line)
        except BadLine as bad:
            draft.refuse(bad, line)


def _open(data: bytes, path: str) -> Any:
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra that only Parquet needs
        from pyarrow import parquet  # noqa: PLC0415 - as above
    except ImportError as fault:
        raise Unavailable(f"reading {quoted(path)} needs pyarrow", help="pip install 'canarypolicy[parquet]'") from fault
    try:
        file = parquet.ParquetFile(pa.BufferReader(data), page_checksum_verification=True, arrow_extensions_enabled=False)
        cells = file.metadata.num_rows * file.metadata.num_columns
        table = file.read() if cells <= MOST_CELLS else file.schema_arrow.empty_table()
        table.validate(full=True)
    except Exception as fault:  # pyarrow raises whatever the damaged bytes led it to
        raise BadLine("bad-parquet", f"the file is damaged, or is not Parquet: {_first_sentence(fault)}") from fault
    if cells > MOST_CELLS:
        raise BadLine("too-large", f"the table has {cells} cells, at most {MOST_CELLS} are read")
    return table


def _first_sentence(fault: Exception) -> str:
    text = (str(fault).splitlines() or [""])[0].strip().rstrip(".")[:120]
    return f"{text[:1].lower()}{text[1:]}" if text else type(fault).__name__


def _no_place(_: int) -> Place | None:
    return None


def _instant_reader(type_: Any) -> Callable[[Any], int]:
    """
    Give what reads the cells of the time column.
    """
    from pyarrow import types  # noqa: PLC0415 - an extra that only Parquet needs

    if types.is_timestamp(type_):
        return partial(_counted, *_PER_UNIT_US[type_.unit])
    plain = type_.value_type if types.is_dictionary(type_) else type_
    if types.is_integer(plain) or types.is_floating(plain) or _is_text(plain):
        return instant_of
    raise BadLine("wrong-type", f"column `time` has the type {quoted(type_)}: expected a timestamp, text or epoch seconds")


def _counted(times: int, parts: int, count: int | None) -> int:
    if count is None:
        raise BadTime(f"the row has no time: {EXPECTED}")
    at_us = count * times // parts
    if not _EARLIEST_US <= at_us <= _LATEST_US:
        raise BadTime(f"the time lies {quoted(at_us)} microseconds from 1970: expected a year from 1 to 9999")
    return at_us


def _cells(table: Any, index: int, columns: Columns) -> list[Any]:
    """
    Give a column's cells as Python values; a column whose type no signal can have is a `BadLine`.
    """
    import pyarrow as pa  # noqa: PLC0415 - an extra that only Parquet needs
    from pyarrow import types  # noqa: PLC0415 - as above

    column, type_ = table.column(index), table.schema.field(index).type
    if types.is_timestamp(type_) and index == columns.time:
        column = column.cast(pa.int64())
    elif types.is_decimal(type_):
        column = column.cast(pa.float64())
    plain = type_.value_type if types.is_dictionary(type_) else type_
    fits = types.is_integer(plain) or types.is_floating(plain) or types.is_boolean(plain) or types.is_decimal(type_)
    if index != columns.time and not (fits or _is_text(plain) or types.is_null(plain)):
        message = f"column {quoted(columns.names[index])} has the type {quoted(type_)}: expected numbers, bools or text"
        raise BadLine("wrong-type", message, help="leave the column out")
    cells: list[Any] = column.to_pylist()
    return cells


def _is_text(type_: Any) -> bool:
    from pyarrow import types  # noqa: PLC0415 - an extra that only Parquet needs

    return bool(types.is_string(type_) or types.is_large_string(type_))


def _texts(columns: Columns, cells: Sequence[object]) -> Iterator[tuple[int, str]]:
    """
    Give index and text of those cells of a row that are no signals: only they can be faulty.
    """
    for index in (columns.time, columns.step, columns.weight, columns.rollout):
        if index is not None:
            yield index, f"{columns.names[index]}: {cells[index]}"


def _place(columns: Columns, cells: Sequence[object], wanted: int) -> Place:
    """
    Give the place of a cell in the text of its row.
    """
    texts = dict(_texts(columns, cells))
    start = sum(len(texts[index]) + len(", ") for index in takewhile(lambda index: index != wanted, texts))
    return start, start + len(texts[wanted])
