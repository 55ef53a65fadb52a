"""
A program of your own that prints one JSON document: run once a tick, whatever the number of signals in it.

```yaml
sources:
  own: {command: {run: [python, scripts/business.py, --json], timeout: 10s}}
signals:
  canary.failed_sales: {source: own, query: sales.failed}
```

It knows only the present. It has to end in status 0 within its time limit; else it is ended with all that it started, and
its signals are missing. A signal's query, and `measured`, are JMESPaths into the document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from canarypolicy.derived.window import Missing
from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.source_parameters import CommandSourceParameters
from canarypolicy.processes import NotEnded, arguments_of, failure_of, program_of, run_program
from canarypolicy.sources.json_answer import read_document, series_of
from canarypolicy.sources.protocol import Series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from canarypolicy.documents.secrets import World
    from canarypolicy.history.window import Window
    from canarypolicy.sources.protocol import Asked


class Command:
    """
    Runs a program and looks the signals up in what it prints.
    """

    name: ClassVar[str] = "command"
    Parameters = CommandSourceParameters
    knows_past: ClassVar[bool] = False

    def __init__(self, label: str, parameters: CommandSourceParameters, world: World) -> None:
        self._label = f"`{label}`"
        self._keeper = Keeper(f"source `{label}`", world)
        arguments = arguments_of(self._keeper, parameters.run, "run")
        self._program = program_of(self._keeper, arguments, microseconds(parameters.timeout))

    def fetch(self, asked: Sequence[Asked], window: Window) -> Mapping[str, Series]:
        """
        Run the program once for all signals.
        """
        document = self._document()
        if isinstance(document, Missing):
            return {each.signal: Series.silent(document.why) for each in asked}
        return {each.signal: series_of(document, each, self._keeper, window.end_us) for each in asked}

    def _document(self) -> Any:
        ended = run_program(self._program, self._keeper)
        why = ended.why if isinstance(ended, NotEnded) else failure_of(ended, self._program, self._keeper)
        if why is not None or isinstance(ended, NotEnded):
            return Missing(why=str(why))
        return read_document(ended.stdout, self._label)
