"""
One POST to who tells people; only an answer of 200 to 299 is taken for told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.http_calls import NoReply, call
from canarypolicy.live.protocols import NotDone

if TYPE_CHECKING:
    from canarypolicy.documents.keeper import Keeper
    from canarypolicy.http_calls import Request


def post(keeper: Keeper, request: Request) -> None:
    """
    Send a request; what was not taken in is `NotDone`, with the server's own words.
    """
    reply = call(request)
    if isinstance(reply, NoReply):
        raise NotDone(f"{keeper.place}: {reply.why}")
    if not reply.is_success:
        said = keeper.shown(reply.body[:1000].decode("utf-8", "replace"))
        raise NotDone(f"{keeper.place} answered with HTTP {reply.status}{f': {said}' if said else ''}")
