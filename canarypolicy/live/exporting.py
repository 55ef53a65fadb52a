"""
A journal as a recording: its samples and events as they stand, behind a header that says what they are of.

Replayed with the policy that the journal begins with, following the recording, it gives the journal's decisions again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from canarypolicy.errors import Unavailable
from canarypolicy.history.recording_text import header_line, text_of_line
from canarypolicy.live.entry import EntryKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canarypolicy.live.entry import Entry
    from canarypolicy.live.storing import RunRow


def recording_text(row: RunRow, entries: Sequence[Entry]) -> str:
    """
    Give the text of a JSONL recording; a run whose journal has not begun is `Unavailable`.
    """
    if not entries:
        raise Unavailable(f"the journal of the run `{row.run}` is empty")
    items = [entry for entry in entries if entry.kind in (EntryKind.SAMPLE.value, EntryKind.EVENT.value)]
    lines = "".join(f"{entry.text}\n" for entry in items)
    return text_of_line(_header(row, entries, items)) + lines


def _header(row: RunRow, entries: Sequence[Entry], items: Sequence[Entry]) -> dict[str, Any]:
    last = entries[-1]
    return {
        **header_line(row.run),
        "policy": row.policy,
        "digest": row.digest,
        "gated": bool(entries[0].body.get("gated")),
        "begun": any(json.loads(entry.text).get("event") == "step" for entry in items if entry.kind == EntryKind.EVENT.value),
        "journal": {"entries": last.seq, "head": last.hash},
    }
