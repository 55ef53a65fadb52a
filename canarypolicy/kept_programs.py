"""
Compiled policies on disk, so that a pipeline that judges by the same policy again need not check it again.

An entry is named by what it was made from: the policy's bytes, this program's own files and those of the libraries that
check a policy, and Python's version. So nothing is ever out of date: what has changed has another name. It is data and never
code, and it is used only if it is whole, this user's own, and nobody else may write it. Losing the folder loses time only:
whatever goes wrong here is as if there were no entry.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any, Final

from canarypolicy import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

VARIABLE: Final = "CANARYPOLICY_CACHE"
"""The folder; `off` or nothing: no cache."""

LARGEST: Final = 8 * 1024 * 1024
"""How many bytes an entry may have; a larger one is neither written nor read."""
MOST: Final = 128
"""How many entries there may be; the oldest give way."""

_FORM: Final = b"canarypolicy program 1"
_LIBRARIES: Final = ("celpy", "lark", "pydantic", "pydantic_core", "jsonschema", "re2", "yaml")
_NONE_ELSE_WRITES: Final = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    Where the compiled form of one policy is kept.
    """

    folder: str
    key: str

    @property
    def path(self) -> str:
        return os.path.join(self.folder, f"{self.key}.json")  # noqa: PTH118 - pathlib is slow to import, here above all


def place_of(data: bytes, variables: Mapping[str, str]) -> Place | None:
    """
    Say where the compiled form of a policy is kept; None if nothing is to be, or can be.
    """
    folder = _folder(variables)
    if folder is None:
        return None
    made_from = sha256()
    try:
        for part in _made_by():
            made_from.update(part.encode("utf-8", "surrogateescape") + b"\0")
    except OSError:  # this program lies in no folder, as in an archive
        return None
    made_from.update(sha256(data).digest())
    return Place(folder=folder, key=made_from.hexdigest())


def read(place: Place) -> Any:
    """
    Give what is kept at a place; None if there is nothing, or nothing that is whole and this user's own.
    """
    try:
        written = _read_own(place)
        head, _, body = written.partition(b"\n")
        return json.loads(body) if head == _head(place, body) else None
    except (OSError, ValueError, RecursionError):
        return None


def write(place: Place, record: Any) -> None:
    """
    Keep a record at a place, whole or not at all; where that cannot be done, nothing happens.

    Several processes may write the same place at once: each writes a file of its own and puts it there in one step.
    """
    body = json.dumps(record, allow_nan=False, separators=(",", ":")).encode()
    if len(body) > LARGEST // 2:
        return
    draft = os.path.join(place.folder, f".{place.key}.{os.getpid()}.{os.urandom(4).hex()}")  # noqa: PTH118 - as above
    with suppress(OSError):
        os.makedirs(place.folder, mode=0o700, exist_ok=True)  # noqa: PTH103 - as above
        if not _is_own(os.stat(place.folder)):  # noqa: PTH116 - as above
            return
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 - as above
                file.write(_head(place, body) + b"\n" + body)
            os.replace(draft, place.path)  # noqa: PTH105 - as above
        finally:
            with suppress(OSError):
                os.unlink(draft)  # noqa: PTH108 - as above
        _make_room(place.folder)


def _folder(variables: Mapping[str, str]) -> str | None:
    """
    Give the folder by the platform's convention, unless the user names another or wants none.
    """
    chosen = variables.get(VARIABLE)
    if chosen is not None:
        return None if chosen in ("", "off") else os.path.abspath(chosen)  # noqa: PTH100 - as above
    at, below = _convention(variables)
    return os.path.join(at, *below) if os.path.isabs(at) else None  # noqa: PTH117, PTH118 - as above


def _convention(variables: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    if os.name == "nt":
        return variables.get("LOCALAPPDATA", ""), ("canarypolicy", "Cache")
    if sys.platform == "darwin":
        return variables.get("HOME", ""), ("Library", "Caches", "canarypolicy")
    given = variables.get("XDG_CACHE_HOME", "")
    if os.path.isabs(given):  # noqa: PTH117 - as above; a relative one is to be ignored
        return given, ("canarypolicy",)
    return variables.get("HOME", ""), (".cache", "canarypolicy")


def _made_by() -> Iterator[str]:
    """
    Tell what a compiled policy depends on beside its text, as Python does for its own compiled files: by size and time.
    """
    yield f"{_FORM.decode()} {__version__} {sys.version} {sys.platform}"
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - as above
    folders = [here]
    while folders:
        folder = folders.pop()
        yield folder
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda each: each.name):
                if entry.name.endswith(".py"):
                    yield _stamp(entry.name, entry.stat())
                elif "." not in entry.name and entry.name != "__pycache__" and entry.is_dir():
                    folders.append(entry.path)
    for name in _LIBRARIES:
        spec = PathFinder.find_spec(name)
        origin = None if spec is None else spec.origin
        yield f"{name} {origin}"
        if origin is not None:
            yield _stamp(name, os.stat(origin))  # noqa: PTH116 - as above


def _stamp(name: str, status: os.stat_result) -> str:
    return f"{name} {status.st_size} {status.st_mtime_ns}"


def _head(place: Place, body: bytes) -> bytes:
    """
    Give the first line of an entry: that of another policy, or one that is not whole, has another.
    """
    return _FORM + b" " + sha256(place.key.encode() + body).hexdigest().encode()


def _read_own(place: Place) -> bytes:
    """
    Read a file that only this user can have written; any other, or one of another kind, is an `OSError`.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(place.path, flags), "rb") as file:  # noqa: PTH123 - as above
        status = os.fstat(file.fileno())
        if not (stat.S_ISREG(status.st_mode) and _is_own(status) and _is_own(os.stat(place.folder))):  # noqa: PTH116 - as above
            raise PermissionError("somebody else may have written it")
        return file.read(LARGEST)


def _is_own(status: os.stat_result) -> bool:
    # Windows keeps a user's cache to the user by itself, and says nothing of owners here.
    return os.name == "nt" or (status.st_uid == os.geteuid() and not status.st_mode & _NONE_ELSE_WRITES)


def _make_room(folder: str) -> None:
    with os.scandir(folder) as entries:
        files = [(entry.stat().st_mtime_ns, entry.path) for entry in entries if entry.is_file(follow_symlinks=False)]
    for _, path in sorted(files)[: max(0, len(files) - MOST)]:
        with suppress(OSError):
            os.unlink(path)  # noqa: PTH108 - as above
