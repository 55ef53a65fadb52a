"""
The chart of one rollout: steps, decisions and signals over the same time, as HTML and inline SVG.

Nothing is told by colour alone: bands carry their words, and the table below the chart says all of it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from canarypolicy.documents.duration import SECOND_US, format_duration, format_instant
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.decision_record import number
from canarypolicy.reports.escape import visible, xml_text
from canarypolicy.reports.html_trace import trace_picture, traces_of
from canarypolicy.reports.time_scale import TimeScale
from canarypolicy.reports.value_text import verdict_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from canarypolicy.engine.decision import Decision
    from canarypolicy.history.replay import Timeline
    from canarypolicy.reports.result import Replay, ReplayedRollout

_TICKS = 5


def chart(replay: Replay, rollout: ReplayedRollout) -> str:
    """
    Give the chart of a rollout; without samples there is none.
    """
    times = [item.at_us for item in rollout.recording.items if isinstance(item, RawSample)]
    if not times:
        return ""
    scale = TimeScale(from_us=times[0], until_us=times[-1])
    rows = [_axis(scale), *_lanes(rollout, scale), *_signals(replay, rollout, scale)]
    label = xml_text(
        f"{visible(rollout.timeline.rollout)}: steps, decisions and signals over time; the table below says the same in words"
    )
    return f'<div class="chart" role="group" aria-label="{label}">\n' + "\n".join(rows) + "\n</div>"


def _row(label: str, lane: str, *, kind: str = "") -> str:
    return f'<div class="row {kind}"><div class="label">{label}</div>{lane}</div>'


def _axis(scale: TimeScale) -> str:
    ticks = []
    for index in range(_TICKS):
        at_us = scale.from_us + (scale.until_us - scale.from_us) * index // (_TICKS - 1)
        clock = format_instant(at_us - at_us % SECOND_US)[11:-1]
        kind = ' class="last"' if index == _TICKS - 1 else ""
        ticks.append(f'<span{kind} style="left:{100 * index / (_TICKS - 1):.2f}%">{clock}</span>')
    date = format_instant(scale.from_us)[:10]
    return _row(f"<small>{date}, UTC</small>", f'<div class="lane" aria-hidden="true">{"".join(ticks)}</div>', kind="axis")


def _lanes(rollout: ReplayedRollout, scale: TimeScale) -> Iterator[str]:
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


def _lane(timeline: Timeline, scale: TimeScale, label_of: Callable[[Decision], str], kind_of: Callable[[Decision], str]) -> str:
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


def _place(scale: TimeScale, from_us: int, until_us: int) -> str:
    left = 100 * scale.share(from_us)
    width = max(0.4, 100 * scale.share(until_us) - left)  # a decision at the very end is still to be seen
    return f"left:{min(left, 100 - width):.3f}%;width:{width:.3f}%"


def _signals(replay: Replay, rollout: ReplayedRollout, scale: TimeScale) -> Iterator[str]:
    marks_us = [next(iter(group)).at_us for _, group in groupby(rollout.timeline.decisions, key=_step_label)]
    for found in traces_of(rollout.recording, replay.max_gap_us):
        trace = replace(found, limits=tuple(replay.limits.get(found.signal, ())))
        label = f'<span class="name">{xml_text(visible(trace.signal))}</span><small>{xml_text(trace.extent)}</small>'
        yield _row(label, trace_picture(trace, scale, marks_us))
