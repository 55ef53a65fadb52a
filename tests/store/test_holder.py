"""
Who is dead for certain, and who is not.
"""

import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from canarypolicy.store import holder as module
from canarypolicy.store.holder import holder_of_this_process, is_dead

ME = holder_of_this_process()


def test_this_process_lives():
    assert ME.pid == os.getpid()
    assert not is_dead(ME)
    assert holder_of_this_process() == ME


@pytest.fixture
def child():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process
    process.kill()
    process.wait()


def started(pid: int) -> str:
    return f"{ME.started.rpartition('/')[0]}/{module._state_of(pid)[1]}"


def test_a_process_is_dead_when_it_has_ended_also_unburied(child):
    other = replace(ME, pid=child.pid, started=started(child.pid))
    assert not is_dead(other)
    child.send_signal(signal.SIGSTOP)
    assert not is_dead(other)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_dead(other)
    child.wait()
    assert is_dead(other)


def test_a_number_that_is_another_process_by_now_is_dead():
    assert is_dead(replace(ME, started=f"{ME.started}0"))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(ME, host="elsewhere.example", pid=2**22 + 1), id="another host"),
        pytest.param(replace(ME, started=f"other-boot/{ME.started.partition('/')[2]}", pid=2**22 + 1), id="another boot"),
        pytest.param(replace(ME, started=ME.started.replace("pid:[", "pid:[9"), pid=2**22 + 1), id="another container"),
    ],
)
def test_what_cannot_be_seen_from_here_is_not_called_dead(other):
    assert not is_dead(other)


def test_without_linux_only_the_number_tells(monkeypatch, child):
    monkeypatch.setattr(module, "_state_of", lambda _: None)
    bare = holder_of_this_process()
    assert bare.started == ""
    assert not is_dead(bare)
    assert not is_dead(replace(bare, pid=1))
    child.kill()
    child.wait()
    assert is_dead(replace(bare, pid=child.pid))


def test_a_hidden_process_is_not_called_dead(monkeypatch, child):
    """`/proc` may hide the processes of others."""
    other = replace(ME, pid=child.pid, started=started(child.pid))
    monkeypatch.setattr(module, "_state_of", lambda _: None)
    assert not is_dead(other)


def test_windows_does_not_ask(monkeypatch):
    monkeypatch.setattr(module.os, "name", "nt")
    assert not is_dead(replace(ME, started="", pid=2**22 + 1))
