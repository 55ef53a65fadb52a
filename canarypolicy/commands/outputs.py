"""
Where a command's result goes: to stdout in one format, and to any number of files in others.

An option about output never changes the exit status of a command that could write what it was asked to write.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from canarypolicy.commands.console import Console
from canarypolicy.errors import Unavailable
from canarypolicy.exit_status import ExitStatus
from canarypolicy.reports import REPORTS

if TYPE_CHECKING:
    from pathlib import Path

Command: TypeAlias = Callable[..., ExitStatus]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFile:
    """
    A file that gets the result in one format.
    """

    format: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """
    What the user asked to get, and where.
    """

    console: Console
    format: str
    files: tuple[OutputFile, ...]

    def with_file(self, format: str, path: str | None) -> Outputs:  # noqa: A002 - the word of the options
        """
        Add a file that an option of its own asks for.
        """
        return self if path is None else replace(self, files=(*self.files, OutputFile(format=format, path=path)))

    def wants(self, format: str) -> bool:  # noqa: A002 - the word of the options
        """
        Tell whether the result is shown in a format.
        """
        return format in (self.format, *(file.format for file in self.files))

    def deliver(self, result: object, status: ExitStatus) -> ExitStatus:
        """
        Write the result everywhere, and give the status to end with.

        A file that cannot be written turns success into 1; a hold, a rollback and findings stay what they are.
        """
        rendered = [(file.path, REPORTS[file.format].render(result)) for file in self.files]
        color = self.console.has_color(sys.stdout)
        self.console.result(REPORTS[self.format].render(result, color=color))
        for path, text in rendered:
            try:
                write_file(path, text)
            except Unavailable as error:
                self.console.fault(f"canarypolicy: error: {error.message}")
                status = status or ExitStatus.COULD_NOT_RUN
        return status


def can_show(format: str, results: tuple[type, ...]) -> bool:  # noqa: A002 - the word of the options
    """
    Tell whether a format can show all of some kinds of result.
    """
    return format in REPORTS and all(REPORTS[format].shows(kind) for kind in results)


def formats_of(results: tuple[type, ...]) -> tuple[str, ...]:
    """
    Give the formats that can show all of some kinds of result.
    """
    return tuple(name for name in REPORTS if can_show(name, results))


class FormatParameter(click.Choice):  # type: ignore[type-arg]  # generic in newer releases of click only
    """
    A choice of formats; what the others can show is found out only where they are listed.
    """

    def __init__(self, results: tuple[type, ...]) -> None:
        self._results = results
        self.case_sensitive = True

    @property
    def choices(self) -> tuple[str, ...]:  # type: ignore[override]  # click sets it when it is made
        return formats_of(self._results)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """
        Give the format, if it is one of the command's.
        """
        return value if can_show(str(value), self._results) else super().convert(value, param, ctx)


class OutputParameter(click.ParamType):  # type: ignore[type-arg]  # generic in newer releases of click only
    """
    `FORMAT=FILE`, where the format is one of the command's.
    """

    name = "FORMAT=FILE"

    def __init__(self, results: tuple[type, ...]) -> None:
        self._results = results

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> OutputFile:
        """
        Take the option's text apart.
        """
        if isinstance(value, OutputFile):
            return value
        format_, equals, path = str(value).partition("=")
        if not can_show(format_, self._results):
            known = ", ".join(f"`{name}`" for name in formats_of(self._results))
            self.fail(f"`{value}` does not begin with a format and `=`: formats are {known}", param, ctx)
        if not equals or path in ("", "-"):
            self.fail(f"`{value}` names no file: expected FORMAT=FILE; `--format` is for stdout", param, ctx)
        return OutputFile(format=format_, path=path)


def takes_output(*results: type, default: str = "text") -> Callable[[Command], Command]:
    """
    Give a command the options about output; it gets them as `outputs`.

    The formats are those in which all of the results can be shown.
    """

    def decorate(command: Command) -> Command:
        @click.option(
            "--format",
            "format_",
            type=FormatParameter(results),
            default=default,
            show_default=True,
            help="Format of the result on stdout.",
        )
        @click.option(
            "--output",
            "files",
            type=OutputParameter(results),
            multiple=True,
            help="Write the result to a file as well; may be given several times.",
        )
        @click.option("--quiet", is_flag=True, help="No notices and summaries on stderr.")
        @click.option("--no-color", is_flag=True, help="No colours, whatever the terminal can show.")
        @click.pass_context  # type: ignore[arg-type]  # wraps() hides the options from the type checker
        @wraps(command)
        def with_outputs(
            ctx: click.Context, *, format_: str, files: tuple[OutputFile, ...], quiet: bool, no_color: bool, **given: Any
        ) -> ExitStatus:
            console = ctx.ensure_object(Console)
            console.is_quiet, console.allows_color = quiet, not no_color
            return command(outputs=Outputs(console=console, format=format_, files=files), **given)

        return with_outputs

    return decorate


def write_file(path: str, text: str) -> None:
    """
    Write a file as a whole or not at all, in UTF-8; the world's fault is `Unavailable`.

    The text goes to a new file beside it that then takes its place. A device or pipe is written to as it is.
    """
    from pathlib import Path  # noqa: PLC0415 - stdout needs no path

    data = text.encode("utf-8", errors="backslashreplace")
    target = Path(os.path.realpath(path))  # a link stays, what it points to is replaced
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)
        else:
            _replace(target, data)
    except OSError as error:
        raise Unavailable(f"cannot write `{path}`: {(error.strerror or str(error)).lower()}") from error


def _replace(target: Path, data: bytes) -> None:
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        draft.write_bytes(data)
        if target.exists():
            draft.chmod(stat.S_IMODE(target.stat().st_mode))
        draft.replace(target)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
