"""
Programs of the user's, run by a list of arguments and never by a shell, each within one time limit.

At the limit the program is ended with everything that it started. Of its output the last `LARGEST_BYTES` of each stream
are kept. What it leaves running on purpose when it ends in time is not waited for.
Sources, actuators, probes, backups and notifiers share this; what the output means is theirs to say.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic
from typing import IO, TYPE_CHECKING

from canarypolicy.documents.duration import SECOND_US, format_duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from canarypolicy.documents.keeper import Keeper
    from canarypolicy.documents.secrets import Template

LARGEST_BYTES = 2**20
_CHUNK_BYTES = 64 * 1024
_GRACE_SECONDS = 1.0
"""For output that is on its way when a program ends, and for a killed one to be gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """
    What to run; arguments and variables may hold secrets, so none of it has a text form.
    """

    arguments: tuple[str, ...] = field(repr=False)
    variables: Mapping[str, str] = field(repr=False)
    """All variables that the program sees."""
    timeout_us: int
    stdin: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """
    A program that ended by itself; its output may hold secrets.
    """

    status: int
    """The exit status; below zero the number of the signal that ended it."""
    stdout: str = field(repr=False)
    stderr: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotEnded:
    """
    Why a program could not be started, had to be ended or, where that is asked for, did not end well.
    """

    why: str


def arguments_of(keeper: Keeper, written: Sequence[Template], key: str) -> tuple[str, ...]:
    """
    Give the arguments of a program as it gets them; a variable or file that is not there is `Unavailable`.
    """
    return tuple(keeper.text(each, key) for each in written)


def program_of(
    keeper: Keeper, arguments: Sequence[str], timeout_us: int, variables: Mapping[str, str] | None = None, stdin: bytes = b""
) -> Program:
    """
    Make a program that sees the variables of this process and some more.
    """
    seen = {**keeper.world.variables, **(variables or {})}
    return Program(arguments=tuple(arguments), variables=seen, timeout_us=timeout_us, stdin=stdin)


def run_program(program: Program, keeper: Keeper) -> Ended | NotEnded:
    """
    Run a program to its end, or end it at its time limit. Nothing is raised for what the program does.
    """
    process = start(program, keeper, is_fed=bool(program.stdin))
    if isinstance(process, NotEnded):
        return process
    over = Event()
    stdout, stderr = Tail(process.stdout, over), Tail(process.stderr, over)
    if program.stdin and process.stdin is not None:
        Thread(target=_feed, args=(process.stdin, program.stdin), daemon=True).start()
    try:
        status = process.wait(program.timeout_us / SECOND_US)
    except subprocess.TimeoutExpired:
        end_all(process)
        return NotEnded(why=too_late(program, keeper))
    except BaseException:  # Ctrl-C must not leave it running
        end_all(process)
        raise
    else:
        until = monotonic() + _GRACE_SECONDS
        return Ended(status=status, stdout=stdout.text(until), stderr=stderr.text(until))
    finally:
        over.set()


def run_well(program: Program, keeper: Keeper) -> Ended | NotEnded:
    """
    Run a program to its end; one that ends in another status than 0 is as good as one that did not end.
    """
    ended = run_program(program, keeper)
    why = None if isinstance(ended, NotEnded) else failure_of(ended, program, keeper)
    return ended if why is None else NotEnded(why=why)


def failure_of(ended: Ended, program: Program, keeper: Keeper) -> str | None:
    """
    Say how a program failed, with the last line of what it wrote to stderr, without secrets; None: it did not.
    """
    if ended.status == 0:
        return None
    how = f"ended in status {ended.status}" if ended.status > 0 else f"was ended by {_signal_name(-ended.status)}"
    lines = ended.stderr.strip().splitlines()
    said = f": {keeper.shown(lines[-1].strip())}" if lines else ""
    return f"{_shown_name(program, keeper)} {how}{said}"


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal has no name
        return f"signal {number}"


def too_late(program: Program, keeper: Keeper) -> str:
    """
    Say that a program was ended at its time limit.
    """
    return f"{_shown_name(program, keeper)} did not end within {format_duration(program.timeout_us)}"


def start(program: Program, keeper: Keeper, *, is_fed: bool) -> subprocess.Popen[bytes] | NotEnded:
    """
    Start a program with pipes for its output and, if it is fed, for its input; whoever starts it ends it.
    """
    try:
        return _start(program, is_fed=is_fed)
    except (OSError, ValueError) as error:  # an argument with a NUL or without a form in bytes is a `ValueError`
        return NotEnded(why=f"cannot start {_shown_name(program, keeper)}: {_why_not_started(error)}")


def _start(program: Program, *, is_fed: bool) -> subprocess.Popen[bytes]:
    # Its own group of processes, so that all of it can be ended, and so that Ctrl-C at our terminal does not end it.
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    return subprocess.Popen(  # noqa: S603 - a list of arguments that the user wrote, no shell
        program.arguments,
        stdin=subprocess.PIPE if is_fed else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(program.variables),
        start_new_session=True,
        creationflags=flags,
        bufsize=0,
    )


def _why_not_started(error: OSError | ValueError) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such program"
        case PermissionError():
            return "it may not be executed"
        case OSError():
            return (error.strerror or "it is no program").lower()
    return "an argument or a variable holds a character that programs cannot be given"


def _shown_name(program: Program, keeper: Keeper) -> str:
    return f"`{keeper.shown(program.arguments[0])}`"


def end_all(process: subprocess.Popen[bytes]) -> None:
    """
    End a program and all that it started in its group; a process that the system cannot end is left to the system.
    """
    if os.name == "nt":  # pragma: no cover - Windows
        subprocess.run(  # noqa: S603 - the number of our own child
            ["taskkill", "/T", "/F", "/PID", str(process.pid)],  # noqa: S607 - a part of Windows
            capture_output=True,
            check=False,
        )
        process.kill()
    else:
        with suppress(ProcessLookupError):  # it has ended this very moment
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):  # it waits in the kernel, and ends when that lets it go
        process.wait(_GRACE_SECONDS)


def _feed(stdin: IO[bytes], data: bytes) -> None:
    try:
        with stdin:
            while data:
                data = data[stdin.write(data) :]
    except OSError:
        pass  # a program need not read what it is given


class Tail:
    """
    The last bytes of a stream, read to its end by a thread so that the program never waits for us.
    """

    def __init__(self, stream: IO[bytes] | None, over: Event) -> None:
        assert stream is not None, "stdout and stderr are pipes"
        self._stream = stream
        self._over = over
        self._kept = bytearray()
        # A daemon: a program may leave others behind that keep the stream open.
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def text(self, until: float) -> str:
        self._reader.join(max(0.0, until - monotonic()))
        return bytes(self._kept[-LARGEST_BYTES:]).decode("utf-8", "replace")

    def _read(self) -> None:
        with self._stream:
            while chunk := self._stream.read(_CHUNK_BYTES):
                if self._over.is_set():
                    continue  # read on, so that what is left behind does not stand still; keep nothing
                self._kept += chunk
                if len(self._kept) > 2 * LARGEST_BYTES:
                    del self._kept[:-LARGEST_BYTES]
