"""
Runs, requests and freezes as text and JSON: foreign text does no harm, and colours add nothing.
"""

import json
import re
from contextlib import closing

import pytest
from canarypolicy.commands.looking import Look
from canarypolicy.documents.loading import Loaded
from canarypolicy.engine.event import AbortEvent, FreezeEvent, GateEvent, PauseEvent
from canarypolicy.errors import Unsupported
from canarypolicy.live.entry import EntryKind
from canarypolicy.live.storing import NewFreeze
from canarypolicy.reports import REPORTS
from canarypolicy.reports.result import Asked, FreezeList, RunList
from canarypolicy.store.database import open_store

from journals import MINUTE_US, POLICY, START_US, JournalMaker

HOSTILE = "\x1b[31m<script>\n\u202e"


@pytest.fixture
def store(tmp_path):
    with closing(open_store(f"sqlite:///{tmp_path / 'runs.db'}")) as opened:
        yield opened


def results(store, text):
    """Give each kind of result, with a foreign text wherever one can stand."""
    maker = JournalMaker(store)
    maker.enter(0)
    maker.event(PauseEvent, by=text, reason=text)
    maker.event(FreezeEvent, by=text, reason=text, until_us=START_US + 900 * MINUTE_US)
    maker.sample(canary_errors=None, why={"canary.errors": text})
    maker.draft(EntryKind.INTEND, act="weight", weight=50, step=text, **{"for": "enter"})
    maker.draft(EntryKind.FAIL, act="weight", weight=50, why=text, **{"for": "enter"})
    freeze = store.freeze(NewFreeze(policy=text, at_us=START_US, by=text, reason=text))
    everywhere = store.freeze(NewFreeze(policy=None, at_us=START_US, by=text, reason=text))
    event = {"event": "signal", "signals": {text: text}, "by": text, "reason": text}
    store.ask(maker.run, event, maker.at_us)
    status = Look(store, "shop").read(maker.at_us)
    row = status.summary.row
    yield status
    yield RunList(going_on=(status.summary,), ended=(row,), unshown=2, freezes=(freeze, everywhere), now_us=maker.at_us)
    for taken_us in (None, START_US):
        yield Asked(row=row, event=event, taken_us=taken_us, waited_us=0)
    for change in (None, "frozen", "unfrozen"):
        yield FreezeList(change=change, freezes=(freeze, everywhere))
    maker.event(AbortEvent, by=text, reason=text)
    yield Look(store, "shop").read(maker.at_us)


def test_foreign_text_neither_steers_the_terminal_nor_breaks_lines(store):
    for result in results(store, HOSTILE):
        text = REPORTS["text"].render(result)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert not [line for line in text.splitlines() if line == "" and "script" in line]
        assert text.count("<script>\\x0a") == text.count("<script>")


def test_colours_only_paint(store):
    for result in results(store, "plain"):
        painted = REPORTS["text"].render(result, color=True)
        assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == REPORTS["text"].render(result)


def test_json_is_strict_and_gives_back_what_stands_in_the_store(store):
    for result in results(store, HOSTILE):
        json.loads(REPORTS["json"].render(result), parse_constant=pytest.fail)
    record = json.loads(REPORTS["json"].render(Look(store, "shop").read(START_US)))
    assert record["paused"]["reason"] == HOSTILE
    assert record["open_acts"][0] == {
        "act": f"canary to 50 % (enter {HOSTILE})",
        "since": "2026-05-01T10:01:00Z",
        "failures": 1,
        "why": HOSTILE,
    }


def test_a_wait_that_was_in_vain_says_how_long(store):
    JournalMaker(store)
    row = store.find("shop", START_US)
    text = REPORTS["text"].render(Asked(row=row, event={"event": "resume"}, taken_us=None, waited_us=10_000_000))
    assert text == "shop-20260501-1: resume\n  left for the run's next look; not taken in within 10s\n"


def test_gates_missing_signals_and_recovery_are_on_the_page(store):
    maker = JournalMaker(store)
    maker.event(GateEvent, gate="readiness", passed=True)
    maker.event(GateEvent, gate="smoke", result={"passed": 6, "failed": 0})
    maker.enter(0)
    maker.sample(canary_errors=None, canary_requests=-1.0, why={"canary.errors": "no answer within 5s"})
    page = REPORTS["text"].render(Look(store, "shop").read(maker.at_us))
    assert "  gates: readiness passed, smoke asked\n" in page
    assert "    missing canary.errors: no answer within 5s\n" in page
    assert "    clipped canary.requests: -1.0 taken as 0, the end of the range\n" in page
    maker.samples(3, canary_errors=0.03)
    maker.draft(EntryKind.NOTE, note="recovered")
    maker.end("rolled-back")
    page = REPORTS["text"].render(Look(store, "shop").read(maker.at_us))
    assert "  after the rollback: recovered\n" in page
    assert "  rollback at 2026-05-01T10:04:00Z, final\n" in page
    assert "carried out" not in page


def test_before_anything_is_judged_the_page_says_where_it_is(store):
    maker = JournalMaker(store, policy=POLICY.replace(", revision: 7", ""))
    maker.intend(maker.program.steps[0])
    page = REPORTS["text"].render(Look(store, "shop").read(maker.at_us))
    assert re.search(r"  policy: shop \([0-9a-f]{12}\) on production\n", page)
    assert "  not confirmed: canary to 10 % (enter canary-10) since 2026-05-01T10:00:00Z\n" in page
    assert "step:" not in page


def test_a_policy_that_this_version_cannot_read_is_its_own_limit(store, monkeypatch):
    JournalMaker(store)
    monkeypatch.setattr("canarypolicy.commands.looking.load_policy", lambda data, path: Loaded(document=None, findings=()))
    with pytest.raises(Unsupported, match="this version cannot read the policy of the run `shop-20260501-1`"):
        Look(store, "shop").read(START_US)
