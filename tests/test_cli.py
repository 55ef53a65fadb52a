"""
The command line as a process: exit statuses, streams, and whatever goes wrong without being anybody's wrong input.
"""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from canarypolicy import __version__, cli
from canarypolicy.commands import COMMANDS, CommandEntry
from canarypolicy.exit_status import ExitStatus

from command_line import canarypolicy

ROOT = Path(__file__).parents[1]
POLICY, HEALTHY = "policies/storefront/policy.yaml", "examples/snapshot/healthy.json"
EVALUATE = ["evaluate", POLICY, "--metrics", HEALTHY]
LONGEST = 120
"""Seconds after which a process that says nothing counts as hung."""
POSIX = pytest.mark.skipif(os.name == "nt", reason="devices and shells of POSIX")


def process(*arguments, environment=None, **options):
    return subprocess.run(
        [sys.executable, "-m", "canarypolicy", *arguments],
        cwd=ROOT,
        capture_output=True,
        check=False,
        env={**os.environ, **(environment or {})},
        timeout=LONGEST,
        **options,
    )


def shell(line):
    """Run a line of POSIX shell in which `canarypolicy` is the program."""
    full = f'canarypolicy() {{ "{sys.executable}" -m canarypolicy "$@"; }}; {line}'
    return subprocess.run(["bash", "-c", full], cwd=ROOT, capture_output=True, check=False, text=True, timeout=LONGEST)


@pytest.fixture
def failing(monkeypatch):
    """A command that raises what it is told to raise."""

    def make(error):
        @click.command("failing")
        def command():
            raise error

        monkeypatch.setattr(cli, "COMMANDS", {"failing": CommandEntry(name="failing", summary="Fail.")})
        monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: command)

    return make


def test_the_process_ends_in_the_status_of_the_decision():
    """`python -m canarypolicy` gives the shell what `run` gives."""
    done = process(*EVALUATE)
    assert done.returncode == ExitStatus.HOLD
    assert done.stdout.startswith(b"hold in canary-10 at 10 %")
    assert done.stderr == b""


def test_the_installed_command_is_the_same_function(monkeypatch):
    assert '\ncanarypolicy = "canarypolicy.cli:main"\n' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["canarypolicy", "--version"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 0


def test_version_and_help_go_to_stdout_and_end_in_zero():
    done = canarypolicy("--version")
    assert (done.exit_code, done.stdout) == (0, f"canarypolicy {__version__}\n")
    for name, entry in COMMANDS.items():
        done = canarypolicy(name, "--help")
        assert done.exit_code == 0
        assert entry.summary in canarypolicy("--help").stdout


def test_commands_are_found_by_name_and_no_other():
    context = click.Context(cli.group)
    assert cli.group.list_commands(context) == list(COMMANDS)
    assert all(cli.group.get_command(context, name).name == name for name in COMMANDS)
    assert cli.group.get_command(context, "evalute") is None


def test_a_usage_error_without_a_command_needs_no_help_line(failing):
    failing(click.UsageError("it is wrong"))
    done = canarypolicy("failing")
    assert (done.exit_code, done.stderr.splitlines()[0]) == (ExitStatus.USAGE, "canarypolicy: usage: it is wrong")


def commands():
    """Every command, and those of `journal` and `backup`."""
    context = click.Context(cli.group)
    for name in COMMANDS:
        command = cli.group.get_command(context, name)
        below = command.commands if isinstance(command, click.Group) else {}
        yield from ((name, each) for each in below) if below else [(name,)]


@pytest.mark.parametrize("name", list(commands()), ids=" ".join)
def test_every_command_takes_the_options_about_output(name):
    shown = canarypolicy(*name, "--help").stdout
    assert "Exit status: " in shown
    assert all(option in shown for option in ("--format", "--output", "--quiet", "--no-color"))


def test_an_internal_error_is_a_line_without_the_errors_own_words(failing):
    """The words may hold a secret; the type and the place are enough to report it."""
    failing(KeyError("hunter2"))
    done = canarypolicy("failing")
    assert done.exit_code == ExitStatus.COULD_NOT_RUN
    assert done.stdout == ""
    assert done.stderr.startswith("canarypolicy: internal error: KeyError in canarypolicy.")
    assert "help: this is a fault in canarypolicy" in done.stderr
    assert "hunter2" not in done.stderr
    assert "Traceback" not in done.stderr


def test_the_traceback_is_shown_to_the_one_who_asks(failing, monkeypatch):
    failing(KeyError("hunter2"))
    for arguments, variables in ((["--debug", "failing"], {}), (["failing"], {"CANARYPOLICY_DEBUG": "1"})):
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            done = canarypolicy(*arguments)
        assert "Traceback (most recent call last)" in done.stderr
        assert done.exit_code == ExitStatus.COULD_NOT_RUN


def test_an_interrupt_is_a_word_and_a_one(failing):
    failing(KeyboardInterrupt())
    done = canarypolicy("failing")
    assert (done.exit_code, done.stderr.strip()) == (ExitStatus.COULD_NOT_RUN, "canarypolicy: interrupted")


def test_what_this_version_cannot_do_is_said_with_a_way_out(failing):
    from canarypolicy.errors import Unsupported

    failing(Unsupported("the policy looks back too far", help="look back less far"))
    done = canarypolicy("failing")
    assert done.exit_code == ExitStatus.COULD_NOT_RUN
    assert done.stderr == "canarypolicy: error: the policy looks back too far\n   help: look back less far\n"


def test_a_command_that_returns_nothing_has_nothing_to_report(monkeypatch):
    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: click.Command("schema", callback=lambda: None))
    assert canarypolicy("schema").exit_code == ExitStatus.ADVANCE


