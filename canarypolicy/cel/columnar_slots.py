"""
The slots of a plan in the making, and what each part of an expression comes to: a constant, columns, or values per input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from canarypolicy.cel.columnar_plan import Operation
from canarypolicy.cel.columnar_types import reads_nothing, type_of
from canarypolicy.cel.columns import Texts
from canarypolicy.cel.distinct import Distinct
from canarypolicy.cel.expression import UNKNOWN, FellBack
from canarypolicy.cel.readings import best_reading
from canarypolicy.cel.tree import Has, Literal, Node, Signal, walk
from canarypolicy.cel.types import CelType
from canarypolicy.documents.signals import SignalType

_STRING = SignalType.STRING
_SOMETHING: Mapping[CelType | None, object] = {SignalType.DOUBLE: 0.0, SignalType.INT: 0, SignalType.STRING: ""}
"""What stands where a constant has no value."""


class NotInColumns(Exception):
    """
    Carries out of the depth why a construct cannot be put into columns.
    """

    def __init__(self, reason: str, node: Node) -> None:
        super().__init__(reason)
        self.fell_back = FellBack(reason=reason, span=node.span)


@dataclass(slots=True, kw_only=True)
class Slots:
    """
    The plan so far; slots are made once for equal operations on equal slots.
    """

    constants: dict[int, object] = field(default_factory=dict)
    inputs: dict[int, tuple[str, str]] = field(default_factory=dict)
    slots: dict[int, Any] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    made: dict[object, Any] = field(default_factory=dict)

    def _new(self) -> int:
        return len(self.constants) + len(self.inputs) + len(self.slots)

    def constant(self, value: object) -> int:
        key = ("constant", repr(value))
        if key not in self.made:
            self.made[key] = slot = self._new()
            self.constants[slot] = value
        found: int = self.made[key]
        return found

    def input(self, name: str, part: str) -> int:
        key = ("input", name, part)
        if key not in self.made:
            self.made[key] = slot = self._new()
            self.inputs[slot] = (name, part)
        found: int = self.made[key]
        return found

    def apply(self, function: Callable[..., object], takes: tuple[int, ...], *gives: Any) -> tuple[int, ...]:
        key = (function, takes)
        if key not in self.made:
            slots: list[int] = []
            for dtype in gives:
                slots.append(self._new())
                self.slots[slots[-1]] = dtype
            self.made[key] = tuple(slots)
            self.operations.append(Operation(function=function, takes=takes, gives=tuple(slots)))
        found: tuple[int, ...] = self.made[key]
        return found

    def one(self, function: Callable[..., object], *takes: int, dtype: Any = np.bool_) -> int:
        return self.apply(function, takes, dtype)[0]

    def both(self, left: int, right: int) -> int:
        """
        Give where both masks are true.
        """
        return self._joined(np.bitwise_and, left, right, neutral=True)

    def either(self, left: int, right: int) -> int:
        """
        Give where one of the masks is true.
        """
        return self._joined(np.bitwise_or, left, right, neutral=False)

    def _joined(self, function: Callable[..., object], left: int, right: int, *, neutral: bool) -> int:
        for one, other in ((left, right), (right, left)):
            if one in self.constants:
                return other if self.constants[one] is neutral else one
        return left if left == right else self.one(function, min(left, right), max(left, right))


@dataclass(slots=True, kw_only=True)
class Settling(Slots):
    """
    What parts of expressions have come to; equal parts are settled once.
    """

    types: Mapping[str, CelType]
    texts: Texts
    most: Mapping[str, float]
    fell_back: dict[Node, FellBack] = field(default_factory=dict)

    def settle(self, node: Node, key: str, make: Callable[[Node], Any]) -> Any:
        """
        Make what a node comes to: a constant's value, what is put into columns, or what is evaluated per distinct input.
        """
        if (key, node) not in self.made:
            type_ = type_of(node, self.types)
            if type_ is None:
                raise NotInColumns("lists are looked at once per distinct input", node)
            if reads_nothing(node) and not isinstance(node, Literal):
                self.made[key, node] = self._constant_outcome(node, key)
            else:
                try:
                    self.made[key, node] = make(node)
                except NotInColumns as stopped:
                    if type_ is _STRING:
                        raise
                    self.fell_back[node] = stopped.fell_back
                    self.made[key, node] = self._distinct(node, key)
        return self.made[key, node]

    def _constant_outcome(self, node: Node, key: str) -> Any:
        value = best_reading(node, self.types)[0]({})
        match key:
            case "true" | "false":
                return self.constant(value is (key == "true"))
        is_known = value is not UNKNOWN
        plain = self.plain(value, node) if is_known else self.plain(_SOMETHING[type_of(node, self.types)], node)
        return self.constant(plain), self.constant(is_known)

    def _distinct(self, node: Node, key: str) -> Any:
        read = (each.name for each in walk(node) if isinstance(each, Signal | Has) and each.name in self.types)
        names = tuple(dict.fromkeys(read))
        if ("distinct", node) not in self.made:
            self.made["distinct", node] = Distinct(
                reading=best_reading(node, self.types)[0],
                inputs=tuple((name, self._signal_type(name, node)) for name in names),
                texts=self.texts.ordered,
            )
        takes = tuple(self.input(name, part) for name in names for part in ("values", "known"))
        kind = {SignalType.DOUBLE: np.float64, SignalType.INT: np.int64}.get(type_of(node, self.types), np.bool_)  # type: ignore[arg-type]
        value, known = self.apply(self.made["distinct", node], takes, kind, np.bool_)
        match key:
            case "true":
                return self.both(known, value)
            case "false":
                return self.both(known, self.negated(value))
        return value, known

    def _signal_type(self, name: str, node: Node) -> SignalType:
        type_ = self.types[name]
        if not isinstance(type_, SignalType):
            raise TypeError(f"`{name}` is a list, which no column holds: {node.span}")
        return type_

    def plain(self, value: Any, node: Node) -> Any:
        """
        Give a constant as columns compare it; a text that no signal and no literal can be has no code.
        """
        if isinstance(value, str):
            if value not in self.texts.codes:
                raise NotInColumns("texts that are computed are looked at once per distinct input", node)
            return self.texts.codes[value]
        return np.int64(value) if isinstance(value, int) else value

    def negated(self, mask: int) -> int:
        """
        Give where a mask is false.
        """
        if mask in self.constants:
            return self.constant(value=not self.constants[mask])
        return self.one(np.logical_not, mask)
