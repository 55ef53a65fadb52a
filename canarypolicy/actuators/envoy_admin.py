"""
Envoy's admin interface: requests that are answered in JSON, all within one time limit.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from canarypolicy.documents.duration import SECOND_US, format_duration
from canarypolicy.documents.secrets import Secret
from canarypolicy.http_calls import NoReply, Request, call
from canarypolicy.live.protocols import NotDone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.documents.keeper import Keeper


class TooLate(NotDone):
    """
    The time limit has passed before a whole answer came.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Admin:
    """
    One Envoy, asked until `until` of the monotonic clock.
    """

    url: Secret
    keeper: Keeper
    timeout_us: int
    until: float

    def get(self, path: str) -> Any:
        """
        Ask for a document; whatever is no JSON is `NotDone`.
        """
        try:
            return json.loads(self._ask("GET", path))
        except (ValueError, RecursionError):
            raise NotDone(f"Envoy answered `{path.partition('?')[0]}` with no JSON") from None

    def post(self, path: str) -> None:
        """
        Change something.
        """
        self._ask("POST", path)

    def left(self) -> float:
        """
        Give the seconds that are left; none is `NotDone`.
        """
        left = self.until - monotonic()
        if left <= 0:
            raise self._too_late()
        return left

    def _ask(self, method: str, path: str) -> bytes:
        url = Secret(self.url.reveal().rstrip("/") + path)
        reply = call(Request(method=method, url=url, headers={}, timeout_us=max(1, round(self.left() * SECOND_US))))
        if isinstance(reply, NoReply):
            raise self._too_late() if monotonic() >= self.until else NotDone(f"Envoy's admin interface: {reply.why}")
        if not reply.is_success:
            said = self.keeper.shown(reply.body.decode(errors="replace"))
            raise NotDone(f"Envoy answered `{path.partition('?')[0]}` with HTTP {reply.status}: {said}")
        return reply.body

    def _too_late(self) -> TooLate:
        return TooLate(f"no whole answer from Envoy within {format_duration(self.timeout_us)}")


def mappings_in(document: Any) -> Iterator[dict[str, Any]]:
    """
    Give every mapping in a JSON document, at any depth.
    """
    waiting = [document]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)
