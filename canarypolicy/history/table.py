"""
What CSV and Parquet tables have in common: the columns with a meaning of their own, and a row as a sample.

How cells are cut from a file is the business of the formats.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf, isnan
from typing import TYPE_CHECKING, NamedTuple

from canarypolicy.engine.sample import RawSample
from canarypolicy.history.draft import BadLine, TornLine
from canarypolicy.history.wording import kind_of, offered, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from canarypolicy.history.draft import Draft, Line, Place

TIME, STEP, WEIGHT, ROLLOUT = "time", "step", "weight", "rollout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """
    The columns of a table by what they mean.
    """

    names: tuple[str, ...]
    signals: tuple[tuple[int, str], ...]
    """Index and name of each column that is a signal."""
    time: int
    step: int | None
    weight: int | None
    rollout: int | None


class Row(NamedTuple):
    """
    One row: its place, its time, its cells and those of them that are signals with a value.
    """

    line: Line
    at_us: int
    cells: Sequence[object]
    signals: Mapping[str, object]


def columns_of(names: Sequence[str], place_of: Callable[[int], Place | None], help: str | None = None) -> Columns:  # noqa: A002 - the word of the messages
    """
    Tell what each column is for; `help` is the way out where there is no time column.

    A missing time column, two columns of one name and a column without a name are a `BadLine`.
    """
    indices: dict[str, int] = {}
    for index, name in enumerate(names):
        if not name:
            raise BadLine("unnamed-column", f"column {index + 1} has no name", place_of(index), "name it, or leave it out")
        first = indices.setdefault(name, index)
        if first != index:
            raise BadLine(
                "duplicate-column", f"column {quoted(name)} stands twice: column {first + 1} has that name", place_of(index)
            )
    if TIME not in indices:
        raise BadLine("missing-time", "no column is called `time`", place_of(0), help or offered(TIME, names))
    special = {name: indices.get(name) for name in (TIME, STEP, WEIGHT, ROLLOUT)}
    return Columns(
        names=tuple(names),
        signals=tuple((index, name) for name, index in indices.items() if name not in special),
        time=indices[TIME],
        step=special[STEP],
        weight=special[WEIGHT],
        rollout=special[ROLLOUT],
    )


def add_row(draft: Draft, columns: Columns, row: Row, place_of: Callable[[int], Place]) -> None:
    """
    Add a row to the course of its rollout; what cannot be is a `BadLine`.
    """
    rollout = None if columns.rollout is None else _text(row, columns.rollout, place_of)
    if columns.rollout is not None and rollout is None:
        raise BadLine(
            "missing-rollout", "the row names no rollout, though the table has a column `rollout`", place_of(columns.rollout)
        )
    step = None if columns.step is None else _text(row, columns.step, place_of)
    weight = None if columns.weight is None else _weight(row, columns.weight, place_of)
    course = draft.course(rollout)
    sentence = course.add(RawSample(at_us=row.at_us, signals=row.signals, step=step, weight=weight), row.line)
    if sentence is not None:
        raise BadLine("falling-times", sentence, place_of(columns.time))
    if columns.step is not None and step is not None and step not in course.steps:
        course.steps[step] = draft.span(row.line, place_of(columns.step))


def _text(row: Row, index: int, place_of: Callable[[int], Place]) -> str | None:
    value = row.cells[index]
    if value is None or isinstance(value, str):
        return value or None
    raise BadLine("wrong-type", f"expected a name, found {kind_of(value)}", place_of(index))


def _weight(row: Row, index: int, place_of: Callable[[int], Place]) -> float | None:
    """
    Give the weight; NaN is none.
    """
    value = row.cells[index]
    if value is None or value == "":
        return None
    try:
        weight = float(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None
    except (ValueError, OverflowError):
        weight = None
    if weight is None or isinf(weight):
        kind = TornLine if index == len(row.cells) - 1 else BadLine
        raise kind("wrong-type", f"a weight is a number of percent, found {quoted(value)}", place_of(index))
    return None if isnan(weight) else weight
