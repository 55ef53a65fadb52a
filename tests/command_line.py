"""
The command line in this process: what a user types, and what the user then sees.
"""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass

from canarypolicy.cli import run


@dataclass(frozen=True)
class Done:
    """
    What came of a command: its exit status and the two streams.
    """

    exit_code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr


def canarypolicy(*arguments: str, stdin: bytes = b"") -> Done:
    """
    Run one command.
    """
    out, err, before = io.StringIO(), io.StringIO(), sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin))
    try:
        with redirect_stdout(out), redirect_stderr(err):
            status = run(arguments)
    finally:
        sys.stdin = before
    return Done(int(status), out.getvalue(), err.getvalue())
