"""
What a report is: a format's name, and how each kind of result becomes text in it.

A report gives text and never prints; a result that it cannot show is a mistake in the program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Renderer: TypeAlias = Callable[[Any], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """
    One format of `--format` and `--output`.
    """

    name: str
    summary: str
    renderers: Mapping[type, Renderer]
    """Type of the result -> its rendering."""
    colored: Mapping[type, Renderer] = field(default_factory=dict)
    """The same for a terminal with colours, where that differs."""

    def render(self, result: object, *, color: bool = False) -> str:
        """
        Give the result as text that ends in a line break.
        """
        kind = type(result)
        return self.colored[kind](result) if color and kind in self.colored else self.renderers[kind](result)
