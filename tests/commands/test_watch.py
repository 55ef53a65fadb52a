"""
`status --watch` at a real terminal: a pseudo-terminal, as an editor or a multiplexer gives one.
"""

from __future__ import annotations

import os
import select
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.store.database import open_store
from canarypolicy.store.tables import runs

from journals import MINUTE_US, JournalMaker

pty = pytest.importorskip("pty", reason="no pseudo-terminals on Windows")

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 20


class Terminal:
    """
    A command at a terminal of its own.
    """

    def __init__(self, *arguments, **variables):
        self.ours, theirs = pty.openpty()
        known = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR", "GITHUB_ACTIONS")}
        environment = {**known, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100", "LINES": "50", **variables}
        self.child = subprocess.Popen(
            [sys.executable, "-m", "canarypolicy", *arguments],
            stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        self.text = ""

    def wait_for(self, words, times=1):
        until = time.monotonic() + PATIENCE_SECONDS
        while self.text.count(words) < times:
            assert time.monotonic() < until, self.text
            self._read()

    def _read(self):
        ready, _, _ = select.select([self.ours], [], [], 0.2)
        if ready:
            try:
                self.text += os.read(self.ours, 65536).decode(errors="replace")
            except OSError:  # Linux says EIO when the other end is closed
                return

    def press(self, key):
        os.write(self.ours, key.encode())

    def ended(self):
        until = time.monotonic() + PATIENCE_SECONDS
        while self.child.poll() is None:
            assert time.monotonic() < until, self.text
            self._read()
        self._read()
        return self.child.returncode

    def close(self):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        os.close(self.ours)


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'runs.db'}"


@pytest.fixture
def maker(url):
    with closing(open_store(url)) as store:
        maker = JournalMaker(store, lease_us=10**9 * SECOND_US)
        maker.enter(0)
        maker.samples(3)
        yield maker


def watch(url, *more):
    return closing(Terminal("status", *more, "--watch", "--store", url))


def test_the_view_follows_the_run_until_q(maker, url):
    with watch(url, "shop") as terminal:
        terminal.wait_for("canary-10 at 10 %")
        maker.samples(2)
        maker.enter(1)
        terminal.wait_for("canary-50 at 50 %")
        terminal.press("q")
        assert terminal.ended() == 0
        assert "\x1b[?1049l" in terminal.text, "the screen is given back"
        assert "step: canary-50 at 50 %" in terminal.text.rpartition("\x1b[?1049l")[2], "what was seen last stays"


def test_ctrl_c_ends_it_as_q_does(maker, url):
    with watch(url) as terminal:
        terminal.wait_for("canary-10 at 10 %")
        terminal.press("x")
        terminal.child.send_signal(signal.SIGINT)
        assert terminal.ended() == 0
        assert "Traceback" not in terminal.text


def test_no_colours_means_none(maker, url):
    with watch(url, "shop", "--no-color") as terminal:
        terminal.wait_for("canary-10 at 10 %")
        terminal.press("Q")
        assert terminal.ended() == 0
        assert "\x1b[1;33m" not in terminal.text


def test_without_a_run_the_only_one_that_goes_on_is_meant(maker, url):
    JournalMaker(maker.store, run="shop-2", service="other")
    with watch(url) as terminal:
        assert terminal.ended() == 2
        assert "2 runs go on: say which RUN is to be watched" in terminal.text


def test_a_store_that_goes_away_is_said_and_the_view_goes_on(maker, url, tmp_path):
    with watch(url, "shop") as terminal:
        terminal.wait_for("canary-10 at 10 %")
        with closing(sqlite3.connect(tmp_path / "runs.db")) as connection:
            connection.execute(f"alter table {runs.name} rename to away")
        terminal.wait_for("not up to date")
        with closing(sqlite3.connect(tmp_path / "runs.db")) as connection:
            connection.execute(f"alter table away rename to {runs.name}")
        terminal.press("q")
        assert terminal.ended() == 0


def test_the_clock_of_a_step_runs_on(maker, url):
    assert maker.at_us > MINUTE_US
    with watch(url, "shop") as terminal:
        terminal.wait_for("canary-10 at 10 %", times=3)
        terminal.press("q")
        assert terminal.ended() == 0
