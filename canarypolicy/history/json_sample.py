"""
JSON files: one sample, whole or as a bare object of signals.

This is what a pipeline gives that has only the present.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.engine.sample import RawSample
from canarypolicy.history.draft import BadLine, Line
from canarypolicy.history.json_object import read_object
from canarypolicy.history.sample_object import sample_of

if TYPE_CHECKING:
    from canarypolicy.history.draft import Draft
    from canarypolicy.history.json_object import JsonObject

_WHOLE_NAMES = "write signals by their whole names, as in `canary.error_rate`"


def read_json(text: str, draft: Draft, now_us: int | None) -> None:
    """
    Read one sample into the draft; a bare object of signals is of the time `now_us`, and a fault where that is not known.
    """
    line = Line(1, text)
    try:
        found = read_object(text, "a sample")
        sample = sample_of(found) if "signals" in found.members else _bare(found, now_us)
    except BadLine as bad:
        draft.refuse(bad, line)
        return
    course = draft.course()
    course.add(sample, line)
    if sample.step is not None:
        course.steps[sample.step] = draft.span(line, found.place_of("step"))


def _bare(found: JsonObject, now_us: int | None) -> RawSample:
    signals = found.values(help=_WHOLE_NAMES)
    if now_us is None:
        help_ = 'write `{"t": "2026-05-01T10:00:00Z", "signals": {...}}`'
        raise BadLine("missing-time", "the sample has no time, and here there is no present that could be meant", (0, 0), help_)
    return RawSample(at_us=now_us, signals=signals)
