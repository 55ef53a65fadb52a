"""
What is asked of which source, and the answers laid side by side as samples.

Nothing is asked here; whatever a source gave, the sample made of it can be judged, and written down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import SECOND_US, microseconds
from canarypolicy.documents.wording import code
from canarypolicy.engine.cell import Cell
from canarypolicy.engine.sample import RawSample
from canarypolicy.sources.protocol import Asked, Series

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.documents.environment import CheckedEnvironment, SignalEntry
    from canarypolicy.documents.secrets import World
    from canarypolicy.documents.signals import Signal

_LARGEST_INT = 10**400
"""Integers from here on are beyond every double, and writing them digit by digit takes long."""
_LAST_US = 253_402_300_799 * SECOND_US
"""The last second of the year 9999."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """
    The signals whose values are wanted; without a policy nothing is declared of them.
    """

    signals: Mapping[str, Signal | None]
    every_us: int
    max_gap_us: int

    @classmethod
    def by(cls, checked: CheckedPolicy) -> Wanted:
        """
        Give what a policy wants.
        """
        plan = checked.policy.plan
        return cls(
            signals=checked.policy.signals,
            every_us=microseconds(plan.every),
            max_gap_us=microseconds(plan.longest_gap),
        )


def asked_of_sources(environment: CheckedEnvironment, wanted: Wanted, world: World) -> dict[str, list[Asked]]:
    """
    Give what each source is asked, by its label; a secret in a query that is not there is `Unavailable`.
    """
    entries = environment.environment.signals
    asked: dict[str, list[Asked]] = {}
    for name in wanted.signals:
        entry = entries.get(name)
        if entry is not None and entry.source is not None:
            asked.setdefault(entry.source, []).append(_asked(name, entry, wanted, world))
    return asked


def _asked(name: str, entry: SignalEntry, wanted: Wanted, world: World) -> Asked:
    assert entry.query is not None, "a signal with a source has a query"
    query, brought_in = entry.query.resolve(world, f"`query` of signal `{name}`")
    measured = None
    if entry.measured is not None:
        measured, more = entry.measured.resolve(world, f"`measured` of signal `{name}`")
        brought_in = (*brought_in, *more)
    signal = wanted.signals[name]
    return Asked(
        signal=name,
        query=query,
        measured=measured,
        brought_in=brought_in,
        is_timed=signal is None or signal.max_age is not None,
        type=None if signal is None else signal.type,
        max_gap_us=wanted.max_gap_us,
    )


def without_source(
    environment: CheckedEnvironment, wanted: Wanted, given: Mapping[str, object] | None = None
) -> dict[str, Series]:
    """
    Collect what no source is asked for: values given now, values declared, and signals that nothing gives.
    """
    given = given or {}
    entries = environment.environment.signals
    series: dict[str, Series] = {}
    for name in wanted.signals:
        entry = entries.get(name)
        if name in given:
            series[name] = Series(always=given[name], otherwise="given as null")
        elif entry is None:
            series[name] = Series(otherwise=f"{code(environment.environment.metadata.name)} does not say where it comes from")
        elif entry.is_manual:
            series[name] = Series(always=entry.manual, otherwise="no value")
    return series


def sample_at(at_us: int, series: Mapping[str, Series], *, stamped_us: int | None = None) -> RawSample:
    """
    Make the sample of one time of a window; each signal has a value, or the reason why not.

    `stamped_us` is the sample's own time, where sources were asked for a coarser one.
    """
    values: dict[str, object] = {}
    why: dict[str, str] = {}
    times_us: dict[str, int] = {}
    for name, each in series.items():
        value, fault = _admissible(each.value_at(at_us))
        measured_us = each.times_us.get(at_us)
        if value is None:
            why[name] = fault or _on_one_line(each.why_missing(at_us))
        elif measured_us is not None and not 0 <= measured_us <= _LAST_US:
            why[name] = "its age is not known: its time of measurement is no time"
        else:
            values[name] = value
            if measured_us is not None:
                times_us[name] = measured_us
    return RawSample(at_us=at_us if stamped_us is None else stamped_us, signals=values, why=why, times_us=times_us)


def _admissible(value: object) -> tuple[object, str | None]:
    """
    Give a value that a recording can hold; None and why for anything else.
    """
    match value:
        case None | bool() | float() | Cell():
            return value, None
        case int():
            return (value, None) if abs(value) < _LARGEST_INT else (None, "an integer beyond every double")
        case str():
            return (value, None) if _is_text(value) else (None, "a text that has half a character")
        case _:
            return None, f"a value is a number, a bool or text, found `{type(value).__name__}`"


def _on_one_line(why: str) -> str:
    return why if why.isprintable() else "".join(each if each.isprintable() else "?" for each in why)


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
