"""
One self-contained HTML page of replayed rollouts: no script, and nothing loaded from elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy import __version__
from canarypolicy.documents.duration import format_instant
from canarypolicy.history.decision_record import number
from canarypolicy.reports.decision_text import WITHOUT_GATES, lacking_text, policy_text
from canarypolicy.reports.escape import visible, xml_text
from canarypolicy.reports.html_chart import chart
from canarypolicy.reports.html_style import STYLE
from canarypolicy.reports.report import Report
from canarypolicy.reports.result import Replay
from canarypolicy.reports.timeline_text import COUNTERFACTUAL, NOTHING_JUDGED, count_text, difference_lines, extent_text
from canarypolicy.reports.value_text import margin_text, seen_text, verdict_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.engine.decision import Decision, Reason
    from canarypolicy.history.replay import Timeline
    from canarypolicy.reports.result import ReplayedRollout

_REFUSE_SCRIPTS = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"


def _replay(replay: Replay) -> str:
    return "\n".join(_page(replay)) + "\n"


def _page(replay: Replay) -> Iterator[str]:
    title = xml_text(f"{replay.policy.name}: {len(replay.rollouts)} replayed rollout{'s' if len(replay.rollouts) != 1 else ''}")
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield _REFUSE_SCRIPTS
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>"
    yield f'<p class="faint">{_text(policy_text(replay.policy))}</p>'
    if replay.against is not None:
        yield f'<p class="faint">against {_text(policy_text(replay.against))}</p>'
    yield "</header>\n<main>"
    if len(replay.rollouts) > 1:
        yield from _contents(replay)
    for index, rollout in enumerate(replay.rollouts):
        yield from _rollout(replay, rollout, index)
    yield f'</main>\n<footer class="rollout faint"><p>canarypolicy {__version__}</p></footer>\n</body>\n</html>'


def _contents(replay: Replay) -> Iterator[str]:
    yield f"<p>{_text(count_text([rollout.timeline for rollout in replay.rollouts]))}</p>"
    yield '<div class="wide"><table>\n<thead><tr><th scope="col">rollout</th><th scope="col">outcome</th>'
    yield f"{'<th scope=col>against</th>' if replay.against else ''}</tr></thead>\n<tbody>"
    for index, rollout in enumerate(replay.rollouts):
        name = f'<a href="#rollout-{index}">{_text(rollout.timeline.rollout)}</a>'
        other = "" if rollout.against is None else f"<td>{_outcome(rollout.against)}</td>"
        yield f"<tr><td>{name}</td><td>{_outcome(rollout.timeline)}</td>{other}</tr>"
    yield "</tbody>\n</table></div>"


def _rollout(replay: Replay, rollout: ReplayedRollout, index: int) -> Iterator[str]:
    timeline = rollout.timeline
    yield f'<section class="rollout" id="rollout-{index}" aria-labelledby="name-{index}">'
    yield f'<h2 id="name-{index}">{_text(timeline.rollout)} {_outcome(timeline)}</h2>'
    if replay.expected is not None and replay.expected is not timeline.outcome:
        yield f"<p>{replay.expected.value} was expected</p>"
    yield f'<p class="faint">{_text(extent_text(rollout))}, {_text(timeline.source)}</p>'
    if rollout.lacks_gates:
        yield f'<p class="faint">{WITHOUT_GATES}</p>'
    if not timeline.decisions:
        yield f"<p>{NOTHING_JUDGED}</p>"
    yield chart(replay, rollout)
    yield from _changes(timeline, shows_all=replay.shows_all)
    if rollout.against is not None:
        yield "<p>Against the other policy:</p>\n<ul>"
        yield from (f"<li>{_text(line)}</li>" for line in difference_lines(timeline, rollout.against))
        yield "</ul>"
    yield "</section>"


def _outcome(timeline: Timeline) -> str:
    return f'<span class="outcome {timeline.outcome.value}">{timeline.outcome.value}</span>'


def _changes(timeline: Timeline, *, shows_all: bool) -> Iterator[str]:
    yield '<div class="wide"><table>\n<thead><tr><th scope="col">time</th><th scope="col">step</th>'
    yield '<th scope="col">weight</th><th scope="col">decision</th><th scope="col">reasons</th></tr></thead>\n<tbody>'
    apart_us = timeline.counterfactual_from_us
    for decision in timeline.decisions if shows_all else timeline.changes:
        if apart_us is not None and decision.at_us >= apart_us:
            yield f'<tr><td class="num">{format_instant(apart_us)}</td><td colspan="4">{COUNTERFACTUAL}</td></tr>'
            apart_us = None
        yield _change(decision)
    yield "</tbody>\n</table></div>"


def _change(decision: Decision) -> str:
    word = verdict_word(decision)
    reasons = "".join(f"<li>{_reason(reason)}</li>" for reason in decision.reasons)
    return (
        f'<tr><td class="num">{format_instant(decision.at_us)}</td><td class="num">{_text(decision.step)}</td>'
        f'<td class="num">{number(decision.weight)} %</td><td class="{word}"><strong>{word}</strong></td>'
        f"<td><ul>{reasons}</ul></td></tr>"
    )


def _reason(reason: Reason) -> str:
    parts = [f"<strong>{_text(reason.rule)}</strong> {reason.state.value.replace('-', ' ')}: {_text(reason.message)}"]
    if reason.values:
        seen, margin = seen_text(reason.values), reason.margin
        parts.append(_text(seen if margin is None else f"{seen}, {margin_text(margin)}"))
    lacking = lacking_text(reason)
    if lacking is not None:
        parts.append(f"{lacking} lacking")
    return "; ".join(parts)


def _text(text: str) -> str:
    return xml_text(visible(text))


HTML = Report(name="html", summary="one self-contained page", renderers={Replay: _replay})
