"""
The policies of a review in pairs: two files, two folders, or a git revision and the work tree.

What was valid when it was merged is compared, whatever lints say of it today; the new side must be valid.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

from canarypolicy.commands.inputs import expand, is_folder, policy_in, read_file
from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.loading import load_policy
from canarypolicy.errors import InvalidInput
from canarypolicy.review.pairing import is_policy, pair, policy_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from canarypolicy.commands.console import Console
    from canarypolicy.documents.finding import Finding
    from canarypolicy.review.pairing import PolicyText, TextPair

BeforeAndAfter: TypeAlias = tuple[CheckedPolicy | None, CheckedPolicy | None]

_ENDINGS = (".yaml", ".yml")


def pairs_of(paths: tuple[str, ...], base: str | None, console: Console) -> list[BeforeAndAfter]:
    """
    Read the policies to review; all that is wrong with any of them is one `InvalidInput`.
    """
    if base is not None:
        from canarypolicy.commands.git_revision import changed_policies  # noqa: PLC0415 - files need no git

        return _checked(changed_policies(base, paths), console, lacks_old=True)
    if len(paths) != 2:
        raise click.UsageError(f"a review needs OLD and NEW, or --base GIT_REV; {len(paths)} paths were given")
    old, new = paths
    if is_folder(old) != is_folder(new):
        raise click.UsageError("OLD and NEW are two policies or two folders of policies")
    if not is_folder(old):
        texts = (policy_text(read_file(path), path, "") for path in paths)
        return _checked(pair([next(texts)], [next(texts)]), console, lacks_old=False)
    pairs = pair(_in_folder(old), _in_folder(new))
    return _checked((each for each in pairs if each.is_changed), console, lacks_old=True)


def _in_folder(folder: str) -> list[PolicyText]:
    """
    Find the policies in and below a folder; they are the same if they lie at the same place in both.
    """
    files = [(path, read_file(path)) for path in expand([folder], _ENDINGS)]
    return [policy_text(data, path, Path(path).relative_to(folder).as_posix()) for path, data in files if is_policy(data)]


def _checked(pairs: Iterable[TextPair], console: Console, *, lacks_old: bool) -> list[BeforeAndAfter]:
    """
    Check both sides. An old policy with errors is as good as none where there may be none; this is said.
    """
    found: list[BeforeAndAfter] = []
    faults: list[Finding] = []
    for each in pairs:
        try:
            old = None if each.old is None else _old(each.old, console, lacks_old=lacks_old)
            new = None if each.new is None else policy_in(each.new.data, each.new.path)
        except InvalidInput as invalid:
            faults += invalid.findings
            continue
        if old is not None or new is not None:
            found.append((old, new))
    if faults:
        raise InvalidInput(faults)
    return found


def _old(text: PolicyText, console: Console, *, lacks_old: bool) -> CheckedPolicy | None:
    loaded = load_policy(text.data, text.path)
    if loaded.document is not None:
        return loaded.document
    if not lacks_old:
        raise InvalidInput(tuple(finding for finding in loaded.findings if finding.is_error))
    console.notice(f"canarypolicy: note: `{text.path}` was not valid, so there is nothing to hold the new policy against")
    return None
