"""
Programs whose bytes flow through this process: from a dump through a compressor into a file, or from a file into a client.

No shell has a part in it. The end of every program and of every flow is looked at, within one time limit for all of them;
where one failure brings another, the first is told.
"""

from __future__ import annotations

import subprocess
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic, sleep
from typing import IO, TYPE_CHECKING

from canarypolicy.documents.duration import SECOND_US, format_duration
from canarypolicy.live.protocols import NotDone
from canarypolicy.processes import Ended, NotEnded, Tail, end_all, failure_of, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from canarypolicy.documents.keeper import Keeper
    from canarypolicy.processes import Program

CHUNK_BYTES = 2**20
_ENOUGH_BYTES = CHUNK_BYTES // 4
_GATHER_SECONDS = 0.002
"""
`mysqldump` writes 4 KiB at a time, and a reader that is woken for each of them costs more than all that it does with them.
A wide pipe takes what comes meanwhile.
"""
_LOOK_SECONDS = 0.05
_GRACE_SECONDS = 1.0
"""For a program whose input has ended, or whose reader has gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """
    When all of it has to be over.
    """

    until: float
    """By the monotonic clock."""
    timeout_us: int

    @classmethod
    def after(cls, timeout_us: int) -> Deadline:
        """
        Begin a time limit now.
        """
        return cls(until=monotonic() + timeout_us / SECOND_US, timeout_us=timeout_us)

    @property
    def left_us(self) -> int:
        return max(0, int((self.until - monotonic()) * SECOND_US))

    def too_late(self, name: str) -> NotDone:
        """
        Say what was not over in time.
        """
        return NotDone(f"`{name}` did not end within {format_duration(self.timeout_us)}")


class Flow:
    """
    A thread that takes chunks as they come and hands each on; what stops it is kept and not raised.
    """

    def __init__(self, chunks: Iterable[bytes], give: Callable[[bytes], object], closed: IO[bytes] | None = None) -> None:
        self._chunks = chunks
        self._give = give
        self._closed = closed
        self.broke_by: Exception | None = None
        self.thread = Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            for chunk in self._chunks:
                self._give(chunk)
        except Exception as error:  # noqa: BLE001 - it belongs to the thread that waits for this one
            self.broke_by = error
        if self._closed is not None:
            with suppress(OSError):
                self._closed.close()


class Running:
    """
    A program in a pipeline; what it writes to stderr is kept.
    """

    def __init__(self, program: Program, keeper: Keeper, *, is_fed: bool, is_read: bool) -> None:
        started = start(program, keeper, is_fed=is_fed)
        if isinstance(started, NotEnded):
            raise NotDone(started.why)
        self.name = keeper.shown(program.arguments[0])
        self.process = started
        self._program = program
        self._keeper = keeper
        self._over = Event()
        self._stderr = Tail(started.stderr, self._over)
        self._stdout = None if is_read else Tail(started.stdout, self._over)
        if started.stdin is not None:
            _widen(started.stdin)
        self._is_wide = started.stdout is not None and _widen(started.stdout)

    @property
    def stdin(self) -> IO[bytes]:
        assert self.process.stdin is not None, "a program that is fed has a pipe"
        return self.process.stdin

    def give(self, chunk: bytes) -> None:
        """
        Hand all of a chunk to the program; one that reads no more is `BrokenPipeError`.
        """
        write_all(self.stdin, chunk)

    def chunks(self) -> Iterator[bytes]:
        """
        Read what the program prints, to its end.
        """
        stdout = self.process.stdout
        assert stdout is not None, "stdout is a pipe"
        while chunk := stdout.read(CHUNK_BYTES):
            yield chunk
            if self._is_wide and len(chunk) < _ENOUGH_BYTES:
                sleep(_GATHER_SECONDS)

    def why_failed(self) -> str | None:
        """
        Say how the program, which has ended, failed; None: it did not.
        """
        said = self._stderr.text(monotonic() + _GRACE_SECONDS)
        return failure_of(Ended(status=self.process.returncode, stdout="", stderr=said), self._program, self._keeper)

    def end(self) -> None:
        """
        End the program and all that it started, if it still goes on.
        """
        if self.process.poll() is None:
            end_all(self.process)
        self._over.set()

    def close(self) -> None:
        """
        Close what is left open of the pipes that flows use; none does any more.
        """
        for stream in (self.process.stdin, None if self._stdout is not None else self.process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()


class Pipeline:
    """
    Programs and flows that begin together and end within one time limit.
    """

    def __init__(self, keeper: Keeper, deadline: Deadline) -> None:
        self._keeper = keeper
        self._deadline = deadline
        self._programs: list[Running] = []
        self._flows: list[Flow] = []

    def program(self, program: Program, *, is_fed: bool = False, is_read: bool = True) -> Running:
        """
        Start a program; those that come later in the stream are started later.
        """
        try:
            running = Running(program, self._keeper, is_fed=is_fed, is_read=is_read)
        except NotDone:
            self._end()
            raise
        self._programs.append(running)
        return running

    def flow(self, chunks: Iterable[bytes], give: Callable[[bytes], object], closed: IO[bytes] | None = None) -> None:
        """
        Let chunks flow, and close what they flowed into.
        """
        self._flows.append(Flow(chunks, give, closed))

    def run(self) -> None:
        """
        Wait until all has flowed and every program has ended in 0; the first cause of anything else is `NotDone`.
        """
        try:
            for flow in self._flows:
                flow.thread.start()
            self._wait_for_flows()
            self._wait_for_programs()
        finally:
            self._end()

    def _wait_for_flows(self) -> None:
        while any(flow.thread.is_alive() for flow in self._flows):
            if self._deadline.left_us <= 0:
                raise self._deadline.too_late(self._programs[0].name)
            for flow in self._flows:
                flow.thread.join(_LOOK_SECONDS)
            if any(flow.broke_by is not None for flow in self._flows):
                break
        for flow in self._flows:
            if isinstance(flow.broke_by, NotDone):
                raise flow.broke_by
            if flow.broke_by is not None and not isinstance(flow.broke_by, OSError):
                raise flow.broke_by

    def _wait_for_programs(self) -> None:
        is_broken = any(flow.broke_by is not None for flow in self._flows)
        for running in reversed(self._programs):  # a reader that fails makes the writer fail, and not the other way round
            left = _GRACE_SECONDS if is_broken else self._deadline.left_us / SECOND_US
            try:
                running.process.wait(max(left, _GRACE_SECONDS))
            except subprocess.TimeoutExpired:
                if is_broken:
                    continue  # not the one that broke it
                raise self._deadline.too_late(running.name) from None
            why = running.why_failed()
            if why is not None:
                raise NotDone(why)
        if is_broken:
            raise NotDone(f"`{self._programs[-1].name}` read no more before all was written")

    def _end(self) -> None:
        for running in self._programs:
            running.end()
        until = monotonic() + _GRACE_SECONDS
        for flow in self._flows:  # with its programs gone, a flow has nothing to wait for
            if flow.thread.ident is not None:
                flow.thread.join(max(0.0, until - monotonic()))
        if not any(flow.thread.is_alive() for flow in self._flows):
            for running in self._programs:
                running.close()


def _widen(pipe: IO[bytes]) -> bool:
    """
    Let more lie in a pipe than usual, where the system has that: two programs then wait less for each other.
    """
    with suppress(ImportError, AttributeError, OSError):  # Windows; not Linux; as much as the user may have
        import fcntl  # noqa: PLC0415 - there is none on Windows

        return fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, CHUNK_BYTES) >= CHUNK_BYTES
    return False


def write_all(stream: IO[bytes], chunk: bytes) -> None:
    """
    Write all of a chunk to a stream without a buffer.
    """
    view = memoryview(chunk)
    while view:
        view = view[stream.write(view) :]


def into_file(stream: IO[bytes], chunk: bytes) -> None:
    """
    Write all of a chunk to a file; a full disk and its like are `NotDone`.
    """
    try:
        write_all(stream, chunk)
    except OSError as error:
        raise NotDone(f"the backup cannot be written: {(error.strerror or str(error)).lower()}") from None
