"""
The HTML page: self-contained, harmless whatever is in it, and the whole story also in words.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from canarypolicy.history.replay import Outcome
from canarypolicy.reports import REPORTS
from canarypolicy.reports.result import ReplayedRollout

from results import HELD, HOSTILE, MEASURED, MINUTE_US, START_US, recording, replay, rolled_back, timeline

GOLDEN = Path(__file__).parent / "golden"
VOID = {"meta", "line", "path", "polyline"}


class Page(HTMLParser):
    """What a browser makes of the page: its tags, attributes and text; tags must close as they open."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.text = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def rendered(result):
    return REPORTS["html"].render(result)


@pytest.fixture(scope="module")
def everything():
    return rendered(replay(expected=Outcome.ROLLED_BACK, limits={"a.b": (0.01, 0.02)}))


def test_the_page(golden, everything):
    golden(GOLDEN / "replay.html", everything)


def test_it_loads_nothing_and_runs_nothing(everything):
    page = Page(everything)
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "srcset")]
    assert all(value.startswith("#") for name, value in page.attributes if name == "href")
    assert not re.search(r"@import|url\(", everything)
    assert "default-src 'none'; style-src 'unsafe-inline'" in everything


def test_hostile_names_are_text(everything):
    """Nothing that a recording holds becomes a tag, ends an attribute, or turns the text around."""
    assert "<script" not in everything
    assert not set(everything) & set("\x1b\u202e\ud800")
    everything.encode("utf-8")
    hostile = ReplayedRollout(
        recording=recording(0, 1, rollout=HOSTILE, **{HOSTILE: [1, 2]}), timeline=timeline(*HELD, rollout=HOSTILE, source=HOSTILE)
    )
    page = Page(rendered(replay(hostile)))
    assert "script" not in page.tags


def test_the_words_say_all_that_the_colours_say(everything):
    text = " ".join("".join(Page(everything).text).split())
    for words in (
        "canary-10 10 %",
        "rollback",
        "measured in another step than the policy is in",
        "counterfactual from here on",
        "first difference at 2026-05-01T10:02:00Z",
        "judged without gates",
        "no sample was judged",
        "rolled-back was expected",
        "a.b = 0.03, 50 % beyond the limit",
        "0.002 to 0.03, limit 0.01, limit 0.02",
    ):
        assert words in text, words


def test_pictures_have_names_and_ids_are_used_once(everything):
    page = Page(everything)
    labels = [value for name, value in page.attributes if name == "aria-label"]
    assert "a.b: 0.002 to 0.03, limit 0.01, limit 0.02, last 0.03" in labels
    ids = [value for name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {value[1:] for name, value in page.attributes if name == "href"} <= set(ids)
    assert page.tags.count("svg") == [name for name, _ in page.attributes].count("viewbox")


def test_a_single_rollout_needs_no_table_of_contents():
    one = ReplayedRollout(recording=MEASURED, timeline=rolled_back(counterfactual_from_us=None))
    page = Page(rendered(replay(one)))
    assert "a" not in page.tags
    assert not any("counterfactual" in text for text in page.text)
    assert "shop: 1 replayed rollout" in page.text


def test_all_decisions_or_the_changes():
    one = ReplayedRollout(recording=MEASURED, timeline=rolled_back())
    counts = [Page(rendered(replay(one, shows_all=shows_all))).tags.count("tr") for shows_all in (False, True)]
    assert counts == [1 + 1 + 4, 1 + 1 + 5]


def test_a_mark_behind_every_decision_is_no_row():
    one = ReplayedRollout(recording=MEASURED, timeline=rolled_back(counterfactual_from_us=START_US + 9 * MINUTE_US))
    assert Page(rendered(replay(one))).tags.count("tr") == 1 + 4
