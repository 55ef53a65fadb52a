"""
The policies of a git repository as they are now and as they were at a revision.

Git is only asked (`rev-parse`, `ls-tree`, `ls-files`, `cat-file`), with a list of arguments; the work tree and the index are
never touched.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from canarypolicy.errors import Unavailable
from canarypolicy.review.pairing import PolicyText, TextPair, is_policy, pair, policy_text

_ENDINGS = (".yaml", ".yml")
_REGULAR = (b"100644", b"100755")
_TIMEOUT_SECONDS = 60


def changed_policies(base: str, paths: Sequence[str] = ()) -> tuple[TextPair, ...]:
    """
    TextPair the policies at or below some paths with those of a revision, and keep what has changed.

    Without paths, all of the repository around the current folder. What cannot be asked is `Unavailable`.
    """
    top = Path(_git(["rev-parse", "--show-toplevel"], Path.cwd(), "this is no git repository").decode().rstrip("\r\n"))
    revision = _revision(base, top)
    wanted = tuple(_key_of(path, top) for path in paths) or ("",)
    old = _old_texts(top, revision, base)
    new = _new_texts(top)
    _check_found(paths, wanted, {*old, *new})
    pairs = pair(_texts(old, top, at=base), _texts(new, top))
    return tuple(each for each in pairs if each.is_changed and any(_is_below(key, wanted) for key in _keys(each)))


def _keys(pair_: TextPair) -> Iterable[str]:
    return (text.key for text in (pair_.old, pair_.new) if text is not None)


def _texts(texts: dict[str, bytes], top: Path, at: str | None = None) -> list[PolicyText]:
    """
    Give the policies among texts, with the paths under which users know them.
    """
    return [
        policy_text(data, _shown(key, top) if at is None else f"{at}:{key}", key)
        for key, data in texts.items()
        if is_policy(data)
    ]


def _shown(key: str, top: Path) -> str:
    """
    Give a path as seen from the current folder; one that is not below it, from the root.
    """
    path = top / key
    here = Path.cwd().resolve()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else str(path)


def _key_of(path: str, top: Path) -> str:
    """
    Give a path as seen from the top of the repository; one outside of it is `Unavailable`.
    """
    whole = Path(os.path.normpath(Path.cwd().resolve() / path))
    if not whole.is_relative_to(top):
        raise Unavailable(f"`{path}` is outside of the git repository")
    key = whole.relative_to(top).as_posix()
    return "" if key == "." else key


def _is_below(key: str, wanted: Iterable[str]) -> bool:
    return any(key in (each, "") or not each or key.startswith(f"{each}/") for each in wanted)


def _check_found(paths: Sequence[str], wanted: Sequence[str], found: set[str]) -> None:
    """
    Refuse a path at which there is no YAML file, then as now: nothing would be looked at.
    """
    for path, key in zip(paths, wanted, strict=False):
        if not any(_is_below(each, (key,)) for each in found):
            raise Unavailable(f"there is no YAML file at `{path}`, neither now nor at the revision")


def _revision(base: str, top: Path) -> str:
    """
    Give the commit that a revision names.
    """
    named = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}"]
    why = f"`{base}` is no revision of this git repository"
    return _git(named, top, why, "a shallow clone knows few: fetch it first, in CI with the whole history").decode().strip()


def _old_texts(top: Path, revision: str, base: str) -> dict[str, bytes]:
    listed = _git(["ls-tree", "-r", "-z", "--full-tree", revision], top, f"the files of `{base}` cannot be listed")
    entries = (entry.partition(b"\t") for entry in listed.split(b"\0") if entry)
    files: dict[str, bytes] = {}
    for about, _, name in entries:
        mode, _, identity = about.split()
        key = os.fsdecode(name)
        if mode in _REGULAR and key.lower().endswith(_ENDINGS):
            files[key] = identity
    return dict(zip(files, _contents(top, tuple(files.values())), strict=True))


def _contents(top: Path, identities: Sequence[bytes]) -> list[bytes]:
    """
    Read blobs, all by one call.
    """
    if not identities:
        return []
    answer = _git(["cat-file", "--batch"], top, "the files of the revision cannot be read", stdin=b"\n".join(identities) + b"\n")
    contents: list[bytes] = []
    start = 0
    for identity in identities:
        end = answer.index(b"\n", start)
        heading = answer[start:end].decode(errors="replace")
        words = heading.split()
        if len(words) != 3:
            raise Unavailable(f"git cannot read the blob `{identity.decode()}`: {heading}")
        size = int(words[2])
        contents.append(answer[end + 1 : end + 1 + size])
        start = end + size + 2  # a line break stands behind each
    return contents


def _new_texts(top: Path) -> dict[str, bytes]:
    """
    Read what lies in the work tree now: tracked files, and new ones that are not ignored.
    """
    asked = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = _git(asked, top, "the files of the repository cannot be listed")
    keys = sorted({os.fsdecode(name) for name in listed.split(b"\0") if name})
    texts: dict[str, bytes] = {}
    for key in keys:
        path = top / key
        if key.lower().endswith(_ENDINGS) and path.is_file() and not path.is_symlink():
            try:
                texts[key] = path.read_bytes()
            except OSError as error:
                raise Unavailable(f"cannot read `{_shown(key, top)}`: {(error.strerror or str(error)).lower()}") from error
    return texts


def _git(arguments: Sequence[str], where: Path, why: str, way_out: str | None = None, *, stdin: bytes = b"") -> bytes:
    """
    Ask git; what it cannot answer is `Unavailable`.
    """
    try:
        ended = subprocess.run(  # noqa: S603 - a list of arguments, no shell
            ["git", "--no-optional-locks", *arguments],  # noqa: S607 - the git that the user has
            cwd=where,
            input=stdin,
            capture_output=True,
            check=False,
            timeout=_TIMEOUT_SECONDS,
        )
    except FileNotFoundError as error:
        raise Unavailable("`git` is not installed", help="give the old and the new policy as files") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"`git {arguments[0]}` did not end within {_TIMEOUT_SECONDS} s") from error
    if ended.returncode != 0:
        lines = ended.stderr.decode(errors="replace").strip().splitlines()
        raise Unavailable(f"{why}{f': {lines[-1]}' if lines else ''}", help=way_out)
    return ended.stdout
