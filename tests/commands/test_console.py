"""
The two streams of a process: colour where it is wanted, and faults of the streams themselves.
"""

import errno
import io
import sys

import pytest
from canarypolicy.commands import console
from canarypolicy.commands.console import Console, make_streams_safe
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.span import SourceText
from canarypolicy.errors import Unavailable


class FakeTerminal(io.StringIO):
    def isatty(self):
        return True


class FakeFullDisk(io.StringIO):
    def __init__(self, number):
        super().__init__()
        self.number = number

    def write(self, text):
        raise OSError(self.number, "it cannot be written")


@pytest.fixture(autouse=True)
def _plain(monkeypatch):
    monkeypatch.setattr(console.os, "name", "posix")
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)


def finding(severity):
    return Finding(name=severity.value, message="m", span=SourceText(path="p", text="x").span(0, 1), severity=severity)


def test_colour_is_for_a_terminal_that_nobody_refused(monkeypatch):
    assert Console().has_color(FakeTerminal())
    assert not Console().has_color(io.StringIO())
    assert not Console(allows_color=False).has_color(FakeTerminal())
    monkeypatch.setenv("NO_COLOR", "")
    assert Console().has_color(FakeTerminal())  # no-color.org: present and not empty
    monkeypatch.setenv("NO_COLOR", "1")
    assert not Console().has_color(FakeTerminal())
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert not Console().has_color(FakeTerminal())


def test_the_old_console_of_windows_gets_no_sequences(monkeypatch):
    """A newer terminal there says what it is."""
    for name in ("WT_SESSION", "TERM_PROGRAM", "ConEmuANSI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(console.os, "name", "nt")
    assert not Console().has_color(FakeTerminal())
    monkeypatch.setenv("WT_SESSION", "1")
    assert Console().has_color(FakeTerminal())


def test_quiet_keeps_errors_and_drops_the_rest(capsys):
    for is_quiet, names in ((False, ["error", "warning", "note"]), (True, ["error"])):
        shown = Console(is_quiet=is_quiet)
        shown.findings([finding(severity) for severity in Severity])
        shown.notice("notice")
        shown.fault("fault")
        told = capsys.readouterr().err
        assert [name for name in ("error", "warning", "note") if f"{name}[{name}]" in told] == names
        assert ("notice" in told) is not is_quiet
        assert "fault" in told
    Console(is_quiet=True).findings([finding(Severity.NOTE)])
    assert capsys.readouterr().err == ""


def test_a_reader_that_has_gone_is_no_fault_and_a_full_disk_is(monkeypatch):
    dropped = []
    monkeypatch.setattr(console, "_discard", dropped.append)
    monkeypatch.setattr(sys, "stdout", FakeFullDisk(errno.EPIPE))
    Console().result("text")
    monkeypatch.setattr(sys, "stdout", FakeFullDisk(errno.ENOSPC))
    with pytest.raises(Unavailable, match="cannot write to stdout: it cannot be written"):
        Console().result("text")
    monkeypatch.setattr(sys, "stderr", FakeFullDisk(errno.ENOSPC))
    Console().fault("nobody can be told")
    assert len(dropped) == 3


def test_what_is_discarded_does_not_fail_again(tmp_path):
    stream = (tmp_path / "x.txt").open("w")
    stream.write("before")
    stream.flush()
    console._discard(stream)
    stream.write("after")
    stream.close()
    assert (tmp_path / "x.txt").read_text() == "before"


def test_streams_take_any_text(monkeypatch):
    """Pipes become UTF-8; what has no UTF-8 form is written as an escape; a closed stream swallows."""
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", pipe)
    monkeypatch.setattr(sys, "stderr", None)
    make_streams_safe()
    Console().result("\N{SNOWMAN}\udc80")
    assert pipe.buffer.getvalue() == "\N{SNOWMAN}\\udc80".encode()
    Console().fault("nobody hears")
    sys.stderr.close()
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    make_streams_safe()
    Console().result("nobody hears")
    sys.stdout.close()
