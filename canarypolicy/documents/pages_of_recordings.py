"""
Pages on findings in recordings; see `canarypolicy.documents.pages`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PAGES_OF_RECORDINGS: Mapping[str, str] = MappingProxyType(
    {
        "bad-gzip": """The file is no gzip file, or it is broken.

A stream that merely ends too early is read up to there.
""",
        "bad-json": """A line is not JSON.

Each line of a JSONL recording is one object. A torn last line is skipped; any other is an error.
""",
        "bad-parquet": """The file is no Parquet file, or its columns cannot be read.

A recording has a `time` column and one column per signal.
""",
        "bad-quotes": """A quote in a CSV line is not closed.

Cells with commas or quotes stand in double quotes.
""",
        "bad-time": """A time is neither RFC 3339 nor epoch seconds.

Write `2026-05-01T10:00:00Z`.
""",
        "duplicate-column": """Two columns have one name.

Nobody could tell which of them counts.
""",
        "empty-recording": """A recording has neither a sample nor an event.

Nothing can be judged, so nothing advances.
""",
        "falling-times": """A time is not later than the one before.

Times rise within a rollout; an event may have the time of a sample. A change of the clock, rows given
twice and unsorted rows are the usual causes.
""",
        "missing-header": """A JSONL recording does not begin with its header.

The first line is `{"recording": "canarypolicy/v1", "rollout": "NAME"}`. Without it any JSONL file would
pass for a recording.
""",
        "missing-rollout": """A row does not say to which rollout it belongs.

Where there is a `rollout` column, every row has a value in it.
""",
        "missing-time": """A sample or row has no time.

CSV and Parquet have a `time` column, JSONL has `t`.
""",
        "more-bad-lines": """There are more bad lines than are shown.

Correct those that are, and run it again.
""",
        "no-recorded-steps": """There are no recorded steps to follow.

Leave `--follow recording` out: the policy's own decisions are followed then.
""",
        "not-text": """The recording is no UTF-8 text.

A binary file was perhaps named by mistake.
""",
        "nothing-judged": """No sample lies at or after the rollout's start.

All is only history. Check `--start`, `--since` and `--at`.
""",
        "ragged-row": """A CSV row has more or fewer cells than the header.

A comma is missing or too many; cells with commas stand in quotes.
""",
        "repeated-header": """The header of a recording stands again in its middle.

Two recordings were perhaps joined. Give each its own file.
""",
        "too-large": """The recording is larger than can be read at once.

Split it by rollout or by day.
""",
        "torn-line": """The last line of a recording is incomplete.

The writer was perhaps stopped. The line is skipped; all before it counts.
""",
        "unknown-event": """An event is of a kind that does not exist.

There are step, gate, abort, pause, resume, approve, freeze, unfreeze, signal and drift.
""",
        "unknown-format": """The name of a file does not end like that of a recording.

Endings are `.jsonl`, `.csv`, `.parquet` and `.json`; the first two may be compressed, `.gz`.
""",
        "unnamed-column": """A column of a table has no name.

The first line names each column.
""",
    }
)
