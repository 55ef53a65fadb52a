import os
import signal

import pytest
from canarypolicy.actuators import nginx_processes
from canarypolicy.actuators.nginx_processes import Master, master_of
from canarypolicy.live.protocols import NotDone


class FakeProc:
    """
    A folder like `/proc`, with the two files that are read.
    """

    def __init__(self, folder):
        self.folder = folder
        (folder / "self").mkdir(parents=True)

    def add(self, pid, parent, title, name="nginx"):
        (self.folder / str(pid)).mkdir()
        (self.folder / str(pid) / "cmdline").write_text(title.replace(" ", "\0") if name != "nginx" else title)
        (self.folder / str(pid) / "stat").write_text(f"{pid} ({name}) S {parent} 1 1 0")


@pytest.fixture
def proc(tmp_path, monkeypatch):
    fake = FakeProc(tmp_path / "proc")
    monkeypatch.setattr(nginx_processes, "_PROC", fake.folder)
    return fake


def why(act):
    with pytest.raises(NotDone) as raised:
        act()
    return raised.value.why


def test_workers_are_those_that_take_connections(proc):
    """The master's own, not shutting down, and no helper of the cache; whatever a name looks like."""
    proc.add(10, 1, "nginx: master process nginx -c n.conf")
    proc.add(11, 10, "nginx: worker process")
    proc.add(12, 10, "nginx: worker process is shutting down")
    proc.add(13, 10, "nginx: cache manager process")
    proc.add(14, 9, "nginx: worker process")
    proc.add(15, 10, "nginx: worker process", name="odd) S 9 (name")
    (proc.folder / "16").mkdir()  # it ends while we look
    assert Master(10).workers() == {11, 15}


def test_the_master_is_found_by_its_pid_file(proc, tmp_path):
    """And by its title: a pid file from before a crash may name anybody."""
    proc.add(10, 1, "nginx: master process nginx -c n.conf")
    proc.add(20, 1, "/bin/sleep 100", name="sleep")
    file = tmp_path / "pid"
    file.write_text("10\n")
    assert master_of(file) == Master(10)
    for text in ("20\n", "21\n", "1\n", "-10\n"):
        file.write_text(text)
        assert why(lambda: master_of(file)) == "the process in nginx's pid file is no master of nginx"
    file.write_text("")
    assert why(lambda: master_of(file)) == "nginx's pid file holds no number"
    file.unlink()
    assert why(lambda: master_of(file)) == "nginx's pid file cannot be read: No such file or directory"


def test_a_system_without_proc_is_said(monkeypatch, tmp_path):
    """No guess is made."""
    monkeypatch.setattr(nginx_processes, "_PROC", tmp_path / "nowhere")
    assert why(lambda: master_of(tmp_path / "pid")) == "nginx's processes cannot be seen: this system has no `/proc`"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(), "nginx cannot be told to reload: this user may not"),
        (ProcessLookupError(), "nginx cannot be told to reload: it has ended"),
    ],
)
@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="HUP is POSIX")
def test_a_master_that_cannot_be_told_is_said(monkeypatch, error, said):
    """Another user's, or one that has just ended."""

    def refuse(pid, signal):
        raise error

    monkeypatch.setattr(os, "kill", refuse)
    assert why(Master(10).reload) == said
