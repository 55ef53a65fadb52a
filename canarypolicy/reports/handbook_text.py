"""
The handbook as text: one page, or the list of all.
"""

from __future__ import annotations

import io
from itertools import groupby
from typing import TYPE_CHECKING

from canarypolicy.reports.paint import Tone, paint

if TYPE_CHECKING:
    from canarypolicy.reports.result import Handbook, Page


def render_page(page: Page, *, color: bool = False) -> str:
    """
    Give a page as its Markdown, or laid out where there is colour.
    """
    if not color:
        return page.text.rstrip("\n") + "\n"
    from rich.console import Console  # noqa: PLC0415 - only a terminal needs it
    from rich.markdown import Markdown  # noqa: PLC0415 - only a terminal needs it

    laid_out = io.StringIO()
    Console(file=laid_out, force_terminal=True).print(Markdown(page.text))
    return laid_out.getvalue()


def render_handbook(handbook: Handbook, *, color: bool = False) -> str:
    """
    List the pages by area, a line each.
    """
    width = max((len(page.name) for page in handbook.pages), default=0)
    lines: list[str] = []
    for area, pages in groupby(handbook.pages, key=lambda page: page.area):
        lines += ["", paint(area, Tone.STRONG, color=color)]
        lines += [f"  {page.name:<{width}}  {page.summary}" for page in pages]
    return "\n".join(lines[1:]) + "\n"
