"""
Markdown of GitHub and GitLab: foreign text made harmless, tables, and parts that fold away.

User's text stands in backticks in our sentences; whatever it holds, it stays code, and the rest stays prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from canarypolicy.reports.escape import visible

_ACTIVE = re.compile(r"([\\`*_\[\]<>|#~&!$])")


def code(text: str) -> str:
    """
    Give text as an inline code span, also where it holds backticks; it may stand in a table's cell.
    """
    shown = visible(text).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def prose(sentence: str) -> str:
    """
    Give a sentence of ours, whose parts in backticks are code; all else is taken as plain words.
    """
    parts = sentence.split("`")
    if len(parts) % 2 == 0:  # a backtick that nothing closes: no part of it can be told to be code
        return _plain(sentence)
    return "".join(code(part) if index % 2 else _plain(part) for index, part in enumerate(parts) if part or index % 2)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """
    Give a table of cells that are Markdown already.
    """
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def folded(summary: str, lines: Iterable[str]) -> Iterator[str]:
    """
    Give lines that are shown on a click; the summary is plain text.
    """
    yield f"<details><summary>{summary}</summary>"
    yield ""
    yield from lines
    yield ""
    yield "</details>"


def fenced(text: str, language: str) -> Iterator[str]:
    """
    Give lines as a code block, whatever backticks they hold.
    """
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text) or [""]))
    yield f"{fence}{language}"
    yield from (visible(line) for line in text.splitlines())
    yield fence


def _plain(text: str) -> str:
    # A comment parts the sign from the name, so that nobody is mentioned.
    return _ACTIVE.sub(r"\\\1", visible(text)).replace("@", "@<!-- -->")
