"""
`canarypolicy explain`: the page on a finding, lint, derived function, source, actuator, backup, probe or notifier.

A member's page is the docstring of its module; pages on findings of documents are in `canarypolicy.documents.pages`.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from canarypolicy.actuators import ACTUATORS
from canarypolicy.backups import BACKUPS
from canarypolicy.commands.outputs import takes_output
from canarypolicy.derived import DERIVED
from canarypolicy.documents.pages import PAGES
from canarypolicy.documents.wording import suggestion
from canarypolicy.exit_status import ExitStatus
from canarypolicy.lints import LINTS
from canarypolicy.notifiers import NOTIFIERS
from canarypolicy.probes import PROBES
from canarypolicy.probes.all import AllProbes
from canarypolicy.reports.result import Handbook, Page
from canarypolicy.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.commands.outputs import Outputs

_TABLES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"sources": SOURCES, "actuators": ACTUATORS, "backups": BACKUPS, "probes": PROBES, "notifiers": NOTIFIERS}
)


@click.command("explain")
@click.argument("name", metavar="[NAME]", required=False)
@takes_output(Page, Handbook)
def command(*, outputs: Outputs, name: str | None) -> ExitStatus:
    """
    Print the page on a finding, lint, derived function, source, actuator, backup, probe or notifier; without a name, the list.

    A name that several kinds have, such as `command`, has the pages of all.

    Exit status: 0 printed, 2 there is no such page.
    """
    if name is None:
        return outputs.deliver(Handbook(pages=tuple(_each_page())), ExitStatus.ADVANCE)
    page = page_of(name)
    if page is None:
        raise click.BadParameter(f"there is no page `{name}`; {suggestion(name, pages(), 'pages')}", param_hint="NAME")
    return outputs.deliver(page, ExitStatus.ADVANCE)


def page_of(name: str) -> Page | None:
    """
    Give the page on a name, or None if there is none.
    """
    return pages().get(name)


def page_on_finding(name: str) -> Page | None:
    """
    Give the page on a finding or lint; no plug-in is loaded for it.
    """
    return next((page for page in (*_lints(), *_findings()) if page.name == name), None)


def pages() -> Mapping[str, Page]:
    """
    Give every page by its name, area by area; pages of one name are joined.
    """
    by_name: dict[str, list[Page]] = {}
    for page in _each_page():
        by_name.setdefault(page.name, []).append(page)
    return {name: _joined(found) for name, found in by_name.items()}


def _joined(found: list[Page]) -> Page:
    if len(found) == 1:
        return found[0]
    texts = (page.text.replace(f"# {page.name}\n", f"# {page.name} ({page.area})\n", 1).rstrip("\n") for page in found)
    return replace(found[0], area=", ".join(page.area for page in found), text="\n\n".join(texts))


def _each_page() -> Iterator[Page]:
    yield from (*_lints(), *_derived(), *_parts(), *_findings())


def _lints() -> Iterator[Page]:
    for lint in LINTS.values():
        yield _page(lint.name, f"lints ({lint.severity.value})", lint.page)


def _derived() -> Iterator[Page]:
    for function in DERIVED.values():
        yield _page(function.name, "derived functions", _docstring_of(type(function).__module__))


def _parts() -> Iterator[Page]:
    for area, table in _TABLES.items():
        members = {"all": AllProbes, **table} if table is PROBES else table
        for name, member in members.items():
            yield _page(name, area, _docstring_of(member.__module__))


def _findings() -> Iterator[Page]:
    for name, text in PAGES.items():
        yield _page(name, "findings", text)


def _docstring_of(module: str) -> str:
    return inspect.cleandoc(sys.modules[module].__doc__ or "A plug-in that says nothing about itself.")


def _page(name: str, area: str, text: str) -> Page:
    summary = text.partition("\n")[0]
    return Page(name=name, area=area, summary=summary, text=f"# {name}\n\n{text}")
