"""
The static types of expressions: those of signals, lists of them, and the record of a probe's check.

What a construct accepts is in `canarypolicy.cel.typecheck`, and the sentences are in `canarypolicy.cel.wording`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias, assert_never

from canarypolicy.documents.signal_type import SignalType


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    """
    A list of values of one type; None is the type of the items of `[]`.
    """

    element: CelType | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """
    A value with named fields.
    """

    name: str
    fields: tuple[tuple[str, SignalType], ...]


CelType: TypeAlias = SignalType | ListOf | Record

CHECK: Final = Record(
    name="check",
    fields=(
        ("name", SignalType.STRING),
        ("ok", SignalType.BOOL),
        ("detail", SignalType.STRING),
        ("seconds", SignalType.DOUBLE),
    ),
)
"""One check of a probe's result."""

RESULT_ROOT: Final = "result"
CHECKS: Final = "result.checks"
RESULT: Final[Mapping[str, CelType]] = MappingProxyType(
    {"result.passed": SignalType.INT, "result.failed": SignalType.INT, CHECKS: ListOf(element=CHECK)}
)
"""What a gate's expression may read of its probe's result."""


def type_name(type_: CelType) -> str:
    """
    Give a type as users know it.
    """
    match type_:
        case SignalType():
            return type_.value
        case Record(name=name):
            return name
        case ListOf(element=element):
            return "empty list" if element is None else f"list of {type_name(element)}"
        case _:
            assert_never(type_)


def a_type(type_: CelType) -> str:
    """
    Give a type with its article: `an int`.
    """
    name = type_name(type_)
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def type_of_constant(value: bool | float | str) -> SignalType:  # noqa: FBT001 - the value itself
    """
    Give the type of a literal.
    """
    match value:
        case bool():
            return SignalType.BOOL
        case int():
            return SignalType.INT
        case float():
            return SignalType.DOUBLE
        case str():
            return SignalType.STRING
        case _:
            assert_never(value)


def common(left: CelType, right: CelType) -> CelType | None:
    """
    Give the type that both types are, or None; only the empty list is of more than one.
    """
    if left == right:
        return left
    match left, right:
        case ListOf(element=None), ListOf():
            return right
        case ListOf(), ListOf(element=None):
            return left
        case _:
            return None
