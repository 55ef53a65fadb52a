"""
Files that users name: policies, recordings, folders of either, patterns, and stdin as `-`.

What cannot be read is `Unavailable` and says why; what is in it is judged elsewhere.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import click

from canarypolicy.documents.span import SourceText
from canarypolicy.documents.wording import code, listed, suggestion
from canarypolicy.engine.program import build
from canarypolicy.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.documents.environment import CheckedEnvironment
    from canarypolicy.documents.secrets import World
    from canarypolicy.engine.program import Program
    from canarypolicy.history.recording import Recording

STDIN = "-"


def is_folder(path: str) -> bool:
    """
    Tell whether a path names a folder.
    """
    return path != STDIN and os.path.isdir(path)  # noqa: PTH112 - pathlib takes long to import, and each command reads files


def read_file(path: str) -> bytes:
    """
    Read a file, or stdin for `-`.
    """
    if path == STDIN:
        return sys.stdin.buffer.read()
    if is_folder(path):
        raise Unavailable(f"`{path}` is a folder, a file was expected")
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - as above
            return file.read()
    except FileNotFoundError as error:
        raise Unavailable(f"there is no file `{path}`") from error
    except OSError as error:
        raise Unavailable(f"cannot read `{path}`: {(error.strerror or str(error)).lower()}") from error


def read_policy(path: str) -> CheckedPolicy:
    """
    Read a policy that may be judged by; one with errors, lints of that severity included, is `InvalidInput`.
    """
    return policy_in(read_file(path), path)


def policy_in(data: bytes, path: str) -> CheckedPolicy:
    """
    Give the policy in a document, if it may be judged by; one with errors, lints of that severity included, is `InvalidInput`.
    """
    from canarypolicy.documents.loading import load_policy  # noqa: PLC0415 - `validate` of other kinds needs no policies
    from canarypolicy.lints import check  # noqa: PLC0415 - the same

    loaded = load_policy(data, path)
    findings = loaded.findings if loaded.document is None else (*loaded.findings, *check(loaded.document))
    errors = [finding for finding in findings if finding.is_error]
    if errors or loaded.document is None:
        raise InvalidInput(errors)
    return loaded.document


def read_program(path: str) -> Program:
    """
    Read a policy that may be judged by and compile it, unless this very text has been compiled here before.

    A program that was kept is the same program: it decides alike, and says so with the same places and words.
    """
    from canarypolicy import kept_programs as kept  # noqa: PLC0415 - only what judges keeps programs
    from canarypolicy.engine.program_record import program_of, program_record  # noqa: PLC0415 - as above

    data = read_file(path)
    place = kept.place_of(data, os.environ)
    record = None if place is None else kept.read(place)
    if record is not None:
        # whatever is wrong with an entry, it is as if there were none
        with suppress(ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
            source = SourceText(path=path, text=data.decode("utf-8").removeprefix("\ufeff"))
            return program_of(record, source, partial(policy_in, data, path))
    program = build(policy_in(data, path))
    if place is not None:
        kept.write(place, program_record(program))
    return program


def read_environment_file(path: str) -> CheckedEnvironment:
    """
    Read an Environment that may be used; one with errors is `InvalidInput`.
    """
    from canarypolicy.documents.environment_loading import load_environment  # noqa: PLC0415 - a policy alone needs none

    loaded = load_environment(read_file(path), path)
    if loaded.document is None:
        raise InvalidInput(tuple(finding for finding in loaded.findings if finding.is_error))
    return loaded.document


def world_here(started_us: int | None = None) -> World:
    """
    Give what `${env:NAME}` and `${file:PATH}` bring in: this process's variables, and files as it finds them.
    """
    from pathlib import Path  # noqa: PLC0415 - a policy alone brings nothing in

    from canarypolicy.documents.secrets import World  # noqa: PLC0415 - as above

    return World(variables=os.environ, read_file=lambda name: Path(name).read_text(encoding="utf-8"), started_us=started_us)


def chosen_rollout(recordings: Sequence[Recording], rollout: str | None, path: str) -> Recording:
    """
    Give the one rollout of a file that is meant; none, or one of several not named, is a mistake in the command line.
    """
    names = [recording.rollout for recording in recordings]
    if rollout is None and len(recordings) > 1:
        shown = f"{listed(names[:8])}{f' and {len(names) - 8} more' if len(names) > 8 else ''}"
        raise click.UsageError(f"`{path}` has {len(names)} rollouts: give --rollout NAME, one of {shown}")
    for recording in recordings:
        if rollout in (None, recording.rollout):
            return recording
    raise click.BadParameter(
        f"`{path}` has no rollout {code(str(rollout))}; {suggestion(str(rollout), names, 'rollouts')}", param_hint="--rollout"
    )


def expand(paths: Iterable[str], endings: tuple[str, ...]) -> list[str]:
    """
    Replace each folder by the files in and below it that end so, in the order of their names; files stay as they are.

    Hidden folders are passed over. A folder without any such file is `Unavailable`: nothing would be looked at.
    """
    expanded: list[str] = []
    for path in without_patterns(paths):
        if not is_folder(path):
            expanded.append(path)
            continue
        found = _below(path, endings)
        if not found:
            raise Unavailable(f"no file in `{path}` ends in {' or '.join(f'`{ending}`' for ending in endings)}")
        expanded += found
    return expanded


def without_patterns(paths: Iterable[str]) -> list[str]:
    """
    Replace patterns such as `runs/*.csv` by what they match, for shells that leave it to the program.
    """
    from glob import glob, has_magic  # noqa: PLC0415 - one file is no pattern

    expanded: list[str] = []
    for path in paths:
        matches = sorted(glob(path)) if has_magic(path) and not os.path.lexists(path) else []  # noqa: PTH207 - as the user wrote it
        expanded += matches or [path]
    return expanded


def _below(folder: str, endings: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [os.path.join(where, name) for name in sorted(files) if name.lower().endswith(endings)]  # noqa: PTH118 - as users wrote it
    return found
