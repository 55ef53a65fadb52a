"""
A rule's expression as a tree of its parts, each with its value: what `evaluate --explain` shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.reports.escape import visible
from canarypolicy.reports.value_text import outcome_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from canarypolicy.cel.explain import Step

_WIDEST = 72


def explanation_lines(steps: Sequence[Step]) -> Iterator[str]:
    """
    Give one line per part: the text, indented below what it is a part of, and its value in one column.

    Constants are left out: their text is their value.
    """
    rows = [(f"{'  ' * depth}{visible(_flat(step.text))}", outcome_text(step.outcome)) for depth, step in _nested(steps)]
    shown = [(text, outcome) for text, outcome in rows if text.strip() != outcome]
    width = min(_WIDEST, max((len(text) for text, _ in shown), default=0))
    for text, outcome in shown:
        yield f"{text:<{width}}  {outcome}"


def _nested(steps: Sequence[Step]) -> Iterator[tuple[int, Step]]:
    """
    Give each part with how deep it lies, parents before children, left to right.
    """
    around: list[int] = []
    for step in sorted(steps, key=lambda each: (each.span[0], -each.span[1])):
        end = step.span[1]
        while around and around[-1] < end:
            around.pop()
        yield len(around), step
        around.append(end)


def _flat(text: str) -> str:
    return " ".join(text.split())
