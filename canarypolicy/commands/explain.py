"""
`canarypolicy explain`: the page on a finding, lint, derived function or source.

A member's page is the docstring of its module; pages on findings of documents are in `canarypolicy.documents.pages`.
"""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING

import click

from canarypolicy.commands.outputs import takes_output
from canarypolicy.derived import DERIVED
from canarypolicy.documents.pages import PAGES
from canarypolicy.documents.wording import suggestion
from canarypolicy.exit_status import ExitStatus
from canarypolicy.lints import LINTS
from canarypolicy.reports.result import Handbook, Page
from canarypolicy.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from canarypolicy.commands.outputs import Outputs


@click.command("explain")
@click.argument("name", metavar="[NAME]", required=False)
@takes_output(Page, Handbook)
def command(*, outputs: Outputs, name: str | None) -> ExitStatus:
    """
    Print the page on a finding, lint, derived function or source; without a name, the list of all.

    Exit status: 0 printed, 2 there is no such page.
    """
    if name is None:
        return outputs.deliver(Handbook(pages=tuple(pages().values())), ExitStatus.ADVANCE)
    page = page_of(name)
    if page is None:
        raise click.BadParameter(f"there is no page `{name}`; {suggestion(name, pages(), 'pages')}", param_hint="NAME")
    return outputs.deliver(page, ExitStatus.ADVANCE)


def page_of(name: str) -> Page | None:
    """
    Give the page on a name, or None if there is none.
    """
    return pages().get(name)


def pages() -> Mapping[str, Page]:
    """
    Give every page by its name, area by area.
    """
    return {page.name: page for page in (*_lints(), *_derived(), *_sources(), *_findings())}


def _lints() -> Iterator[Page]:
    for lint in LINTS.values():
        yield _page(lint.name, f"lints ({lint.severity.value})", lint.page)


def _derived() -> Iterator[Page]:
    for function in DERIVED.values():
        yield _page(function.name, "derived functions", _docstring_of(type(function).__module__))


def _sources() -> Iterator[Page]:
    for source in SOURCES.values():
        yield _page(source.name, "sources", _docstring_of(source.__module__))


def _findings() -> Iterator[Page]:
    for name, text in PAGES.items():
        yield _page(name, "findings", text)


def _docstring_of(module: str) -> str:
    return inspect.cleandoc(sys.modules[module].__doc__ or "")


def _page(name: str, area: str, text: str) -> Page:
    summary = text.partition("\n")[0]
    return Page(name=name, area=area, summary=summary, text=f"# {name}\n\n{text}")
