"""
A run as a picture that is drawn anew each second: `status RUN --watch`.

It says nothing that the page of `status RUN` does not say; only the time runs on by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from canarypolicy.reports.escape import visible
from canarypolicy.reports.paint import Tone
from canarypolicy.reports.run_text import earliest_text, margin_word, open_lines, rule_name
from canarypolicy.reports.run_words import (
    DECISION_TONES,
    RULE_TONES,
    STATE_TONES,
    decision_word,
    holder_text,
    lacking_word,
    lasting,
    second,
    state_word,
    value_word,
    values_word,
)
from canarypolicy.reports.sparkline import sparkline

if TYPE_CHECKING:
    from rich.console import RenderableType

    from canarypolicy.reports.result import RunStatus

_STYLES = {Tone.GOOD: "bold green", Tone.WAIT: "bold yellow", Tone.BAD: "bold red", Tone.STRONG: "bold", Tone.FAINT: "dim"}


def run_view(status: RunStatus, *, trouble: str | None = None) -> RenderableType:
    """
    Draw a run; `trouble` is why what is shown may be old.
    """
    summary, row = status.summary, status.summary.row
    parts: list[RenderableType] = [_whereabouts(status)]
    if trouble is not None:
        parts.append(Text(f"not up to date: {visible(trouble)}", _STYLES[Tone.BAD]))
    parts += [Text(line, _STYLES[Tone.WAIT]) for line in open_lines(status)]
    if status.rules:
        parts += [Text(), _rules(status)]
    if summary.values:
        parts += [Text(), _signals(status)]
    if summary.happenings:
        parts += [Text(), _happenings(status)]
    title = Text.assemble((visible(row.run), "bold"), " ", (state_word(row), _STYLES[STATE_TONES.get(row.state, Tone.WAIT)]))
    return Panel(
        Group(*parts), title=title, subtitle=f"{second(status.now_us)}, q ends", title_align="left", subtitle_align="left"
    )


def _whereabouts(status: RunStatus) -> RenderableType:
    summary, row = status.summary, status.summary.row
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim")
    grid.add_column()
    grid.add_row("policy", Text(f"{visible(row.policy)} on {visible(row.environment)}"))
    if summary.step is not None and summary.entered_us is not None:
        weight = "no confirmed weight" if summary.weight is None else f"{summary.weight:g} %"
        elapsed = lasting(summary.until_us(status.now_us) - summary.entered_us)
        grid.add_row("step", Text(f"{visible(summary.step)} at {weight}, for {elapsed}"))
    tone = Tone.WAIT if summary.decision is None else DECISION_TONES[summary.decision["decision"]]
    grid.add_row("decision", Text(decision_word(summary), _STYLES[tone]))
    grid.add_row("next", Text(earliest_text(status)))
    if not summary.is_over:
        grid.add_row("held", Text(holder_text(row)))
    return grid


def _rules(status: RunStatus) -> RenderableType:
    table = _table("rule", "state", "margin", "lacks", "seen")
    for rule in status.rules:
        state = Text(rule["state"].replace("-", " "), _STYLES[RULE_TONES[rule["state"]]])
        table.add_row(
            Text(rule_name(rule)), state, margin_word(rule), lacking_word(rule), Text(values_word(rule["values"]), "dim")
        )
    return table


def _signals(status: RunStatus) -> RenderableType:
    table = _table("signal", "now", "last samples")
    table.columns[1].justify = "right"
    for name, values in sorted(status.summary.values.items()):
        table.add_row(Text(visible(name)), Text(value_word(values[-1])), Text(sparkline(values), "cyan"))
    return table


def _happenings(status: RunStatus) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for happening in status.summary.happenings:
        style = _STYLES[Tone.BAD] if happening.is_trouble else ""
        grid.add_row(Text(second(happening.at_us)[11:19], "dim"), Text(visible(happening.text), style))
    return grid


def _table(*heads: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold")
    return table
