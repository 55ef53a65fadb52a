"""
Recordings: histories in files, one or many rollouts each (SPEC section 3).

Bytes become items here; the formats have modules of their own, and nothing is opened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from canarypolicy.engine.sample import RawSample
from canarypolicy.errors import InvalidInput
from canarypolicy.history.draft import BadLine, Draft, Line
from canarypolicy.history.text_lines import lines_of, text_of, unpack

if TYPE_CHECKING:
    from canarypolicy.documents.finding import Finding
    from canarypolicy.documents.span import Span
    from canarypolicy.engine.event import Event

ENDINGS = (".jsonl", ".csv", ".csv.gz", ".jsonl.gz", ".parquet", ".json")
"""The endings of files that are recordings; capitals make no difference."""

STANDARD_INPUT = "-"
"""The path of a recording without a name: its content tells the format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """
    One rollout's history: samples and events as they were recorded, in the order of time.

    Of one time, events come before the sample. No policy has judged a value yet: `admit_sample` does.
    """

    rollout: str
    """The `rollout` column or the header's `rollout`; else the file's name without its ending."""
    source: str
    """The path of the file."""
    items: tuple[RawSample | Event, ...]
    notes: tuple[Finding, ...] = ()
    """What was skipped of the file. With many rollouts, the first carries them."""
    steps: Mapping[str, Span] = field(default_factory=dict)
    """Each recorded step -> where it stands first."""
    says_gated: bool | None = None
    """What the file says of gates itself: the journal of a run may end before the first has a result."""

    has_begun: bool = True
    """False where the file says that the rollout has not entered its first step."""

    @property
    def is_gated(self) -> bool:
        """
        Tell whether it is to be judged with the policy's gates.
        """
        events = [item for item in self.items if not isinstance(item, RawSample)]
        if self.says_gated or not events:
            return bool(self.says_gated)
        from canarypolicy.engine.event import GateEvent  # noqa: PLC0415 - most histories have samples only

        return any(isinstance(event, GateEvent) for event in events)


def read_recordings(data: bytes, path: str, *, now_us: int | None = None) -> tuple[Recording, ...]:
    """
    Read the rollouts of a file, whose path tells the format, in the order in which they begin.

    Every bad line is a finding of one `InvalidInput`. `now_us` is the time of a bare object of signals.
    """
    draft = Draft(path)
    try:
        _read(data, draft, now_us)
    except BadLine as bad:
        draft.refuse(bad, Line(1, ""))
    if not draft.errors and not any(course.items for course in draft.courses.values()):
        draft.refuse(BadLine("empty-recording", "the recording has neither a sample nor an event"), Line(1, ""))
    if draft.errors:
        raise InvalidInput(sorted((*draft.notes, *draft.errors), key=lambda finding: finding.span.line))
    notes = tuple(draft.notes)
    named = [(name or draft.rollout or _name_of(path), course) for name, course in draft.courses.items()]
    return tuple(
        Recording(
            rollout=name,
            source=path,
            items=course.in_order(),
            notes=() if index else notes,
            steps=course.steps,
            says_gated=draft.is_gated,
            has_begun=draft.has_begun is not False,
        )
        for index, (name, course) in enumerate(named)
    )


def _read(data: bytes, draft: Draft, now_us: int | None) -> None:
    ending = _format_of(data) if draft.path == STANDARD_INPUT else _ending_of(draft.path)
    if ending.endswith(".gz"):
        data = unpack(data, draft)
    match ending.removesuffix(".gz"):
        case ".csv":
            from canarypolicy.history.csv_table import read_csv  # noqa: PLC0415 - a file has one format

            read_csv(lines_of(data, draft), draft)
        case ".jsonl":
            from canarypolicy.history.jsonl import read_jsonl  # noqa: PLC0415 - as above

            read_jsonl(lines_of(data, draft), draft)
        case ".json":
            from canarypolicy.history.json_sample import read_json  # noqa: PLC0415 - as above

            read_json(text_of(data), draft, now_us)
        case _:
            from canarypolicy.history.parquet_table import read_parquet  # noqa: PLC0415 - as above

            read_parquet(data, draft)


def _ending_of(path: str) -> str:
    for ending in ENDINGS:
        if path.lower().endswith(ending):
            return ending
    listed = ", ".join(f"`{ending}`" for ending in ENDINGS)
    raise BadLine("unknown-format", "the file's name does not end like that of a recording", help=f"one of {listed}")


def _name_of(path: str) -> str:
    name = re.split(r"[/\\]", path)[-1]
    return next((name[: -len(ending)] for ending in ENDINGS if name.lower().endswith(ending)), name)


def _format_of(data: bytes) -> str:
    """
    Tell the format of a recording without a name by how it begins.
    """
    start = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"PAR1"):
        return ".parquet"
    if not start.startswith(b"{"):
        return ".csv"
    return ".jsonl" if b'"recording"' in start.split(b"\n", 1)[0] else ".json"
