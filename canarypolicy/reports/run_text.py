"""
Runs as text for a terminal: the table of all, the page of one, and what came of an operator's word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from canarypolicy.documents.duration import SECOND_US, format_duration, parse_instant
from canarypolicy.reports.escape import visible
from canarypolicy.reports.paint import Tone, paint
from canarypolicy.reports.run_words import (
    DECISION_TONES,
    RULE_TONES,
    STATE_TONES,
    decision_word,
    freeze_text,
    holder_text,
    is_abandoned,
    lacking_word,
    lasting,
    request_text,
    second,
    state_word,
    value_word,
    values_word,
)
from canarypolicy.reports.sparkline import sparkline
from canarypolicy.reports.value_text import margin_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from canarypolicy.live.storing import RunRow
    from canarypolicy.live.summary import RunSummary, Stop
    from canarypolicy.reports.result import Asked, FreezeList, RunList, RunStatus

_HEADS = ("run", "policy", "environment", "state", "step", "weight", "for", "last decision")
_STATE = 3
_NOTHING = "-"


def render_runs(runs: RunList, *, color: bool = False) -> str:
    """
    Give the table of all runs, those that go on first, and the freezes in force.
    """
    return "".join(f"{line}\n" for line in _runs(runs, color=color))


def render_run(status: RunStatus, *, color: bool = False) -> str:
    """
    Give one run: where it is, what is decided and why, what is open, and what happened last.
    """
    return "".join(f"{line}\n" for line in _run(status, color=color))


def render_asked(asked: Asked, *, color: bool = False) -> str:
    """
    Say whether the run took in what was asked of it.
    """
    what = f"{visible(asked.row.run)}: {request_text(asked.event)}"
    if asked.taken_us is not None:
        return f"{what}\n  {paint('taken in', Tone.GOOD, color=color)} at {second(asked.taken_us)}\n"
    if not asked.row.is_held:
        return f"{what}\n  {paint('left', Tone.WAIT, color=color)} for the run to take in: {holder_text(asked.row)}\n"
    waited = f"; not taken in within {format_duration(asked.waited_us)}" if asked.waited_us else ""
    return f"{what}\n  {paint('left', Tone.WAIT, color=color)} for the run's next look{waited}\n"


def render_freezes(freezes: FreezeList, *, color: bool = False) -> str:  # noqa: ARG001 - the signature of all
    """
    List freezes, a line each.
    """
    if not freezes.freezes:
        return "nothing was frozen\n" if freezes.change == "unfrozen" else "no freeze is in force\n"
    lifted = "lifted: " if freezes.change == "unfrozen" else ""
    return "".join(f"{lifted}{freeze_text(freeze)}\n" for freeze in freezes.freezes)


def _runs(runs: RunList, *, color: bool) -> Iterator[str]:
    rows = [*(_line_of(summary, runs.now_us) for summary in runs.going_on), *(_line_of_ended(row) for row in runs.ended)]
    if not rows:
        yield "the store has no runs"
    else:
        widths = [max(len(row[column]) for row in (_HEADS, *rows)) for column in range(len(_HEADS))]
        yield paint(_padded(_HEADS, widths).rstrip(), Tone.STRONG, color=color)
        for row in rows:
            tone = STATE_TONES.get(row[_STATE].partition(",")[0], Tone.WAIT)
            head, state, tail = row[:_STATE], row[_STATE], row[_STATE + 1 :]
            painted = paint(f"{state:<{widths[_STATE]}}", tone, color=color)
            yield f"{_padded(head, widths)}  {painted}  {_padded(tail, widths[_STATE + 1 :])}".rstrip()
    if runs.unshown:
        yield f"and {runs.unshown} older that ended; `--all` shows them"
    abandoned = [summary.row for summary in runs.going_on if is_abandoned(summary.row)]
    yield from (f"{visible(row.run)}: {holder_text(row)}" for row in abandoned)
    yield from (freeze_text(freeze) for freeze in runs.freezes)


def _padded(cells: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=False))


def _line_of(summary: RunSummary, now_us: int) -> tuple[str, ...]:
    row = summary.row
    return (
        visible(row.run),
        visible(row.policy),
        visible(row.environment),
        state_word(row),
        _NOTHING if summary.step is None else visible(summary.step),
        _NOTHING if summary.weight is None else f"{summary.weight:g} %",
        _NOTHING if summary.entered_us is None else lasting(now_us - summary.entered_us),
        decision_word(summary),
    )


def _line_of_ended(row: RunRow) -> tuple[str, ...]:
    head = (visible(row.run), visible(row.policy), visible(row.environment), row.state)
    return (*head, _NOTHING, _NOTHING, _NOTHING, f"started {second(row.started_us)}")


def _run(status: RunStatus, *, color: bool) -> Iterator[str]:
    summary, row = status.summary, status.summary.row
    state = paint(state_word(row), STATE_TONES.get(row.state, Tone.WAIT), color=color)
    yield f"{paint(visible(row.run), Tone.STRONG, color=color)}: {state}"
    yield from (f"  {line}" for line in _whereabouts(status))
    if summary.decision is not None:
        yield ""
        yield from _decision(status, summary.decision, color=color)
    if status.rules:
        yield ""
        yield from _rules(status.rules, color=color)
    opened = list(open_lines(status))
    if opened:
        yield ""
        yield from (f"  {paint(line, Tone.WAIT, color=color)}" for line in opened)
    if summary.values:
        yield ""
        yield from _signals(summary)
    if summary.happenings:
        yield ""
        yield from _happenings(summary, color=color)


def _whereabouts(status: RunStatus) -> Iterator[str]:
    summary, row = status.summary, status.summary.row
    revision = summary.policy.get("revision")
    of = "" if revision is None else f" revision {revision}"
    yield f"policy: {visible(row.policy)}{of} ({row.digest[:12]}) on {visible(row.environment)}"
    if summary.artefact is not None:
        yield f"artefact: {visible(summary.artefact)}"
    if summary.step is not None and summary.entered_us is not None:
        weight = "no confirmed weight" if summary.weight is None else f"{summary.weight:g} %"
        elapsed = lasting(summary.until_us(status.now_us) - summary.entered_us)
        yield f"step: {visible(summary.step)} at {weight}, for {elapsed}, since {second(summary.entered_us)}"
    yield f"started: {second(row.started_us)}"
    if not summary.is_over:
        yield f"carried out: {holder_text(row)}"
    if summary.gates:
        words = {True: "passed", False: "failed", None: "asked"}
        yield f"gates: {', '.join(f'{visible(name)} {words[passed]}' for name, passed in summary.gates.items())}"
    if summary.recovery is not None:
        yield f"after the rollback: {summary.recovery.replace('-', ' ')}"


def _decision(status: RunStatus, decision: Mapping[str, Any], *, color: bool) -> Iterator[str]:
    word = "complete" if decision["complete"] else decision["decision"]
    painted = paint(word, DECISION_TONES[decision["decision"]], color=color)
    yield f"  {painted} at {second(parse_instant(decision['at']))}, {earliest_text(status)}"
    for reason in decision["reasons"]:
        yield f"    {visible(reason['rule'])}: {visible(reason['message'])}"
    for missing in decision["missing"]:
        yield f"    {missing['state']} {visible(missing['signal'])}: {visible(missing['why'])}"


def earliest_text(status: RunStatus) -> str:
    """
    Say when the next advance is possible.
    """
    summary = status.summary
    if summary.is_over:
        return "final"
    earliest_us = summary.earliest_advance_us
    if earliest_us is None:
        return "no advance is foreseeable"
    ahead_us = earliest_us - status.now_us
    ahead = f"in {lasting(ahead_us)}" if ahead_us >= SECOND_US else "any time now"
    return f"earliest advance {second(earliest_us)}, {ahead}"


def _rules(rules: tuple[Mapping[str, Any], ...], *, color: bool) -> Iterator[str]:
    width = max(len(rule_name(rule)) for rule in rules)
    for rule in rules:
        state = paint(f"{rule['state'].replace('-', ' '):<16}", RULE_TONES[rule["state"]], color=color)
        parts = [part for part in (margin_word(rule), f"lacks {lacking_word(rule)}" if lacking_word(rule) else "") if part]
        yield f"  {rule_name(rule):<{width}}  {state}  {'; '.join((values_word(rule['values']), *parts))}"


def rule_name(rule: Mapping[str, Any]) -> str:
    """
    Give a rule's kind and name.
    """
    return f"{rule['kind']} {visible(rule['rule'])}"


def margin_word(rule: Mapping[str, Any]) -> str:
    """
    Say how far a rule is from its limit, as far as it can be told.
    """
    return "" if rule["margin"] is None else margin_text(rule["margin"])


def open_lines(status: RunStatus) -> Iterator[str]:
    """
    Say what is open: acts, approvals, stops, requests, signals given by hand.
    """
    summary, row = status.summary, status.summary.row
    for act in summary.open_acts:
        failed = f", failed {act.failures} times: {visible(act.why or 'no reason given')}" if act.failures else ""
        yield f"not confirmed: {visible(act.text)} since {second(act.since_us)}{failed}"
    if summary.waits_for_approval and not summary.is_over:
        yield f"waits for approval: `canarypolicy approve {visible(row.run)}`"
    if summary.pause is not None:
        yield f"paused{_stop(summary.pause)}"
    if summary.freeze is not None and (summary.freeze.until_us is None or summary.freeze.until_us > status.now_us):
        yield f"frozen{_stop(summary.freeze)}"
    yield from (f"in the store: {freeze_text(freeze)}" for freeze in status.freezes)
    yield from (f"not taken in yet: {request_text(request.event)}, {second(request.at_us)}" for request in status.requests)
    if summary.given:
        yield f"given by hand: {values_word(summary.given)}"


def _stop(stop: Stop) -> str:
    by = "" if stop.by is None else f" by {visible(stop.by)}"
    until = "" if stop.until_us is None else f", until {second(stop.until_us)}"
    why = "" if stop.reason is None else f": {visible(stop.reason)}"
    return f" since {second(stop.since_us)}{by}{until}{why}"


def _signals(summary: RunSummary) -> Iterator[str]:
    width = max(len(visible(name)) for name in summary.values)
    shown = {name: value_word(values[-1]) for name, values in summary.values.items()}
    most = max(len(word) for word in shown.values())
    for name, values in sorted(summary.values.items()):
        yield f"  {visible(name):<{width}}  {shown[name]:>{most}}  {sparkline(values)}"


def _happenings(summary: RunSummary, *, color: bool) -> Iterator[str]:
    for happening in summary.happenings:
        text = paint(visible(happening.text), Tone.BAD, color=color and happening.is_trouble)
        yield f"  {second(happening.at_us)}  {text}"
