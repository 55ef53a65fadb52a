"""
Tables of a kind's members by the name that users write.

A kind is a folder (derived functions, lints, sources, reports, commands); its `__init__` holds one table made here.
Nothing registers itself by being imported. Outsiders add members by entry points: see `plug_ins`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any, ClassVar, Protocol, TypeVar

from canarypolicy.errors import CanaryPolicyError, Unavailable


class Named(Protocol):
    """
    Anything with the name that users write.
    """

    @property
    def name(self) -> str: ...  # pragma: no cover - a protocol has no body


class Chosen(Named, Protocol):
    """
    The name of a member and its parameters, as a document chooses them.
    """

    KIND: ClassVar[str]

    @property
    def parameters(self) -> Any: ...  # pragma: no cover - a protocol has no body


Member = TypeVar("Member", bound=Named)


def by_name(*members: Member) -> Mapping[str, Member]:
    """
    Make the read-only table of a kind, in the order of the names.

    A name given twice is a mistake in the program, hence `ValueError`.
    """
    table: dict[str, Member] = {}
    for member in sorted(members, key=lambda each: each.name):
        if member.name in table:
            raise ValueError(f"two members are called `{member.name}`")
        table[member.name] = member
    return MappingProxyType(table)


def imported_late(folder: str, *names: str) -> Mapping[str, Any]:
    """
    Make the table of a kind whose members are imported one by one, when they are first looked up.

    The member `mean` is made by `Mean` in the folder's module `mean`.
    """
    return _Late(folder, tuple(sorted(names)))


def with_plug_ins(group: str, *members: Member) -> Mapping[str, Member]:
    """
    Make the table of a kind that outsiders add to; theirs are loaded when the table is first looked into.

    So a plug-in may itself import the room whose table it is in.
    """
    return _Extended(group, by_name(*members))


def joined(group: str, own: Mapping[str, Any]) -> Mapping[str, Any]:
    """
    Put a kind's plug-ins beside its own members, sorted; one with a name of ours is `Unavailable`, never in its place.
    """
    found = plug_ins(group)
    for name in found:
        if name in own:
            raise Unavailable(
                f"the plug-in `{name}` of `{group}` has the name of a built-in member",
                help="uninstall it or give it another name",
            )
    return MappingProxyType(dict(sorted({**own, **found}.items())))


def made(table: Mapping[str, Any], choice: Chosen, label: str, *given: Any) -> Any:
    """
    Make the member of a kind that a document chose; a mistake in a plug-in's making is `Unavailable`.
    """
    try:
        return table[choice.name](label, choice.parameters, *given)
    except CanaryPolicyError:
        raise
    except Exception as error:
        raise Unavailable(f"{choice.KIND} `{label}`: `{choice.name}` cannot be made: {type(error).__name__}") from error


class _Late(Mapping[str, Any]):
    """
    A table whose members are imported when they are looked up.
    """

    def __init__(self, folder: str, names: tuple[str, ...]) -> None:
        self._folder = folder
        self._members: dict[str, Any] = dict.fromkeys(names)

    def __getitem__(self, name: str) -> Any:
        member = self._members[name]
        if member is None:
            member = self._members[name] = getattr(import_module(f"{self._folder}.{name}"), name.capitalize())()
        return member

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


class _Extended(Mapping[str, Member]):
    """
    A table whose plug-ins are loaded late.
    """

    def __init__(self, group: str, own: Mapping[str, Member]) -> None:
        self._group = group
        self._own = own

    def __getitem__(self, name: str) -> Member:
        member: Member = joined(self._group, self._own)[name]
        return member

    def __iter__(self) -> Iterator[str]:
        return iter(joined(self._group, self._own))

    def __len__(self) -> int:
        return len(joined(self._group, self._own))


@cache
def plug_ins(group: str) -> Mapping[str, Any]:
    """
    Load the installed members of a kind, by name: entry points of a group such as `canarypolicy.sources`.

    Each names a class with `name`, the entry point's own, and `Parameters`, a `PartParameters`. One that is not so or
    cannot be loaded is `Unavailable`: a document that means it must not be read as if it were not there.
    """
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow to import, and most tables have no plug-ins

    found: dict[str, Any] = {}
    for each in sorted(entry_points(group=group), key=lambda entry: entry.name):
        place = f"the plug-in `{each.name}` of `{group}`"
        try:
            member = each.load()
        except (Exception, SystemExit) as error:  # whatever an outsider's module does
            raise Unavailable(f"{place} cannot be loaded: {type(error).__name__} in `{each.value}`") from error
        if getattr(member, "name", None) != each.name or not hasattr(member, "Parameters"):
            raise Unavailable(f"{place} is no member of its kind: `{each.value}` has no `Parameters`, or another `name`")
        if each.name in found:
            raise Unavailable(f"{place} is installed twice")
        found[each.name] = member
    return MappingProxyType(found)
