"""
The chart of one rollout: steps, decisions and signals over the same time, as HTML and inline SVG.

Nothing is told by colour alone: bands carry their words, and the table below the chart says all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from math import isfinite
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import SECOND_US, format_duration, format_instant
from canarypolicy.engine.sample import RawSample
from canarypolicy.reports.escape import visible, xml_text
from canarypolicy.reports.record import number
from canarypolicy.reports.value_text import value_text, verdict_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from canarypolicy.engine.decision import Decision
    from canarypolicy.history.replay import Timeline
    from canarypolicy.reports.result import ReplayedRollout

_MOST_POINTS = 600
_TICKS = 5
_WIDTH, _HEIGHT = 1000, 40

Point = tuple[int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """
    The time that the chart spans.
    """

    from_us: int
    until_us: int

    def share(self, at_us: int) -> float:
        """
        Give where a time lies between the chart's ends, from 0 to 1.
        """
        return min(1.0, max(0.0, (at_us - self.from_us) / max(1, self.until_us - self.from_us)))


def chart(rollout: ReplayedRollout) -> str:
    """
    Give the chart of a rollout; without samples there is none.
    """
    times = [item.at_us for item in rollout.recording.items if isinstance(item, RawSample)]
    if not times:
        return ""
    scale = Scale(from_us=times[0], until_us=times[-1])
    rows = [_axis(scale), *_lanes(rollout, scale), *_signals(rollout, scale)]
    label = xml_text(
        f"{visible(rollout.timeline.rollout)}: steps, decisions and signals over time; the table below says the same in words"
    )
    return f'<div class="chart" role="group" aria-label="{label}">\n' + "\n".join(rows) + "\n</div>"


def _row(label: str, lane: str, *, kind: str = "") -> str:
    return f'<div class="row {kind}"><div class="label">{label}</div>{lane}</div>'


def _axis(scale: Scale) -> str:
    ticks = []
    for index in range(_TICKS):
        at_us = scale.from_us + (scale.until_us - scale.from_us) * index // (_TICKS - 1)
        clock = format_instant(at_us - at_us % SECOND_US)[11:-1]
        kind = ' class="last"' if index == _TICKS - 1 else ""
        ticks.append(f'<span{kind} style="left:{100 * index / (_TICKS - 1):.2f}%">{clock}</span>')
    date = format_instant(scale.from_us)[:10]
    return _row(f"<small>{date}, UTC</small>", f'<div class="lane" aria-hidden="true">{"".join(ticks)}</div>', kind="axis")


def _lanes(rollout: ReplayedRollout, scale: Scale) -> Iterator[str]:
    yield _row("step", _lane(rollout.timeline, scale, _step_label, lambda _: "band"))
    yield _row("decision", _lane(rollout.timeline, scale, verdict_word, lambda decision: f"judged {verdict_word(decision)}"))
    if rollout.against is not None:
        yield _row("against, step", _lane(rollout.against, scale, _step_label, lambda _: "band"))
        yield _row(
            "against, decision", _lane(rollout.against, scale, verdict_word, lambda decision: f"judged {verdict_word(decision)}")
        )
    apart_us = rollout.timeline.counterfactual_from_us
    if apart_us is not None:
        words = "measured in another step than the policy is in"
        span = f'<span class="apart" style="{_place(scale, apart_us, scale.until_us)}" title="{words}">{words}</span>'
        yield _row("counterfactual", f'<div class="lane">{span}</div>')


def _step_label(decision: Decision) -> str:
    return f"{visible(decision.step)} {number(decision.weight)} %"


def _lane(timeline: Timeline, scale: Scale, label_of: Callable[[Decision], str], kind_of: Callable[[Decision], str]) -> str:
    """
    Draw one stretch for each series of decisions with the same label, up to the beginning of the next.
    """
    stretches = [(label, next(iter(group))) for label, group in groupby(timeline.decisions, key=label_of)]
    ends = [decision.at_us for _, decision in stretches[1:]] + [scale.until_us]
    spans = []
    for (label, decision), until_us in zip(stretches, ends, strict=True):
        title = xml_text(f"{label} from {format_instant(decision.at_us)}, {format_duration(until_us - decision.at_us)}")
        place = _place(scale, decision.at_us, until_us)
        spans.append(f'<span class="{kind_of(decision)}" style="{place}" title="{title}">{xml_text(label)}</span>')
    return f'<div class="lane">{"".join(spans)}</div>'


def _place(scale: Scale, from_us: int, until_us: int) -> str:
    left = 100 * scale.share(from_us)
    width = max(0.4, 100 * scale.share(until_us) - left)  # a decision at the very end is still to be seen
    return f"left:{min(left, 100 - width):.3f}%;width:{width:.3f}%"


def _signals(rollout: ReplayedRollout, scale: Scale) -> Iterator[str]:
    traces: dict[str, list[list[Point]]] = {}
    for item in rollout.recording.items:
        if not isinstance(item, RawSample):
            continue
        for name, value in item.signals.items():
            stretches = traces.setdefault(name, [[]])
            seen = _number(value)
            if seen is not None:
                stretches[-1].append((item.at_us, seen))
            elif stretches[-1]:
                stretches.append([])
    for name in sorted(traces):
        stretches = [stretch for stretch in traces[name] if stretch]
        if stretches:
            yield _trace_row(name, stretches, scale)


def _number(value: object) -> float | None:
    """
    Give what can be drawn: numbers, and 0 and 1 for false and true; a gap stays a gap.
    """
    try:
        seen = float(value)  # type: ignore[arg-type]  # what is no number is not drawn
    except (TypeError, ValueError, OverflowError):
        return {"false": 0.0, "true": 1.0}.get(str(value).lower())
    return seen if isfinite(seen) else None


def _trace_row(name: str, stretches: Sequence[Sequence[Point]], scale: Scale) -> str:
    values = [value for stretch in stretches for _, value in stretch]
    low, high = min(values), max(values)
    extent = f"{value_text(low)} to {value_text(high)}" if high > low else f"{value_text(low)} throughout"
    drawn = "".join(_trace(_thinned(stretch), scale, low, high) for stretch in stretches)
    title = xml_text(f"{visible(name)}: {extent}, last {value_text(values[-1])}")
    picture = (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{title}">'
        f'<line class="edge" x1="0" x2="{_WIDTH}" y1="{_HEIGHT - 2}" y2="{_HEIGHT - 2}"/>{drawn}</svg>'
    )
    return _row(f'<span class="name">{xml_text(visible(name))}</span><small>{xml_text(extent)}</small>', picture)


def _trace(points: Sequence[Point], scale: Scale, low: float, high: float) -> str:
    placed = [f"{_WIDTH * scale.share(at_us):.1f},{_level(value, low, high):.1f}" for at_us, value in points]
    if len(placed) == 1:
        return f'<path class="dot" d="M{placed[0]}h0"/>'
    return f'<polyline class="trace" points="{" ".join(placed)}"/>'


def _level(value: float, low: float, high: float) -> float:
    share = (value - low) / (high - low) if high > low and isfinite(high - low) else 0.5
    return _HEIGHT - 4 - share * (_HEIGHT - 8)


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
        extremes = {min(part, key=lambda point: point[1]), max(part, key=lambda point: point[1])}
        kept += sorted(extremes)
    return kept
