"""
A checked expression: its tree, its place in the document, and how it is evaluated.

What an expression gives is a value or `UNKNOWN`; it never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from canarypolicy.cel.tree import Node
    from canarypolicy.cel.types import CelType
    from canarypolicy.documents.span import Embedded


class Unknown(Enum):
    """
    Neither true nor false: what a missing signal, an error or a result that is not finite gives.
    """

    UNKNOWN = "unknown"

    def __bool__(self) -> bool:
        raise TypeError("unknown is neither true nor false: compare it with `is`")


UNKNOWN: Final = Unknown.UNKNOWN

Values: TypeAlias = Mapping[str, Any]
"""Present values by dotted name; a name that is not there is missing."""

Truth: TypeAlias = bool | Literal[Unknown.UNKNOWN]
Outcome: TypeAlias = Any
"""A value of a CEL type in its Python form, or `UNKNOWN`."""

Reading: TypeAlias = Callable[[Values], Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class FellBack:
    """
    Why the compiled reading does not know a construct, and where it stands in the expression's text.
    """

    reason: str
    span: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expression:
    """
    A typechecked expression; calling `evaluate` with the present values gives its outcome.
    """

    text: str
    tree: Node
    place: Embedded
    signals: tuple[str, ...]
    """The names it reads, also inside `has`, in order of first use."""
    types: Mapping[str, CelType]
    """The type of each of these names."""
    evaluate: Reading
    """The compiled reading, or the reference where `fell_back` says so."""
    fell_back: FellBack | None = None
    readings: dict[int, Reading] = field(default_factory=dict, repr=False)
    """Readings of its parts by the identity of their nodes; only `canarypolicy.cel.readings` looks here."""
