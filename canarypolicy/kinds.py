"""
Tables of a kind's members by the name that users write.

A kind is a folder (derived functions, lints, sources, reports, commands); its `__init__` holds one table made here.
Nothing registers itself by being imported.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping


class Named(Protocol):
    """
    Anything with the name that users write.
    """

    @property
    def name(self) -> str: ...  # pragma: no cover - a protocol has no body


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