@POSIX
def test_a_reader_that_goes_away_changes_nothing():
    """`canarypolicy ... | head -1` says nothing of pipes, and the status is still the decision."""
    done = shell(f"canarypolicy replay {POLICY} examples/healthy --all | head -1; echo ${{PIPESTATUS[0]}}")
    assert done.stdout.splitlines() == ["policy: storefront revision 1 (d5d61e584294), policies/storefront/policy.yaml", "0"]
    assert done.stderr == ""
    done = shell(f"canarypolicy {' '.join(EVALUATE)} | true; echo ${{PIPESTATUS[0]}}")
    assert (done.stdout, done.stderr) == ("4\n", "")


@POSIX
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_a_full_disk_is_no_success():
    done = shell(f"canarypolicy {' '.join(EVALUATE)} > /dev/full; echo $? >&2")
    assert done.stderr == "canarypolicy: error: cannot write to stdout: No space left on device\n1\n"


@POSIX
def test_closed_streams_are_no_fault():
    for closed in (">&-", "2>&-", ">&- 2>&-"):
        assert shell(f"canarypolicy {' '.join(EVALUATE)} {closed}").returncode == ExitStatus.HOLD


def test_no_text_breaks_a_stream_of_few_characters(tmp_path):
    """A pipe is UTF-8 whatever the console's own encoding is."""
    (tmp_path / "naïve \N{SNOWMAN}.yaml").write_bytes(b"kind: RolloutPolicy\n")
    for encoding in ("cp1252", "ascii"):
        done = process("validate", str(tmp_path), environment={"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"})
        assert done.returncode == ExitStatus.COULD_NOT_RUN  # none of ours in there
        done = process("validate", str(tmp_path / "naïve \N{SNOWMAN}.yaml"), environment={"PYTHONIOENCODING": encoding})
        assert done.returncode == ExitStatus.FINDINGS
        assert "naïve \N{SNOWMAN}.yaml:1:1: error[".encode() in done.stdout


@POSIX
def test_colour_is_for_terminals_and_for_those_who_want_it():
    """The same run on a terminal is coloured, unless an option, NO_COLOR or TERM=dumb says no."""
    assert b"\x1b[" in on_a_terminal(*EVALUATE)
    assert b"\x1b[" not in on_a_terminal(*EVALUATE, "--no-color")
    assert b"\x1b[" not in on_a_terminal(*EVALUATE, environment={"NO_COLOR": "1"})
    assert b"\x1b[" not in on_a_terminal(*EVALUATE, environment={"TERM": "dumb"})
    assert b"\x1b[" not in process(*EVALUATE).stdout


@POSIX
def test_a_terminal_of_few_characters_shows_escapes():
    shown = on_a_terminal("validate", "\N{SNOWMAN}.yaml", environment={"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"})
    assert b"there is no file `\\u2603.yaml`" in shown


def on_a_terminal(*arguments, environment=None):
    """Run the program with a terminal as its streams, and give what it shows there."""
    import pty
    import select

    ours, theirs = pty.openpty()
    variables = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "CI")}
    variables |= {"TERM": "xterm", **(environment or {})}
    with subprocess.Popen(
        [sys.executable, "-m", "canarypolicy", *arguments], cwd=ROOT, stdout=theirs, stderr=theirs, env=variables
    ) as program:
        os.close(theirs)
        shown = b""
        while True:
            if not select.select([ours], [], [], LONGEST)[0]:
                program.kill()
                pytest.fail("the program hangs on a terminal")
            try:
                part = os.read(ours, 65536)
            except OSError:  # Linux says so when the other end is closed
                part = b""
            if not part:
                break
            shown += part
    os.close(ours)
    return shown
