"""
CSV recordings: a header line, then one sample a line.

Cells stay text: what `1` is, the type of its signal tells when the sample is admitted.
A quoted cell ends on its line, so that one bad quote spoils one line and not the rest of the file.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from canarypolicy.engine.cell import Cell
from canarypolicy.history.draft import BadLine, TornLine
from canarypolicy.history.instant import BadTime, instant_of
from canarypolicy.history.table import Row, add_row, columns_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from canarypolicy.history.draft import Draft, Line, Place
    from canarypolicy.history.table import Columns

_OTHER_SEPARATORS = ";\t|"
_QUOTED = re.compile(r'"((?:[^"]|"")*+)"')


def read_csv(lines: Iterable[Line], draft: Draft) -> None:
    """
    Read a CSV table into the draft; a header that cannot be used is a `BadLine` of the first line.
    """
    columns: Columns | None = None
    for line in lines:
        try:
            if columns is None:
                columns = _header(line)
            else:
                add_row(draft, columns, _row(line, columns), partial(_place, line.text))
        except BadLine as bad:
            draft.refuse(bad, line)
            if columns is None:
                return


def _header(line: Line) -> Columns:
    names = [name.strip() for name, _ in _cells(line.text)]
    separators = [each for each in _OTHER_SEPARATORS if "time" in (name.strip() for name in line.text.split(each))]
    return columns_of(names, partial(_place, line.text), "cells are parted by commas" if separators else None)


def _row(line: Line, columns: Columns) -> Row:
    text = line.text
    cells = [cell for cell, _ in _cells(text)] if '"' in text else text.split(",")
    if len(cells) != len(columns.names):
        raise _ragged(text, len(cells), len(columns.names))
    try:
        at_us = instant_of(cells[columns.time].strip())
    except BadTime as fault:
        raise TornLine("bad-time", fault.message, _place(text, columns.time), fault.help) from fault
    signals = {name: Cell(cells[index]) for index, name in columns.signals if cells[index]}
    return Row(line, at_us, cells, signals)


def _ragged(text: str, found: int, expected: int) -> BadLine:
    message = f"the row has {found} cell{'s' if found != 1 else ''}, the header has {expected}"
    if found < expected:
        return TornLine("ragged-row", message)
    return BadLine("ragged-row", message, (_place(text, expected)[0], len(text)))


def _place(text: str, index: int) -> Place:
    return _cells(text)[index][1]


def _cells(text: str) -> list[tuple[str, Place]]:
    """
    Cut a line into cells, each with its place; only at a cell's beginning is a quote more than a character.
    """
    cells, start = [], 0
    while True:
        if text.startswith('"', start):
            cell, end = _quoted_cell(text, start)
        else:
            end = _end_of_cell(text, start)
            cell = text[start:end]
        cells.append((cell, (start, end)))
        if end == len(text):
            return cells
        start = end + 1


def _quoted_cell(text: str, start: int) -> tuple[str, int]:
    match = _QUOTED.match(text, start)
    if match is None:
        raise TornLine("bad-quotes", "a quoted cell does not end on its line", (start, len(text)))
    end = _end_of_cell(text, match.end())
    if end != match.end():
        raise BadLine("bad-quotes", "text follows the closing quote of a cell", (match.end(), end))
    return match[1].replace('""', '"'), end


def _end_of_cell(text: str, start: int) -> int:
    comma = text.find(",", start)
    return len(text) if comma < 0 else comma
