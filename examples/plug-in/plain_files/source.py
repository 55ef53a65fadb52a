"""
Signals from a text file: a line `name number` each, as scripts write them.

```yaml
sources:
  metrics: {plain_file: {path: metrics.txt}}
signals:
  canary.error_rate: {source: metrics, query: canary_errors}
```

A query is the name on a line. A value is as old as the file, so `max_age` sees a script that has stopped writing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.part_parameters import PartParameters
from canarypolicy.documents.secrets import Template
from canarypolicy.sources.protocol import Series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from canarypolicy.documents.secrets import World
    from canarypolicy.history.window import Window
    from canarypolicy.sources.protocol import Asked


class PlainFileSourceParameters(PartParameters):
    """
    Which file to read.
    """

    path: Template
    """The path of the file; `${env:NAME}` and `${file:PATH}` may stand in it."""


class PlainFileSource:
    """
    Reads the file at every tick.
    """

    name: ClassVar[str] = "plain_file"
    Parameters = PlainFileSourceParameters
    knows_past: ClassVar[bool] = False

    def __init__(self, label: str, parameters: PlainFileSourceParameters, world: World) -> None:
        """
        Bring in what stands in the path; the file itself is read when it is asked.
        """
        self._keeper = Keeper(f"source `{label}`", world)
        self._path = self._keeper.text(parameters.path, "path")

    def fetch(self, asked: Sequence[Asked], window: Window) -> Mapping[str, Series]:
        """
        Give the values at the end of the window. Whatever is wrong is a signal without a value, and never raised.
        """
        try:
            with open(self._path, encoding="utf-8") as file:  # noqa: PTH123 - the age of the very file that is read
                measured_us = os.fstat(file.fileno()).st_mtime_ns // 1000
                lines = file.read().splitlines()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else "it is not UTF-8 text"
            silent = Series.silent(f"{self._keeper.place} cannot read its file: {self._keeper.shown(why).lower()}")
            return {each.signal: silent for each in asked}
        numbers = dict(line.split(maxsplit=1) for line in lines if len(line.split()) == 2)
        return {each.signal: self._series(each, numbers, window.end_us, measured_us) for each in asked}

    def _series(self, asked: Asked, numbers: Mapping[str, str], at_us: int, measured_us: int) -> Series:
        name = asked.query.reveal()
        if name not in numbers:
            return Series(otherwise="no line has its name")
        try:
            value = float(numbers[name])
        except ValueError:
            return Series(otherwise=f"`{self._keeper.shown(numbers[name])}` is no number")
        return Series(
            values={at_us: value}, times_us={at_us: min(measured_us, at_us)}, otherwise="the file tells the present only"
        )
