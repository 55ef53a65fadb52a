"""
Signals over time as inline SVG: one trace a signal, broken where nothing was measured, with the limits that rules set.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from canarypolicy.engine.sample import RawSample
from canarypolicy.reports.escape import visible, xml_text
from canarypolicy.reports.value_text import value_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from canarypolicy.history.recording import Recording
    from canarypolicy.reports.time_scale import TimeScale

_MOST_POINTS = 600
_WIDTH, _HEIGHT, _EDGE = 1000, 40, 4

Point = tuple[int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """
    What was measured of one signal: stretches of points without a gap between them.
    """

    signal: str
    stretches: tuple[tuple[Point, ...], ...]
    limits: tuple[float, ...] = ()

    @property
    def values(self) -> tuple[float, ...]:
        return tuple(value for stretch in self.stretches for _, value in stretch)

    @property
    def extent(self) -> str:
        """
        Say between which values it lies, and which limits there are.
        """
        low, high = min(self.values), max(self.values)
        words = f"{value_text(low)} to {value_text(high)}" if high > low else f"{value_text(low)} throughout"
        return words + "".join(f", limit {value_text(limit)}" for limit in self.limits)


def traces_of(recording: Recording, max_gap_us: int) -> Iterator[Trace]:
    """
    Give the trace of each signal that has a number or a truth value anywhere, in the order of the names.

    A missing value breaks it, and so does a silence over `max_gap_us`.
    """
    samples = [item for item in recording.items if isinstance(item, RawSample)]
    for name in sorted({name for sample in samples for name in sample.signals}):
        stretches = tuple(_stretches(samples, name, max_gap_us))
        if stretches:
            yield Trace(signal=name, stretches=stretches)


def trace_picture(trace: Trace, scale: TimeScale, marks_us: Sequence[int]) -> str:
    """
    Draw a trace, its limits as dashed lines, and an upright line at each mark.
    """
    low, high = min((*trace.values, *trace.limits)), max((*trace.values, *trace.limits))
    title = xml_text(f"{visible(trace.signal)}: {trace.extent}, last {value_text(trace.values[-1])}")
    upright = "".join(f"M{_WIDTH * scale.share(at_us):.1f},0V{_HEIGHT}" for at_us in marks_us)
    lines = "".join(f'<path class="limit" d="M0,{_level(limit, low, high):.1f}H{_WIDTH}"/>' for limit in trace.limits)
    drawn = "".join(_drawn(_thinned(stretch), scale, low, high) for stretch in trace.stretches)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{title}">'
        f'<path class="edge" d="M0,{_HEIGHT}H{_WIDTH}{upright}"/>{lines}{drawn}</svg>'
    )


def _stretches(samples: Sequence[RawSample], name: str, max_gap_us: int) -> Iterator[tuple[Point, ...]]:
    points: list[Point] = []
    for sample in samples:
        value = _number(sample.signals.get(name))
        if points and (value is None or sample.at_us - points[-1][0] > max_gap_us):
            yield tuple(points)
            points = []
        if value is not None:
            points.append((sample.at_us, value))
    if points:
        yield tuple(points)


def _number(value: object) -> float | None:
    """
    Give what can be drawn: numbers, and 0 and 1 for false and true.
    """
    try:
        seen = float(value)  # type: ignore[arg-type]  # what is no number is not drawn
    except (TypeError, ValueError, OverflowError):
        return {"false": 0.0, "true": 1.0}.get(str(value).lower())
    return seen if isfinite(seen) else None


def _drawn(points: Sequence[Point], scale: TimeScale, low: float, high: float) -> str:
    placed = [f"{_WIDTH * scale.share(at_us):.1f},{_level(value, low, high):.1f}" for at_us, value in points]
    if len(placed) == 1:
        return f'<path class="dot" d="M{placed[0]}h0"/>'
    return f'<polyline class="trace" points="{" ".join(placed)}"/>'


def _level(value: float, low: float, high: float) -> float:
    """
    Give the height of a value in the picture; a signal that never changes lies in the middle.
    """
    span = high / 2 - low / 2  # halves, since the difference of the two greatest doubles is none
    share = (value / 2 - low / 2) / span if span > 0 else 0.5
    return _HEIGHT - _EDGE - share * (_HEIGHT - 2 * _EDGE)


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    """
    Keep the extremes of each part of a long trace: a peak of one sample stays in sight.
    """
    if len(points) <= _MOST_POINTS:
        return points
    size = -(-len(points) * 2 // _MOST_POINTS)
    kept: list[Point] = []
    for start in range(0, len(points), size):
        part = points[start : start + size]
        kept += sorted({min(part, key=lambda point: point[1]), max(part, key=lambda point: point[1])})
    return kept
