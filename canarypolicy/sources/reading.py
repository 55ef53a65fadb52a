"""
From an Environment to a recording: what a policy's signals were, over the window that a decision now needs.

Sources are asked here and nowhere else; what the samples mean is the engine's business.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.engine.sample import RawSample
from canarypolicy.errors import Unsupported
from canarypolicy.history.recording import Recording
from canarypolicy.history.window import frozen_before, window_needed
from canarypolicy.sources import SOURCES
from canarypolicy.sources.protocol import Asked, Series

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.documents.environment import CheckedEnvironment, SignalEntry
    from canarypolicy.documents.secrets import World
    from canarypolicy.history.window import Window

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
    fetched = _fetch_all(environment, checked, window, world)
    is_known = not fetched or any(each.has_answered for each in fetched.values())
    series = {**fetched, **_by_hand(environment, checked, occasion.given)}
    times = window.times_us if is_known else window.times_us[-1:]
    return Recording(
        rollout=checked.policy.metadata.name,
        source=environment.source.path,
        items=tuple(_sample(at, series) for at in times),
        notes=(*_said_by_sources(environment, series), *_not_known(checked, occasion)),
    )


def _fetch_all(environment: CheckedEnvironment, checked: CheckedPolicy, window: Window, world: World) -> dict[str, Series]:
    entries = environment.environment.signals
    asked: dict[str, list[Asked]] = {}
    for name in checked.policy.signals:
        entry = entries.get(name)
        if entry is not None and entry.source is not None:
            asked.setdefault(entry.source, []).append(_asked(name, entry, checked, world))
    series: dict[str, Series] = {}
    for label, signals in asked.items():
        choice = environment.environment.sources[label]
        series.update(SOURCES[choice.name](label, choice.parameters, world).fetch(signals, window))
    return series


def _asked(name: str, entry: SignalEntry, checked: CheckedPolicy, world: World) -> Asked:
    assert entry.query is not None, "a signal with a source has a query"
    query, brought_in = entry.query.resolve(world, f"`query` of signal `{name}`")
    measured = None
    if entry.measured is not None:
        measured, more = entry.measured.resolve(world, f"`measured` of signal `{name}`")
        brought_in = (*brought_in, *more)
    return Asked(
        signal=name,
        query=query,
        measured=measured,
        brought_in=brought_in,
        is_timed=checked.policy.signals[name].max_age is not None,
    )


def _by_hand(environment: CheckedEnvironment, checked: CheckedPolicy, given: Mapping[str, object]) -> dict[str, Series]:
    """
    Collect what no source is asked for: values given now, values declared, and signals that nothing gives.
    """
    entries = environment.environment.signals
    series: dict[str, Series] = {}
    for name in checked.policy.signals:
        entry = entries.get(name)
        if name in given:
            series[name] = _constant(given[name], "given as null")
        elif entry is None:
            series[name] = _constant(None, f"`{environment.environment.metadata.name}` does not say where it comes from")
        elif entry.is_manual:
            series[name] = _constant(entry.manual, "no value")
    return series


def _constant(value: object, otherwise: str) -> Series:
    return Series(always=value, otherwise=otherwise)


def _sample(at_us: int, series: Mapping[str, Series]) -> RawSample:
    values: dict[str, object] = {}
    for name, each in series.items():
        value = each.value_at(at_us)
        if value is not None:
            values[name] = value
    return RawSample(
        at_us=at_us,
        signals=values,
        why={name: each.why_missing(at_us) for name, each in series.items() if name not in values},
        times_us={name: each.times_us[at_us] for name, each in series.items() if at_us in each.times_us},
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
