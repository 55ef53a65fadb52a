"""
Programs in a pipeline: every end is looked at, the first cause is told, and one limit holds for all.
"""

from __future__ import annotations

import time

import pytest
from canarypolicy.backups.pipeline import Deadline, Pipeline
from canarypolicy.documents.keeper import Keeper
from canarypolicy.live.protocols import NotDone
from canarypolicy.processes import program_of

from programs import python, world

KEEPER = Keeper("actuator `snapshot`", world())
WRITER = "import sys; sys.stdout.buffer.write(b'x' * {}); sys.stdout.flush(); {}"
READER = "import sys; data = sys.stdin.buffer.read(); sys.stdout.buffer.write(data[::-1]); {}"


def piped(writer: str, reader: str, timeout_us: int = 20_000_000) -> bytes:
    """
    Let one program write to another, and give what that prints.
    """
    pipeline, found = Pipeline(KEEPER, Deadline.after(timeout_us)), bytearray()
    first = pipeline.program(program_of(KEEPER, python(writer), timeout_us))
    second = pipeline.program(program_of(KEEPER, python(reader), timeout_us), is_fed=True)
    pipeline.flow(first.chunks(), second.give, second.stdin)
    pipeline.flow(second.chunks(), found.extend)
    pipeline.run()
    return bytes(found)


@pytest.mark.parametrize("size", [0, 1, 70_000, 3_000_000])
def test_what_is_written_comes_out(size):
    assert piped(WRITER.format(size, ""), READER.format("")) == b"x" * size


@pytest.mark.parametrize(
    ("writer", "reader", "why"),
    [
        ("raise SystemExit('no space')", "", "ended in status 1: no space"),
        ("", "raise SystemExit('cannot read')", "ended in status 1: cannot read"),
        ("raise SystemExit('first')", "raise SystemExit('second')", "ended in status 1: second"),
        ("import os; os.kill(os.getpid(), 9)", "", "was ended by SIGKILL"),
    ],
    ids=["the writer fails", "the reader fails", "both", "the writer is killed"],
)
def test_a_program_that_fails_is_the_cause(writer, reader, why):
    """Where both fail it is the reader: a writer whose reader has gone fails for that."""
    with pytest.raises(NotDone) as raised:
        piped(WRITER.format(100, writer), READER.format(reader))
    assert raised.value.why.endswith(why)


def test_a_reader_that_dies_early_is_the_cause_and_not_its_writer():
    with pytest.raises(NotDone, match="ended in status 3: gone"):
        piped(
            WRITER.format(50_000_000, ""), "import sys; sys.stdin.read(10); print('gone', file=sys.stderr); raise SystemExit(3)"
        )


def test_a_reader_that_does_not_read_all_has_not_read_all():
    with pytest.raises(NotDone, match="read no more before all was written"):
        piped(WRITER.format(50_000_000, ""), "import sys; sys.stdin.read(10)")


@pytest.mark.parametrize(
    ("writer", "reader"),
    [("import time; time.sleep(60)", READER.format("")), (WRITER.format(9, ""), READER.format("import time; time.sleep(60)"))],
    ids=["the writer", "the reader"],
)
def test_what_hangs_is_ended_at_the_limit(writer, reader):
    began = time.monotonic()
    with pytest.raises(NotDone, match="did not end within 1s"):
        piped(writer, reader, 1_000_000)
    assert time.monotonic() - began < 30


def test_what_goes_wrong_in_between_is_raised_as_it_is():
    pipeline = Pipeline(KEEPER, Deadline.after(20_000_000))
    first = pipeline.program(program_of(KEEPER, python(WRITER.format(100, "import time; time.sleep(60)")), 20_000_000))

    def fail(_: bytes) -> None:
        raise NotDone("the backup cannot be written: no space left on device")

    pipeline.flow(first.chunks(), fail)
    with pytest.raises(NotDone, match="no space left on device"):
        pipeline.run()


def test_a_second_program_that_is_not_there_ends_the_first():
    pipeline = Pipeline(KEEPER, Deadline.after(20_000_000))
    first = pipeline.program(program_of(KEEPER, python("import time; time.sleep(60)"), 20_000_000))
    with pytest.raises(NotDone, match="there is no such program"):
        pipeline.program(program_of(KEEPER, ["/nonexistent"], 20_000_000), is_fed=True)
    assert first.process.poll() is not None
