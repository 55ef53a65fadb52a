"""
Where a command's text goes: results to stdout, all else to stderr.

No text is made here but the place, severity and words of a plain notice.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from canarypolicy.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from canarypolicy.documents.finding import Finding

# Windows says EINVAL where others say EPIPE.
_READER_GONE = (errno.EPIPE, errno.EINVAL) if os.name == "nt" else (errno.EPIPE,)


@dataclass(slots=True, kw_only=True)
class Console:
    """
    The two streams of a process, and how the user wants them.

    Options about output set the fields while the command line is read; nothing else changes them.
    """

    is_quiet: bool = False
    """No notices and summaries on stderr; faults are still told."""
    allows_color: bool = True
    is_debug: bool = False

    def has_color(self, stream: TextIO) -> bool:
        """
        Tell whether text for `stream` may be coloured: a terminal, and nobody said no.
        """
        return self.allows_color and not os.environ.get("NO_COLOR") and _obeys_ansi() and stream.isatty()

    def result(self, text: str) -> None:
        """
        Write what the command was asked for to stdout.

        A reader that has gone away is no fault; a full disk is.
        """
        _write(sys.stdout, text)

    def notice(self, text: str) -> None:
        """
        Write one line to stderr, unless the user wants quiet.
        """
        if not self.is_quiet:
            _write(sys.stderr, f"{text}\n")

    def fault(self, text: str) -> None:
        """
        Write one line to stderr, however quiet the user wants it.
        """
        _write(sys.stderr, f"{text}\n")

    def findings(self, findings: Iterable[Finding]) -> None:
        """
        Write findings to stderr; with quiet, the errors only.
        """
        from canarypolicy.reports.finding_text import render_findings  # noqa: PLC0415 - `--help` needs no reports

        shown = [finding for finding in findings if finding.is_error or not self.is_quiet]
        if shown:
            _write(sys.stderr, render_findings(shown, color=self.has_color(sys.stderr)) + "\n")


def make_streams_safe() -> None:
    """
    Make stdout and stderr take any text: UTF-8 into files and pipes, escapes on a terminal that lacks a character.
    """
    if sys.stdout is None:  # closed by the shell: what is written goes nowhere, as the user wants
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - a device, open until the end
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - a device, open until the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


def _obeys_ansi() -> bool:
    """
    Tell whether a terminal here takes ANSI sequences: the old console of Windows would show them.
    """
    if os.environ.get("TERM") == "dumb":
        return False
    return os.name != "nt" or any(name in os.environ for name in ("WT_SESSION", "TERM", "TERM_PROGRAM", "ConEmuANSI"))


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        _discard(stream)
        if error.errno not in _READER_GONE and stream is sys.stdout:
            raise Unavailable(f"cannot write to stdout: {error.strerror}") from error


def _discard(stream: TextIO) -> None:
    # What is still buffered would fail again when Python closes the stream.
    with open(os.devnull, "w", encoding="utf-8") as nothing:  # noqa: PTH123 - a device, not a path of the user's
        os.dup2(nothing.fileno(), stream.fileno())
