"""
The live view of a run: everything that an operator needs is in the picture, and nothing steers the terminal.
"""

import io
from contextlib import closing

import pytest
from canarypolicy.commands.looking import Look
from canarypolicy.engine.event import PauseEvent
from canarypolicy.reports.run_view import run_view
from canarypolicy.store.database import open_store
from rich.console import Console

from journals import MINUTE_US, START_US, JournalMaker


@pytest.fixture
def store(tmp_path):
    with closing(open_store(f"sqlite:///{tmp_path / 'runs.db'}")) as opened:
        yield opened


def drawn(store, minute, *, width=110, trouble=None, color=False):
    console = Console(
        file=io.StringIO(),
        width=width,
        record=True,
        highlight=False,
        force_terminal=True,
        color_system="standard",
        legacy_windows=False,
    )
    status = Look(store, "shop").read(START_US + int(minute * MINUTE_US))
    console.print(run_view(status, trouble=trouble))
    return console.export_text(styles=color)


def make(store, reason="look at the logs"):
    maker = JournalMaker(store)
    maker.enter(0)
    maker.samples(3)
    maker.sample(canary_errors=0.03)
    maker.samples(2)
    maker.event(PauseEvent, by="ann", reason=reason)
    maker.sample(canary_errors=None, why={"canary.errors": "no answer"})
    store.ask(maker.run, {"event": "resume", "by": "ann"}, maker.at_us)
    return maker


PICTURE = """\
╭─ shop-20260501-1 running ──────────────────────────────────────────────────────────────────────────────────╮
│ policy    shop on production                                                                               │
│ step      canary-10 at 10 %, for 7m29s                                                                     │
│ decision  hold: paused, high, low                                                                          │
│ next      earliest advance 2026-05-01T10:11:00Z, in 3m30s                                                  │
│ held      by process 4711 on build-7                                                                       │
│ paused since 2026-05-01T10:06:01Z by ann: look at the logs                                                 │
│ not taken in yet: resume by ann, 2026-05-01T10:07:00Z                                                      │
│                                                                                                            │
│ rule                     state    margin                  lacks     seen                                   │
│ rollback high            unknown                                    canary.errors missing                  │
│ rollback data-incident   quiet                                      incident.data false                    │
│ hold too-little-traffic  quiet    500 % inside the limit            canary.requests 3000                   │
│ slo low                  unknown                          3m of 3m  canary.errors missing                  │
│                                                                                                            │
│ signal               now  last samples                                                                     │
│ canary.errors    missing  ▁▁▁█▁▁·                                                                          │
│ canary.requests     3000  ▄▄▄▄▄▄▄                                                                          │
│ incident.data      false  ▁▁▁▁▁▁▁                                                                          │
│                                                                                                            │
│ 10:00:00  began with policy shop revision 7 on production by ann                                           │
│ 10:00:01  entered canary-10 at 10 %                                                                        │
│ 10:06:01  paused by ann: look at the logs                                                                  │
╰─ 2026-05-01T10:07:30Z, q ends ─────────────────────────────────────────────────────────────────────────────╯
"""


def test_the_picture(store):
    make(store)
    assert drawn(store, 7.5) == PICTURE


def test_states_are_coloured_and_the_words_are_the_same(store):
    make(store)
    painted = drawn(store, 7.5, color=True)
    assert "\x1b[1;33munknown" in painted
    assert "\x1b[1;32mquiet" in painted


def test_a_store_that_is_silent_is_said(store):
    make(store)
    assert "not up to date: the store cannot be used" in drawn(store, 7.5, trouble="the store cannot be used")


def test_a_run_without_a_step_and_one_that_is_over_are_drawn(store):
    maker = JournalMaker(store)
    assert "nothing judged yet" in drawn(store, 0)
    maker.enter(0)
    maker.samples(2)
    maker.samples(3, canary_errors=0.03)
    maker.end("rolled-back")
    picture = drawn(store, 900)
    assert "shop-20260501-1 rolled-back" in picture
    assert "decision  rollback: high" in picture
    assert "next      final" in picture
    assert "held" not in picture
    assert "for 4m59s" in picture, "its clock stands still"


def test_no_text_steers_the_terminal_or_is_taken_for_markup(store):
    make(store, reason="\x1b[31m[bold]x[/bold]\x07")
    picture = drawn(store, 7.5)
    assert "\\x1b[31m[bold]x[/bold]\\x07" in picture
    assert "\x1b[31m" not in picture


def test_a_narrow_terminal_gets_all_of_it(store):
    make(store)
    assert "canary.requests" in drawn(store, 7.5, width=60)
