"""
A sample as a JSON object: `{"t": ..., "signals": {...}}` with `why`, `times`, `step` and `weight`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.engine.sample import RawSample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from canarypolicy.history.json_object import JsonObject

SAMPLE_KEYS = ("t", "signals", "why", "times", "step", "weight")


def sample_of(found: JsonObject) -> RawSample:
    """
    Read a sample; a value that does not fit its signal is data and is judged when the sample is admitted.
    """
    found.check_keys(SAMPLE_KEYS, required=("t", "signals"))
    return RawSample(
        at_us=found.instant_of("t"),
        signals=found.object_of("signals").values(),
        why=_why(found.object_of("why")),
        times_us=_times(found.object_of("times")),
        step=found.text_of("step"),
        weight=found.weight_of("weight"),
    )


def _why(found: JsonObject) -> Mapping[str, str]:
    texts = ((name, found.text_of(name)) for name in found.members)
    return {name: text for name, text in texts if text is not None}


def _times(found: JsonObject) -> Mapping[str, int]:
    return {name: found.instant_of(name) for name in found.members}
