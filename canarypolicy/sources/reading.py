"""
From an Environment to a recording: what a policy's signals were, over the window that a decision now needs.

Sources are asked here and nowhere else; what the samples mean is the engine's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.errors import Unsupported
from canarypolicy.history.recording import Recording
from canarypolicy.history.window import frozen_before, window_needed
from canarypolicy.sources.samples import Wanted, sample_at, without_source
from canarypolicy.sources.together import Together

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.documents.environment import CheckedEnvironment
    from canarypolicy.documents.secrets import World
    from canarypolicy.sources.protocol import Series

MOST_SAMPLES = 100_000
"""More times in a window are refused: no server answers that within a time limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """
    When a rollout is looked at, and where it then is.
    """

    at_us: int
    """The time of the last sample; whole milliseconds are used, as Prometheus knows no finer time."""
    step: str
    entered_us: int | None = None
    """When the step was entered; None: not known."""
    is_past: bool = False
    """Whether that is not about now: sources that know only the present are then not asked."""
    given: Mapping[str, object] = field(default_factory=dict)
    """Signals whose values are said here: they hold at every sample, whatever a source says."""


def read_environment(environment: CheckedEnvironment, checked: CheckedPolicy, occasion: Occasion, world: World) -> Recording:
    """
    Ask every source for its signals and lay the answers side by side, one sample for each time of the window.

    The last sample is at `occasion.at_us`, and is there also if no source answers: all is missing then, and it says why.
    Where no source answered at all, the past is left out, since nothing is known of it.
    Signals that are given or set by hand have their value at every sample.
    A secret that is not there is `Unavailable`; an unknown step is a `ValueError`.
    """
    at_us = occasion.at_us - occasion.at_us % 1000
    window = window_needed(checked, occasion.step, occasion.entered_us, at_us)
    if len(window.times_us) > MOST_SAMPLES:
        raise Unsupported(
            f"the policy looks back over {len(window.times_us)} samples, a live source is asked for {MOST_SAMPLES} at most",
            help="judge less often with a longer `plan.every`, or look back less far",
        )
    wanted = Wanted.by(checked)
    sources = Together(environment, wanted, world)
    try:
        fetched = sources.ask(window, is_past=occasion.is_past)
    finally:
        sources.close()
    is_known = not fetched or any(each.has_answered for each in fetched.values())
    series = {**fetched, **without_source(environment, wanted, occasion.given)}
    times = window.times_us if is_known else window.times_us[-1:]
    return Recording(
        rollout=checked.policy.metadata.name,
        source=environment.source.path,
        items=tuple(sample_at(at, series) for at in times),
        notes=(*_said_by_sources(environment, series), *_not_known(checked, occasion)),
    )


def _said_by_sources(environment: CheckedEnvironment, series: Mapping[str, Series]) -> Iterator[Finding]:
    for name, each in series.items():
        for note in each.notes:
            yield Finding(
                name="source-warns",
                message=f"`{name}`: {note}",
                span=environment.places["signals", name],
                severity=Severity.WARNING,
            )


def _not_known(checked: CheckedPolicy, occasion: Occasion) -> Iterator[Finding]:
    for name in frozen_before(checked, occasion.step):
        at = checked.policy.derived[name].parameters.at
        yield Finding(
            name="entry-unknown",
            message=f"`{name}` was fixed when `{at}` was entered, which is not known here: it is missing",
            span=checked.places["derived", name],
            severity=Severity.WARNING,
            help="only a recording or a run that remembers the whole rollout can tell",
        )
