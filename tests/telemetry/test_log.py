"""
The log: lines for people and for machines, and a reader that does not read.
"""

import io
import json
from threading import Event
from time import sleep

import pytest
from canarypolicy.live.protocols import Told
from canarypolicy.telemetry.log import LogFormat, LogStyle, LogWatcher

AT_US = 1_777_636_830 * 1_000_000 + 250_000  # 2026-05-01T12:00:30.25Z
TOLD = Told(level="info", event="step", message="canary-10 entered", facts={"run": "shop-1", "weight": 10.0})


def written(told, **style):
    stream = io.StringIO()
    log = LogWatcher(stream, lambda: AT_US, LogStyle(**style))
    for each in told:
        log.tell(each)
    log.measure({})
    log.close()
    return stream.getvalue()


def test_a_line_for_people_has_time_run_and_sentence():
    assert written([TOLD]) == "12:00:30 rollout shop-1: canary-10 entered\n"


def test_a_line_without_a_run_names_none():
    assert written([Told(level="error", event="x", message="no run")]) == "12:00:30 error: no run\n"


def test_levels_are_words_and_colours_only_an_addition():
    warned = Told(level="warning", event="drift", message="weight is 50", facts={"run": "shop-1"})
    plain, painted = written([warned]), written([warned], has_color=True)
    assert plain == "12:00:30 warning: rollout shop-1: weight is 50\n"
    assert "\x1b[1;33mwarning: \x1b[0m" in painted


def test_a_text_never_steers_the_terminal_or_breaks_the_line():
    assert written([Told(level="info", event="x", message="a\x1b[31m\nb")]) == "12:00:30 a\\x1b[31m\\x0ab\n"


def test_a_line_for_machines_is_strict_json_with_the_fixed_keys_first():
    facts = {"run": "shop-1", "level": "mine", "margin": float("nan"), "values": {"a": [1, (2.5, None)]}, "odd": {1}}
    line = written([Told(level="warning", event="drift", message="ü\n", facts=facts)], format=LogFormat.JSON)
    assert line.count("\n") == 1
    record = json.loads(line, parse_constant=pytest.fail)
    assert list(record)[:4] == ["t", "level", "event", "message"]
    assert record == {
        "t": "2026-05-01T12:00:30.250000Z", "level": "warning", "event": "drift", "message": "ü\n",
        "run": "shop-1", "margin": None, "values": {"a": [1, [2.5, None]]}, "odd": "{1}",
    }  # fmt: skip


def test_quiet_keeps_warnings_and_errors():
    told = [TOLD, Told(level="warning", event="w", message="w"), Told(level="error", event="e", message="e")]
    assert written(told, is_quiet=True).splitlines() == ["12:00:30 warning: w", "12:00:30 error: e"]


class FakeStuckStream(io.StringIO):
    """A stream whose reader reads nothing until it is let go."""

    def __init__(self):
        super().__init__()
        self.is_stuck, self.is_free = Event(), Event()

    def write(self, text):
        self.is_stuck.set()
        assert self.is_free.wait(30)
        return super().write(text)


def test_a_reader_that_does_not_read_delays_nobody_and_is_told_what_it_missed(monkeypatch):
    monkeypatch.setattr("canarypolicy.telemetry.log._WAITING_LINES", 2)
    stream = FakeStuckStream()
    log = LogWatcher(stream, lambda: AT_US, LogStyle())
    log.tell(TOLD)
    assert stream.is_stuck.wait(30)
    for number in range(5):
        log.tell(Told(level="info", event="n", message=f"line {number}"))
    stream.is_free.set()
    while log._lines.qsize():
        sleep(0.001)
    log.tell(Told(level="info", event="n", message="last"))
    log.close()
    assert stream.getvalue().splitlines()[1:] == [
        "12:00:30 line 0",
        "12:00:30 line 1",
        "12:00:30 warning: 3 lines of the log could not be written in time",
        "12:00:30 last",
    ]


def test_closing_does_not_wait_for_ever_for_a_reader(monkeypatch):
    monkeypatch.setattr("canarypolicy.telemetry.log._CLOSING_SECONDS", 0.01)
    monkeypatch.setattr("canarypolicy.telemetry.log._WAITING_LINES", 1)
    stream = FakeStuckStream()
    log = LogWatcher(stream, lambda: AT_US, LogStyle())
    log.tell(TOLD)
    assert stream.is_stuck.wait(30)
    log.tell(TOLD)
    log.close()
    stream.is_free.set()


class FakeGoneStream(io.StringIO):
    """A stream whose reader has gone away."""

    def write(self, text):
        raise BrokenPipeError


def test_a_reader_that_has_gone_is_no_fault():
    log = LogWatcher(FakeGoneStream(), lambda: AT_US, LogStyle())
    log.tell(TOLD)
    log.tell(TOLD)
    log.close()
    assert not log._writer.is_alive()
