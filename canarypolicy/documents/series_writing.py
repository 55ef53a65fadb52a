"""
Values written as a series in promtool's notation: the inverse of `canarypolicy.documents.series`.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from canarypolicy.documents.signals import Value


def series_text(values: Iterable[Value | None]) -> str:
    """
    Write one value a sample: `0.004x4` is a number and four more like it, `_` is a sample without a value.
    """
    return " ".join(_runs(values))


def yaml_text(text: str) -> str:
    """
    Write text in single quotes, as YAML reads it back.
    """
    return "'" + text.replace("'", "''") + "'"


def _runs(values: Iterable[Value | None]) -> Iterator[str]:
    for value, group in groupby(values):
        word, more = _word(value), sum(1 for _ in group) - 1
        if isinstance(value, str):
            # a declared value may itself end like `x3`: it is said anew for each sample
            yield from [word] * (more + 1)
        elif value is None:
            yield f"_x{more + 1}" if more else word  # no value has a first one: `_x3` are three
        else:
            yield f"{word}x{more}" if more else word


def _word(value: Value | None) -> str:
    match value:
        case None:
            return "_"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"' if any(character.isspace() for character in value) or not value else value
    return repr(value)
