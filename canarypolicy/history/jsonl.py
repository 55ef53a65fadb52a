"""
JSONL recordings: a header line, then one sample or event a line.

The header is required: JSON of any other kind would otherwise pass for a recording without a sample, and a later version
of the format could not be told from this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.api_version import API_VERSION
from canarypolicy.engine.event import StepEvent
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.draft import BadLine
from canarypolicy.history.event_object import event_of
from canarypolicy.history.json_object import read_object
from canarypolicy.history.sample_object import sample_of
from canarypolicy.history.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from canarypolicy.history.draft import Draft, Line
    from canarypolicy.history.json_object import JsonObject

HEADER = f'{{"recording": "{API_VERSION}", "rollout": "..."}}'
_HELP = f"the first line is `{HEADER}`"


def read_jsonl(lines: Iterable[Line], draft: Draft) -> None:
    """
    Read a JSONL recording into the draft; without its header nothing else is read.
    """
    has_header = False
    for line in lines:
        try:
            found = read_object(line.text, "a line")
            if has_header:
                _add(found, line, draft)
            else:
                draft.rollout = _rollout_of(found)
                draft.is_gated = found.truth_of("gated")
                draft.has_begun = found.truth_of("begun")
                has_header = True
        except BadLine as bad:
            draft.refuse(bad, line)
            if not has_header:
                return


def _rollout_of(header: JsonObject) -> str | None:
    """
    Give the rollout's name in the header, whose other keys are its writer's own.
    """
    if "recording" not in header.members:
        raise header.refuse("missing-header", "the recording does not begin with its header", help=_HELP)
    version = header.text_of("recording")
    if version != API_VERSION:
        message = f"recordings of the version {quoted(version)} cannot be read: expected `{API_VERSION}`"
        raise header.refuse("unknown-version", message, "recording", help=_HELP)
    return header.text_of("rollout") or None


def _add(found: JsonObject, line: Line, draft: Draft) -> None:
    if "recording" in found.members:
        raise found.refuse("repeated-header", "a second header stands here: a JSONL file holds one rollout", "recording")
    item = event_of(found) if "event" in found.members else sample_of(found.called("a sample"))
    course = draft.course()
    sentence = course.add(item, line)
    if sentence is not None:
        raise found.refuse("falling-times", sentence, "t")
    if isinstance(item, (RawSample, StepEvent)) and item.step is not None and item.step not in course.steps:
        course.steps[item.step] = draft.span(line, found.place_of("step"))
