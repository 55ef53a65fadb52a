"""
The closing checklist: as text, as Markdown and as a JSON value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.history.decision_record import instant
from canarypolicy.reports.escape import visible
from canarypolicy.reports.markdown_text import prose
from canarypolicy.reports.paint import Tone, paint
from canarypolicy.reports.run_words import second

if TYPE_CHECKING:
    from canarypolicy.history.decision_record import Record
    from canarypolicy.reports.rollout_result import Checklist


def render_checklist(checklist: Checklist, *, color: bool = False) -> str:
    """
    List each item with its evidence, and whether it is GO.
    """
    lines = [f"checklist of {checklist.run} ({checklist.state})", visible(_occasion(checklist)), ""]
    for tick in checklist.ticks:
        mark = paint("[x]", Tone.GOOD, color=color) if tick.is_ticked else paint("[ ]", Tone.WAIT, color=color)
        lines.append(f"{mark} {tick.name}: {visible(tick.text)}")
        lines += [f"      {visible(each)}" for each in tick.evidence]
    return "\n".join((*lines, "", _verdict(checklist, color=color))) + "\n"


def render_checklist_markdown(checklist: Checklist) -> str:
    """
    The same as a task list of Markdown.
    """
    lines = [f"## Checklist of {prose(f'`{checklist.run}`')}", "", prose(_occasion(checklist)), ""]
    for tick in checklist.ticks:
        lines.append(f"- [{'x' if tick.is_ticked else ' '}] **{tick.name}**: {prose(tick.text)}")
        lines += [f"  - {prose(each)}" for each in tick.evidence]
    return "\n".join((*lines, "", f"**{_verdict(checklist, color=False)}**")) + "\n"


def checklist_record(checklist: Checklist) -> Record:
    """
    Give the same as a JSON value.
    """
    return {
        "run": checklist.run,
        "state": checklist.state,
        "artefact": checklist.artefact,
        "started": instant(checklist.started_us),
        "go": checklist.is_go,
        "items": [
            {"name": tick.name, "text": tick.text, "ticked": tick.is_ticked, "evidence": list(tick.evidence)}
            for tick in checklist.ticks
        ],
    }


def _occasion(checklist: Checklist) -> str:
    what = "no artefact named (`run --artefact`)" if checklist.artefact is None else f"artefact `{checklist.artefact}`"
    return f"{what}, window from {second(checklist.started_us)}"


def _verdict(checklist: Checklist, *, color: bool) -> str:
    if checklist.is_go:
        return paint("GO: every item is ticked", Tone.GOOD, color=color)
    count = sum(not tick.is_ticked for tick in checklist.ticks)
    words = "the policy has no checklist" if not checklist.ticks else f"{count} of {len(checklist.ticks)} items are open"
    return paint(f"NO GO: {words}", Tone.BAD, color=color)
