"""
The handbook: a page as Markdown or laid out, and the list of all.
"""

from canarypolicy.reports.handbook_text import render_handbook, render_page
from canarypolicy.reports.result import Handbook, Page

MEAN = Page(name="mean", area="derived functions", summary="The mean.", text="# mean\n\nThe *mean*.\n\n\n")
TAB = Page(name="tab", area="findings", summary="A tab.", text="# tab\n")


def test_a_page_is_its_markdown():
    assert render_page(MEAN) == "# mean\n\nThe *mean*.\n"


def test_on_a_terminal_a_page_is_laid_out():
    shown = render_page(MEAN, color=True)
    assert "\x1b[" in shown
    assert "*mean*" not in shown
    assert "mean" in shown


def test_the_list_by_area():
    assert render_handbook(Handbook(pages=(MEAN, TAB))) == "derived functions\n  mean  The mean.\n\nfindings\n  tab   A tab.\n"
