"""
What a report is: a format's name, and how each kind of result becomes text in it.

A report gives text and never prints; a result that it cannot show is a mistake in the program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportEntry:
    """
    A report by its name and where it lives; it is imported when it is needed, for each knows many kinds of result.
    """

    name: str
    home: str
    """Its module in this folder and its name there: `text:TEXT`."""
    alone: Mapping[str, str] = field(default_factory=dict)
    """Result's class -> module and function of its rendering, with or without colour, where that needs nothing of the others."""

    @property
    def report(self) -> Report:
        report: Report = _found(self.home)
        return report

    @property
    def summary(self) -> str:
        return self.report.summary

    @property
    def renderers(self) -> Mapping[type, Renderer]:
        return self.report.renderers

    def shows(self, kind: type) -> bool:
        """
        Tell whether it can show a kind of result.
        """
        return kind.__name__ in self.alone or kind in self.renderers

    def render(self, result: object, *, color: bool = False) -> str:
        """
        Give the result as text that ends in a line break.
        """
        alone = self.alone.get(type(result).__name__)
        if alone is None:
            return self.report.render(result, color=color)
        text: str = _found(alone)(result, color=color)
        return text


def _found(place: str) -> Any:
    module, name = place.split(":")
    return getattr(import_module(f"canarypolicy.reports.{module}"), name)
