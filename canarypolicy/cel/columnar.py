"""
The columnar reading: the trees of any number of expressions become one plan over columns, equal subtrees once.

It gives what the compiled reading gives, value for value, unknowns included. A truth is two columns, where it is known to be
true and where false; so `&&`, `||` and `!` are one `and` or `or` each, and nothing that is unknown can leak.
What cannot be put into columns (macros, patterns, most of texts) is evaluated once per distinct input, and announced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf
from typing import Any, Final

import numpy as np

from canarypolicy.cel import columnar_kernels as kernels
from canarypolicy.cel.columnar_plan import CHUNK, Drawn, Plan, planned
from canarypolicy.cel.columnar_slots import NotInColumns, Settling
from canarypolicy.cel.columnar_types import magnitude, may_overflow, type_of
from canarypolicy.cel.columns import texts_of
from canarypolicy.cel.stack import deep_stack
from canarypolicy.cel.tree import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Has,
    In,
    List,
    Literal,
    Negate,
    Node,
    Not,
    Or,
    Signal,
    walk,
)
from canarypolicy.cel.types import CelType
from canarypolicy.documents.signals import SignalType

_DOUBLE, _INT = SignalType.DOUBLE, SignalType.INT
_TEST: Final = {
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "==": np.equal, "!=": np.not_equal,
}  # fmt: skip
_ON_DOUBLES: Final = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}
_ON_INTS: Final = {
    "+": kernels.int_sum,
    "-": kernels.int_difference,
    "*": kernels.int_product,
    "/": kernels.int_quotient,
    "%": kernels.int_remainder,
}


def lower(
    trees: Sequence[Node],
    types: Mapping[str, CelType],
    *,
    values: Mapping[str, Sequence[str]],
    most: Mapping[str, float] | None = None,
    chunk: int = CHUNK,
) -> Plan:
    """
    Make the plan of typechecked trees of bools, doubles and ints.

    `values` are the texts that each string signal can have. `most` is how far from zero a double can be at most; where
    that rules infinities out, nothing tests for them.
    """
    literals = (node.value for tree in trees for node in walk(tree) if isinstance(node, Literal) and isinstance(node.value, str))
    lowering = _Lowering(types=types, texts=texts_of([*literals, *chain.from_iterable(values.values())]), most=most or {})
    with deep_stack():
        outputs = tuple(lowering.outcome(tree) for tree in trees)
    drawn = Drawn(
        constants=lowering.constants,
        inputs=lowering.inputs,
        types=lowering.slots,
        operations=lowering.operations,
        outputs=outputs,
    )
    return planned(drawn, lowering.texts, tuple(lowering.fell_back.values()), chunk)


@dataclass(slots=True, kw_only=True)
class _Lowering(Settling):
    """
    How each kind of node is put into columns.
    """

    def outcome(self, tree: Node) -> tuple[int, ...]:
        """
        Give the slots of an expression's outcome.
        """
        match type_of(tree, self.types):
            case SignalType.BOOL:
                return self.truth(tree, is_true=True), self.truth(tree, is_true=False)
            case SignalType.DOUBLE | SignalType.INT:
                return self.settled(tree)
        raise ValueError("expressions in columns are bools, doubles and ints")

    # truths

    def truth(self, node: Node, *, is_true: bool) -> int:
        """
        Give the mask that says where a node is known to be true, or where it is known to be false.
        """
        mask: int = self.settle(node, "true" if is_true else "false", lambda node: self._truth(node, is_true=is_true))
        return mask

    def _truth(self, node: Node, *, is_true: bool) -> int:
        match node:
            case Literal(value=value):
                return self.constant(value is is_true)
            case Signal(name=name):
                return self.input(name, "true" if is_true else "false")
            case Has(name=name):
                known = self.input(name, "known")
                return known if is_true else self.negated(known)
            case Not(operand=operand):
                return self.truth(operand, is_true=not is_true)
            case And(left=left, right=right) | Or(left=left, right=right):
                join = self.both if isinstance(node, And) is is_true else self.either
                return join(self.truth(left, is_true=is_true), self.truth(right, is_true=is_true))
            case Conditional(condition=condition, yes=yes, no=no):
                chosen = self.both(self.truth(condition, is_true=True), self.truth(yes, is_true=is_true))
                other = self.both(self.truth(condition, is_true=False), self.truth(no, is_true=is_true))
                return self.either(chosen, other)
            case Compare():
                return self._compare(node, is_true=is_true)
            case In(item=item, container=List(items=items)):
                return self._member(item, items, is_true=is_true)
        raise NotInColumns("it is evaluated once per distinct input", node)

    def _compare(self, node: Compare, *, is_true: bool) -> int:
        """
        Give where a comparison is true, or where it is false: where both sides are known and it is not true.
        """
        if type_of(node.left, self.types) is SignalType.BOOL:
            return self._bools_equal(node.left, node.right, is_true=(node.operator == "==") is is_true)
        (left, left_known), (right, right_known) = self.settled(node.left), self.settled(node.right)
        known = self.both(left_known, right_known)
        holds = self.both(known, self.one(_TEST[node.operator], left, right))
        return holds if is_true else self.one(np.bitwise_xor, known, holds)

    def _bools_equal(self, left: Node, right: Node, *, is_true: bool) -> int:
        same = (self.both(self.truth(left, is_true=side), self.truth(right, is_true=side is is_true)) for side in (True, False))
        return self.either(*same)

    def _member(self, item: Node, items: tuple[Node, ...], *, is_true: bool) -> int:
        """
        Give where an item is in a list, or where it is not: both are unknown as soon as one of the values is.
        """
        known = self.constant(value=True)
        found = self.constant(value=False)
        for each in (item, *items):
            known = self.both(known, self._is_known(each))
        for each in items:
            pair = Compare(operator="==", left=item, right=each, span=item.span)
            found = self.either(found, self._compare(pair, is_true=True))
        return self.both(known, found if is_true else self.negated(found))

    def _is_known(self, node: Node) -> int:
        if type_of(node, self.types) is SignalType.BOOL:
            return self.either(self.truth(node, is_true=True), self.truth(node, is_true=False))
        return self.settled(node)[1]

    def settled(self, node: Node) -> tuple[int, int]:
        """
        Give the slots of a number, or of a text's code: the values, and where they are known and finite.
        """
        value, known = self.value(node)
        if type_of(node, self.types) is _DOUBLE and may_overflow(node) and magnitude(node, self.most) == inf:
            known = self.both(known, self._is_finite(value))
        return value, known

    def _is_finite(self, value: int) -> int:
        if value in self.constants:
            return self.constant(bool(np.isfinite(self.constants[value])))  # type: ignore[call-overload]  # a double
        return self.one(np.isfinite, value)

    def value(self, node: Node) -> tuple[int, int]:
        """
        Give the slots of a number or of a text's code; arithmetic on doubles may be infinite or NaN where it is known.
        """
        slots: tuple[int, int] = self.settle(node, "value", self._value)
        return slots

    def _value(self, node: Node) -> tuple[int, int]:
        type_ = type_of(node, self.types)
        match node:
            case Literal(value=value):
                return self.constant(self.plain(value, node)), self.constant(value=True)
            case Signal(name=name) if isinstance(type_, SignalType):
                return self.input(name, "values"), self.input(name, "known")
            case Negate(operand=operand) if type_ is _DOUBLE:
                value, known = self.value(operand)
                return self.one(np.negative, value, dtype=np.float64), known
            case Negate(operand=operand):
                zero = self.constant(np.int64(0)), self.constant(value=True)
                return self._on_ints(kernels.int_difference, zero, self.value(operand))
            case Arithmetic(operator=operator, left=left, right=right) if type_ is _DOUBLE and operator in _ON_DOUBLES:
                # As a divisor an infinity could vanish; else it stays one, or becomes NaN, up to the test for it.
                (one, one_known), (other, known) = self.value(left), (self.settled if operator == "/" else self.value)(right)
                return self.one(_ON_DOUBLES[operator], one, other, dtype=np.float64), self.both(one_known, known)
            case Arithmetic(operator=operator, left=left, right=right) if type_ is _INT:
                return self._on_ints(_ON_INTS[operator], self.value(left), self.value(right))
            case Conditional(condition=condition, yes=yes, no=no) if type_ in (_DOUBLE, _INT):
                return self._chosen(condition, self.settled(yes), self.settled(no), np.float64 if type_ is _DOUBLE else np.int64)
            case Call(function="double" | "int", target=None, arguments=(inner,)):
                return self._converted(node, inner)
        raise NotInColumns("it is not put into columns, and is evaluated once per distinct input", node)

    def _on_ints(self, kernel: Callable[..., object], left: tuple[int, int], right: tuple[int, int]) -> tuple[int, int]:
        value, fits = self.apply(kernel, (left[0], right[0]), np.int64, np.bool_)
        return value, self.both(fits, self.both(left[1], right[1]))

    def _chosen(self, condition: Node, yes: tuple[int, int], no: tuple[int, int], dtype: Any) -> tuple[int, int]:
        is_yes, is_no = self.truth(condition, is_true=True), self.truth(condition, is_true=False)
        known = self.either(self.both(is_yes, yes[1]), self.both(is_no, no[1]))
        return self.one(kernels.chosen, is_yes, yes[0], no[0], dtype=dtype), known

    def _converted(self, node: Call, inner: Node) -> tuple[int, int]:
        from_, to = type_of(inner, self.types), type_of(node, self.types)
        if from_ not in (_DOUBLE, _INT):
            raise NotInColumns(f"`{node.function}` of a text is evaluated once per distinct input", node)
        value, known = self.settled(inner)
        if from_ is to:
            return value, known
        if to is _DOUBLE:
            return self.one(kernels.to_double, value, dtype=np.float64), known
        whole, fits = self.apply(kernels.to_int, (value,), np.int64, np.bool_)
        return whole, self.both(known, fits)
