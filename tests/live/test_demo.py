"""
The demo, shortened: each of its six faults ends by itself, as it says, and nothing that it started is left.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from live.servers import program
from live.shops import until

pytestmark = [pytest.mark.live, pytest.mark.skipif(sys.platform == "win32", reason="HAProxy has no twin on Windows")]

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "examples" / "demo"
PATIENCE_S = 240

ENDS = {
    "none": "as expected: complete",
    "5xx": "as expected: rolled-back by `error-rate-5xx`",
    "slow": "as expected: rolled-back by `aborted`",
    "sales-blocked": "as expected: rolled-back by `sales-blocked`",
    "dead-canary": "as expected: rolled-back by `error-rate-5xx`",
    "dead-prometheus": "as expected: rolled-back by `aborted`",
}


class Demo:
    """
    One demo, whose processes and folders can be told from all others.
    """

    def __init__(self, folder: Path, *arguments: str, terminal: int | None = None) -> None:
        self.folder = folder / "kept"
        # Short: HAProxy's socket lies in it.
        self.temporary = Path(tempfile.mkdtemp(prefix="d"))
        self.mark = f"DEMO_OF_A_TEST={self.temporary}"
        name, _, value = self.mark.partition("=")
        known = {key: each for key, each in os.environ.items() if key not in ("CI", "NO_COLOR", "GITHUB_ACTIONS")}
        self.screen = folder / "screen"
        with self.screen.open("wb") as screen:
            self.process = subprocess.Popen(
                [sys.executable, str(DEMO / "demo.py"), "--quick", "--folder", str(self.folder), *arguments],
                env={**known, name: value, "TMPDIR": str(self.temporary), "TERM": "xterm"}, start_new_session=True,
                stdin=terminal or subprocess.DEVNULL, stdout=terminal or screen, stderr=terminal or subprocess.STDOUT,
            )  # fmt: skip

    @property
    def text(self) -> str:
        return self.screen.read_text(encoding="utf-8", errors="replace")

    def left(self) -> list[str]:
        """
        Name the processes that carry the demo's mark.
        """
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found.append((folder / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue  # it has ended, or is somebody else's
        return found

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        shutil.rmtree(self.temporary, ignore_errors=True)

    def is_over(self, status: int) -> None:
        """
        See that it ends in a status, and that nothing of it is left but what it keeps.
        """
        assert self.process.wait(PATIENCE_S) == status, self.text
        assert self.left() == []
        assert list(self.temporary.iterdir()) == []


@pytest.fixture
def start(tmp_path):
    for name in ("haproxy", "prometheus", "redis-server", "mariadbd", "mariadb-dump"):
        program(name)
    started = []

    def begin(*arguments, **options):
        started.append(Demo(tmp_path, *arguments, **options))
        return started[-1]

    yield begin
    for each in started:
        each.end()


@pytest.mark.parametrize("fault", ENDS)
def test_each_fault_ends_by_itself(start, fault):
    """As it says; the last lines say how, and the commands that it prints do what they say, with nothing running."""
    demo = start("--fault", fault)
    demo.is_over(0)
    assert demo.text.splitlines()[-1] == f"demo: {ENDS[fault]}; all that was started has ended"
    shown = [shlex.split(line) for line in demo.text.splitlines() if re.match(r"  \S*canarypolicy ", line)]
    ended = {}
    for words in shown:
        name = " ".join(words[1:3] if words[1] == "journal" else words[1:2])
        done = subprocess.run(
            [sys.executable, "-m", "canarypolicy", *words[1:]], capture_output=True, text=True, cwd=ROOT, check=False
        )
        ended[name] = done.returncode
        if name == "replay":
            assert re.search(f": {'complete' if fault == 'none' else 'rolled-back'}$", done.stdout, re.MULTILINE), done.stdout
    expected = {"status": 0, "checklist": 3, "replay": 0, "journal verify": 0, **({"approve": 0} if fault == "none" else {})}
    assert ended == expected
    if fault == "none":
        again = subprocess.run([sys.executable, "-m", "canarypolicy", *shown[1][1:]], capture_output=True, text=True, check=False)
        assert again.returncode == 0 and "GO: every item is ticked" in again.stdout


def test_a_terminal_gets_the_live_view(start, tmp_path):
    """The whole screen while the rollout goes on, and plain text again afterwards, with what the demo did meanwhile."""
    pty = pytest.importorskip("pty", reason="no pseudo-terminals on Windows")
    ours, theirs = pty.openpty()
    demo = start("--fault", "5xx", terminal=theirs)
    os.close(theirs)
    seen = b""
    while True:
        try:
            seen += os.read(ours, 65536)
        except OSError:  # Linux says EIO when the other end is closed
            break
    os.close(ours)
    demo.is_over(0)
    text = seen.decode(errors="replace")
    entered, left = text.index("\x1b[?1049h"), text.rindex("\x1b[?1049l")
    assert "canary-10" in text[entered:left]
    assert "one answer in five of the canary is a 500" in text[left:]
    assert ENDS["5xx"] in text[left:]


@pytest.mark.parametrize("moment", ["starting Redis", "(a step is entered)"])
def test_ctrl_c_ends_everything(start, moment):
    """While parts start, and in the middle of a rollout."""
    demo = start()
    until(lambda: moment in demo.text, PATIENCE_S, moment)
    time.sleep(0.3)
    os.killpg(demo.process.pid, signal.SIGINT)  # as a terminal does
    demo.is_over(130)
    assert demo.text.splitlines()[-1] == "demo: interrupted; all that was started has ended"


def test_what_is_not_installed_is_named_with_its_command(monkeypatch):
    monkeypatch.syspath_prepend(DEMO)
    import parts

    assert parts.what_is_missing() == []
    lines = parts.what_is_missing(lambda name: None if name in ("redis-server", "mariadbd", "mariadb-dump") else name)
    assert lines == [
        "not installed: redis-server, mariadbd, mariadb-dump",
        "  on Debian and Ubuntu: sudo apt-get install --no-install-recommends redis-server mariadb-server-core mariadb-client",
        "  or all that the tests need, with no service started: sh tests/debian-packages.sh",
    ]
    assert parts.what_is_missing(find_library=lambda name: None if name == "redis" else name) == [
        "not installed: the Python library redis",
        "  pip install 'canarypolicy[redis]'",
    ]


def test_a_demo_without_its_parts_starts_nothing(tmp_path):
    """It says what is missing and ends in 1."""
    done = subprocess.run(
        [sys.executable, str(DEMO / "demo.py"), "--folder", str(tmp_path / "kept")],
        env={**os.environ, "PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout.startswith("demo: not installed: ") and "sudo apt-get install" in done.stdout
    assert not (tmp_path / "kept").exists()
