"""
A finding as people read it in a terminal: place, sentence, the line with carets, and a way out (SPEC section 4).

What users wrote is shown, never obeyed: control characters are spelled out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import category, east_asian_width

from canarypolicy.documents.finding import Severity
from canarypolicy.reports.escape import visible
from canarypolicy.reports.paint import Tone, paint

if TYPE_CHECKING:
    from collections.abc import Iterable

    from canarypolicy.documents.finding import Finding

WIDEST = 160
"""How many characters of a line are shown; a longer one is cut around the span."""
_BEFORE = 60
"""How many characters in front of the span are kept when a line is cut."""
_CUT = "..."
_TAB = "    "
_WITHOUT_WIDTH = ("Mn", "Me", "Cf")
"""Unicode categories of characters that take no column of their own."""
_TONES = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.WAIT, Severity.NOTE: Tone.FAINT}


def render_findings(findings: Iterable[Finding], *, color: bool = False) -> str:
    """
    Write findings one under the other, an empty line between them.
    """
    return "\n\n".join(render_finding(finding, color=color) for finding in findings)


def render_finding(finding: Finding, color: bool = False) -> str:  # noqa: FBT001, FBT002 - the one choice there is
    """
    Write a finding with the line it is in; of several lines, the first.
    """
    span, tone = finding.span, _TONES[finding.severity]
    place = f"{visible(span.path)}:{span.line}:{span.column}:"
    severity = paint(f"{finding.severity.value}[{finding.name}]", tone, color=color)
    lines = [f"{place} {severity}: {paint(visible(finding.message), Tone.STRONG, color=color)}"]
    text = span.source.line(span.line)
    start = span.column - 1
    end = span.end_column - 1 if span.end_line == span.line else len(text.rstrip())
    shown, before, marked = _excerpt(text, start, max(end, start))
    number = f"{span.line:>5}"
    lines.append(f"{number} | {shown}".rstrip())
    lines.append(f"{' ' * len(number)} | {' ' * before}{paint('^' * max(marked, 1), tone, color=color)}")
    if finding.help is not None:
        lines.append(f"   {paint('help:', Tone.STRONG, color=color)} {visible(finding.help)}")
    return "\n".join(lines)


def _excerpt(text: str, start: int, end: int) -> tuple[str, int, int]:
    """
    Give the part of a line to show, and how many columns lie before and under the span.
    """
    first, last = 0, len(text)
    if last > WIDEST:
        first = max(0, min(start - _BEFORE, last - WIDEST))
        last = min(last, first + WIDEST)
    head = (_CUT if first else "") + _visible(text[first:start])
    marked = _visible(text[start : min(end, last)])
    tail = _visible(text[min(end, last) : last]) + (_CUT if last < len(text) else "")
    return head + marked + tail, _width(head), _width(marked)


def _visible(text: str) -> str:
    return visible(text.replace("\t", _TAB))


def _width(text: str) -> int:
    """
    Count the columns that a terminal gives to a text.
    """
    return sum(
        0 if category(character) in _WITHOUT_WIDTH else 2 if east_asian_width(character) in "WF" else 1 for character in text
    )
