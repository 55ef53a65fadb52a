"""
Any server that answers a GET with a JSON document: one request a tick, whatever the number of signals in it.

```yaml
sources:
  status: {http: {url: 'https://shop.example/status', timeout: 5s, bearer_token: '${env:STATUS_TOKEN}'}}
signals:
  canary.queue_depth: {source: status, query: queue.depth, measured: queue.updated}
```

It knows only the present. A query is a JMESPath into the document, and so is `measured`, which finds epoch seconds or
RFC 3339. An answer that is not 2xx or is no JSON makes all its signals missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from canarypolicy.derived.window import Missing
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.source_parameters import HttpSourceParameters
from canarypolicy.sources.bounded_http import Exchange
from canarypolicy.sources.http_server import server_of
from canarypolicy.sources.json_answer import read_document, series_of
from canarypolicy.sources.protocol import Series

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from canarypolicy.documents.secrets import World
    from canarypolicy.history.window import Window
    from canarypolicy.sources.protocol import Asked


class Http:
    """
    Fetches a JSON document and looks the signals up in it.
    """

    name: ClassVar[str] = "http"
    Parameters = HttpSourceParameters
    knows_past: ClassVar[bool] = False

    def __init__(self, label: str, parameters: HttpSourceParameters, world: World) -> None:
        self._keeper = Keeper(f"source `{label}`", world)
        self._server = server_of(self._keeper, label, parameters)
        self._exchange = Exchange(self._server)

    def fetch(self, asked: Sequence[Asked], window: Window) -> Mapping[str, Series]:
        """
        Ask once for all signals.
        """
        document = self._document()
        if isinstance(document, Missing):
            return {each.signal: Series.silent(document.why) for each in asked}
        return {each.signal: series_of(document, each, self._keeper, window.end_us) for each in asked}

    def close(self) -> None:
        """
        Close the connection.
        """
        self._exchange.close()

    def _document(self) -> Any:
        answer = self._exchange.get()
        if isinstance(answer, Missing):
            return answer
        if not 200 <= answer.status < 300:
            return Missing(why=f"{self._server.label} answered {answer.status_text}")
        return read_document(answer.body, self._server.label)
