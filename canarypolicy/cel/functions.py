"""
The functions of expressions: their names, the types they take, and the types they give.

Macros are no functions: they are nodes of their own and are typechecked as such.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from canarypolicy.cel.types import CelType, ListOf, type_name
from canarypolicy.documents.signal_type import SignalType

_BOOL, _DOUBLE, _INT, _STRING = SignalType.BOOL, SignalType.DOUBLE, SignalType.INT, SignalType.STRING
_ANY_LIST: Final = ListOf(element=None)
"""As a parameter: a list of anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """
    One function under one name; the first parameter is what stands before the dot, if it is a method.
    """

    overloads: tuple[tuple[CelType, ...], ...]
    result: SignalType
    is_global: bool = False
    is_method: bool = False

    def accepted(self, *, is_method: bool) -> tuple[str, ...]:
        """
        Give the types that it takes, as users know them, without what stands before the dot.
        """
        taken = [overload[1:] if is_method else overload for overload in self.overloads]
        texts = [f"({', '.join('list' if each == _ANY_LIST else type_name(each) for each in types)})" for types in taken]
        return tuple(dict.fromkeys(texts))


FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType(
    {
        "bool": Function(overloads=((_BOOL,), (_STRING,)), result=_BOOL, is_global=True),
        "contains": Function(overloads=((_STRING, _STRING),), result=_BOOL, is_method=True),
        "double": Function(overloads=((_DOUBLE,), (_INT,), (_STRING,)), result=_DOUBLE, is_global=True),
        "endsWith": Function(overloads=((_STRING, _STRING),), result=_BOOL, is_method=True),
        "int": Function(overloads=((_DOUBLE,), (_INT,), (_STRING,)), result=_INT, is_global=True),
        "matches": Function(overloads=((_STRING, _STRING),), result=_BOOL, is_global=True, is_method=True),
        "size": Function(overloads=((_STRING,), (_ANY_LIST,)), result=_INT, is_global=True, is_method=True),
        "startsWith": Function(overloads=((_STRING, _STRING),), result=_BOOL, is_method=True),
        "string": Function(overloads=((_BOOL,), (_DOUBLE,), (_INT,), (_STRING,)), result=_STRING, is_global=True),
    }
)


def known_functions() -> tuple[str, ...]:
    """
    Give every function as it is written: `size` and `.size`.
    """
    plain = [name for name, function in FUNCTIONS.items() if function.is_global]
    return (*plain, *(f".{name}" for name, function in FUNCTIONS.items() if function.is_method))


def takes(function: Function, types: Sequence[CelType]) -> bool:
    """
    Tell whether one of the overloads takes values of these types.
    """
    return any(
        len(overload) == len(types) and all(_fits(wanted, given) for wanted, given in zip(overload, types, strict=True))
        for overload in function.overloads
    )


def _fits(wanted: CelType, given: CelType) -> bool:
    return isinstance(given, ListOf) if wanted == _ANY_LIST else wanted == given
