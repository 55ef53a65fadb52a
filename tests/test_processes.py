"""
Programs: what they say, how they fail, and that nothing of them stays when they take too long.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from canarypolicy.documents.keeper import Keeper
from canarypolicy.documents.secrets import parse_template
from canarypolicy.processes import LARGEST_BYTES, Ended, NotEnded, failure_of, program_of, run_program

from programs import python, world

SECOND_US = 1_000_000
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and groups of POSIX")


def keeper(variables=None):
    return Keeper("probe `p`", world({**os.environ, **(variables or {})}))


def run(text, *arguments, timeout_us=20 * SECOND_US, variables=None, stdin=b"", of=None):
    kept = of or keeper()
    program = program_of(kept, python(text, *arguments), timeout_us, variables, stdin)
    ended = run_program(program, kept)
    why = ended.why if isinstance(ended, NotEnded) else failure_of(ended, program, kept)
    return ended, why


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # An ended one whose parent has not asked for its status is still listed.
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] if Path("/proc").exists() else True


def test_status_output_arguments_variables_and_stdin():
    ended, why = run(
        "import os, sys; print(sys.argv[1], os.environ['MORE'], sys.stdin.read()); print('aside', file=sys.stderr)",
        "; echo $HOME '",
        variables={"MORE": "m"},
        stdin="é".encode(),
    )
    assert (ended.status, ended.stdout.split(), why) == (0, [";", "echo", "$HOME", "'", "m", "é"], None)
    assert ended.stderr == "aside\n"


def test_variables_of_this_process_are_passed_on():
    ended, _ = run("import os; print(os.environ['GIVEN'])", of=keeper({"GIVEN": "g"}))
    assert ended.stdout == "g\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import sys; sys.exit(3)", "ended in status 3"),
        ("import sys; sys.exit('first\\nno such host\\n')", "ended in status 1: no such host"),
        pytest.param("import os; os.kill(os.getpid(), 9)", "was ended by SIGKILL", marks=POSIX),
        pytest.param("import os; os.kill(os.getpid(), 40)", "was ended by signal 40", marks=POSIX),
    ],
    ids=["a status", "the last line of stderr", "a signal", "a signal without a name"],
)
def test_how_a_program_failed(text, why):
    assert run(text)[1] == f"`{keeper().shown(sys.executable)}` {why}"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["/no/such/program"], "cannot start `/no/such/program`: there is no such program"),
        (["."], "cannot start `.`: it may not be executed"),
        (["a\0b"], "cannot start `a?b`: an argument or a variable holds a character that programs cannot be given"),
    ],
)
@POSIX
def test_what_cannot_be_started_says_why(arguments, why):
    kept = keeper()
    assert run_program(program_of(kept, arguments, SECOND_US), kept) == NotEnded(why=why)


def test_secrets_are_in_no_text():
    """A secret in the program's name, in its stderr and in the record of the program itself."""
    kept = keeper({"SECRET": "hunter2"})
    name = kept.text(parse_template("/no/${env:SECRET}"), "run")
    program = program_of(kept, [name], SECOND_US)
    assert "hunter2" not in repr(program)
    assert run_program(program, kept).why == "cannot start `/no/***`: there is no such program"
    ended, why = run("import sys; sys.exit('password hunter2 refused')", of=kept)
    assert why.endswith("ended in status 1: password *** refused")
    assert "hunter2" not in repr(ended)


def test_of_much_output_the_end_is_kept_and_nothing_stands_still():
    ended, why = run(
        f"import sys; sys.stdout.write('x' * {5 * LARGEST_BYTES}); sys.stderr.write('y' * {3 * LARGEST_BYTES}); print('end')"
    )
    assert why is None
    assert len(ended.stdout) == LARGEST_BYTES
    assert ended.stdout.endswith("end\n")
    assert len(ended.stderr) == LARGEST_BYTES


def test_bytes_that_are_no_text_are_shown_as_such():
    ended, _ = run("import sys; sys.stdout.buffer.write(b'a\\xffb')")
    assert ended.stdout == "a\ufffdb"


def test_a_program_need_not_read_its_stdin():
    ended, why = run("print('done')", stdin=b"x" * 10 * LARGEST_BYTES)
    assert (ended.stdout, why) == ("done\n", None)


@POSIX
def test_at_the_time_limit_a_program_ends_with_its_children(tmp_path):
    """The child ignores TERM and holds the pipes; it is gone all the same, and the call returns."""
    pids = tmp_path / "pids"
    child = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    _, why = run(
        f"import os, subprocess, sys, time; c = subprocess.Popen([sys.executable, '-c', {child!r}]); "
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{c.pid}}'); time.sleep(600)",
        timeout_us=2 * SECOND_US,
    )
    assert why.endswith("did not end within 2s")
    until = time.monotonic() + 20
    found = [int(each) for each in pids.read_text().split()]
    assert len(found) == 2
    while any(is_alive(pid) for pid in found) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(is_alive(pid) for pid in found)


@POSIX
def test_what_is_left_running_on_purpose_is_not_waited_for(tmp_path):
    """A child in a session of its own holds the pipes open for ten minutes: the answer is there all the same."""
    pid_file = tmp_path / "pid"
    ended, why = run(
        "import subprocess, sys; c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True); "
        f"open({str(pid_file)!r}, 'w').write(str(c.pid)); print('started')"
    )
    with suppress(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 9)
    assert (ended.stdout, why) == ("started\n", None)


def test_an_interrupted_call_leaves_nothing_running(tmp_path, monkeypatch):
    pid_file = tmp_path / "pid"
    import subprocess

    def interrupted(self, timeout=None):
        if timeout is not None and timeout > 5:
            until = time.monotonic() + 20
            while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < until:
                time.sleep(0.01)
            raise KeyboardInterrupt
        return real(self, timeout)

    real = subprocess.Popen.wait
    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); time.sleep(600)")
    assert not is_alive(int(pid_file.read_text()))


def test_an_ended_program_is_a_value():
    assert isinstance(run("pass")[0], Ended)
