"""
Files that are replaced as a whole: whoever reads one finds the old text or the new one.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from canarypolicy.live.protocols import NotDone

_USUAL_MODE = 0o644
"""Of a file that was not there before: a proxy may read it as another user."""


def replace_file(path: Path, text: str) -> None:
    """
    Write a text beside the file and put it in its place, mode kept; what cannot be written is `NotDone`.
    """
    try:
        mode = path.stat().st_mode & 0o777 if path.exists() else _USUAL_MODE
        _replace(path, text, mode)
    except OSError as error:
        raise NotDone(f"`{path.name}` cannot be written: {error.strerror or 'the system gives no reason'}") from None


def _replace(path: Path, text: str, mode: int) -> None:
    target = path.resolve()  # a link stays a link
    with NamedTemporaryFile(
        "w", dir=target.parent, prefix=f".{target.name}.", delete=False, encoding="utf-8", newline=""
    ) as file:
        beside = Path(file.name)
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            beside.chmod(mode)
            file.close()
            beside.replace(target)
        except BaseException:
            file.close()
            beside.unlink(missing_ok=True)
            raise
    _settle(target.parent)


def _settle(folder: Path) -> None:
    """
    Have the new name outlive a crash of the machine, where a folder can be told so.
    """
    if not hasattr(os, "O_DIRECTORY"):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
