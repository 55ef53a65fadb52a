"""
Writing samples as rows of a CSV table: `time` and one column per signal.

A table says neither why a value is missing nor when it was measured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_instant
from canarypolicy.history.table import TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canarypolicy.engine.sample import RawSample


def csv_header(names: Sequence[str]) -> str:
    """
    Give the header of a table, with its line break.
    """
    return ",".join([TIME, *names]) + "\n"


def csv_row(names: Sequence[str], raw: RawSample) -> str:
    """
    Give the row of a sample, with its line break.
    """
    return ",".join([format_instant(raw.at_us), *(_cell(raw.signals.get(name)) for name in names)]) + "\n"


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return _quoted(" ".join(value.splitlines()))  # a cell ends on its line
        case _:
            return str(value)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if '"' in text or "," in text else text
