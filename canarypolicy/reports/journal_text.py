"""
Text about a journal: whether it is whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.reports.paint import Tone, paint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.reports.result import JournalCheck


def render_journal_check(check: JournalCheck, *, color: bool = False) -> str:
    """
    Say whether a journal is whole, each fault, how long it is, and the hash to note.
    """
    return "".join(f"{line}\n" for line in _lines(check, color=color))


def _lines(check: JournalCheck, *, color: bool) -> Iterator[str]:
    count = len(check.faults)
    verdict = f"{count} fault{'s' if count != 1 else ''}" if count else "whole"
    yield f"journal of {check.run}: {paint(verdict, Tone.BAD if count else Tone.GOOD, color=color)}"
    for fault in check.faults:
        yield f"  {fault}"
    yield f"  {check.entries} entr{'y' if check.entries == 1 else 'ies'}, head {check.head}"
