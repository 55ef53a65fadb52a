"""
The lines of generated code, one function per construct: what a part of an expression is computed by.

How parts hang together, and what is unknown, is in `canarypolicy.cel.compiled`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from canarypolicy.cel import arithmetic as numbers
from canarypolicy.cel.expression import FellBack
from canarypolicy.cel.tree import Call, Node
from canarypolicy.cel.types import CelType
from canarypolicy.documents.signal_type import SignalType

_DOUBLE, _INT = SignalType.DOUBLE, SignalType.INT
LARGEST: Final = 1.7976931348623157e308

_CONVERSIONS: Final = {
    "bool": SignalType.BOOL,
    "double": SignalType.DOUBLE,
    "int": SignalType.INT,
    "string": SignalType.STRING,
}
_METHODS: Final = {"contains": "__contains__", "startsWith": "startswith", "endsWith": "endswith"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """
    A constant, a look-up or a variable of the generated code, and its type.
    """

    code: str
    type: SignalType
    is_computed: bool = False
    """Whether it is a variable with a double that may be infinite or NaN."""


class CannotCompile(Exception):
    """
    Carries the reason out of the depth of one compilation.
    """

    def __init__(self, fell_back: FellBack) -> None:
        super().__init__(fell_back.reason)
        self.fell_back = fell_back


@dataclass(slots=True, kw_only=True)
class Writer:
    """
    The lines written so far, and the variables that hold what they have settled.
    """

    types: Mapping[str, CelType]
    lines: list[str] = field(default_factory=lambda: ["def evaluate(values):"])
    indent: int = 1
    variables: int = 0
    settled: dict[int, Part] = field(default_factory=dict)
    """Identity of an `&&`, `||` or `?:` inside of an operand -> the variable with its outcome."""

    def write(self, line: str) -> None:
        self.lines.append("    " * self.indent + line)

    def new_variable(self) -> str:
        self.variables += 1
        return f"v{self.variables}"

    def assign(self, code: str) -> str:
        variable = self.new_variable()
        self.write(f"{variable} = {code}")
        return variable


def checked(writer: Writer, part: Part) -> Part:
    """
    Write the test that a double is finite, where it may not be.

    Infinity and NaN stay what they are through `+ - *` and as dividends: only where a sum ends, and in divisors, is it tested.
    """
    if part.is_computed and part.type is _DOUBLE:
        writer.write(f"if not -{LARGEST!r} <= {part.code} <= {LARGEST!r}: raise OVERFLOW")
        return Part(code=part.code, type=part.type)
    return part


def int64(writer: Writer, variable: str) -> None:
    """
    Write the test that an int has 64 bits.
    """
    writer.write(f"if not {numbers.INT_MIN} <= {variable} <= {numbers.INT_MAX}: raise OVERFLOW")


def look_up(writer: Writer, name: str, node: Node) -> Part:
    """
    Give the look-up of a signal's value; a missing one raises `KeyError`.
    """
    type_ = writer.types[name]
    if not isinstance(type_, SignalType):
        raise CannotCompile(FellBack(reason=f"`{name}` is a list, which is not compiled", span=node.span))
    return Part(code=f"values[{name!r}]", type=type_)


def has(writer: Writer, name: str) -> Part:
    """
    Write whether a signal is present.
    """
    return Part(code=writer.assign(f"{name!r} in values"), type=SignalType.BOOL)


def negate(writer: Writer, operand: Part) -> Part:
    """
    Write a negation.
    """
    variable = writer.assign(f"-({operand.code})")
    if operand.type is _INT:
        int64(writer, variable)
    return Part(code=variable, type=operand.type, is_computed=operand.is_computed)


def compare(writer: Writer, operator: str, left: Part, right: Part) -> Part:
    """
    Write a comparison.
    """
    return Part(code=writer.assign(f"{left.code} {operator} {right.code}"), type=SignalType.BOOL)


def member(writer: Writer, item: Part, items: list[Part]) -> Part:
    """
    Write a membership, item by item.
    """
    listed = "".join(f"{each.code}, " for each in items)
    return Part(code=writer.assign(f"{item.code} in ({listed})"), type=SignalType.BOOL)


def arithmetic(writer: Writer, operator: str, left: Part, right: Part) -> Part:
    """
    Write an operation on two numbers or texts.
    """
    if left.type is _INT:
        return int_arithmetic(writer, operator, left, right)
    if operator == "/":
        right = checked(writer, right)
    variable = writer.assign(f"{left.code} {operator} {right.code}")
    return Part(code=variable, type=left.type, is_computed=True)


def int_arithmetic(writer: Writer, operator: str, left: Part, right: Part) -> Part:
    """
    Write an operation on two ints.
    """
    function = {"/": "int_quotient", "%": "int_remainder"}.get(operator)
    if function is not None:
        return Part(code=writer.assign(f"{function}({left.code}, {right.code})"), type=_INT)
    variable = writer.assign(f"{left.code} {operator} {right.code}")
    int64(writer, variable)
    return Part(code=variable, type=_INT)


def call(writer: Writer, node: Call, parts: list[Part]) -> Part:
    """
    Write a call of a function that the compiled reading knows.
    """
    if node.function in _CONVERSIONS:
        type_ = _CONVERSIONS[node.function]
        return (
            parts[0] if parts[0].type is type_ else Part(code=writer.assign(f"to_{node.function}({parts[0].code})"), type=type_)
        )
    if node.function == "size":
        return Part(code=writer.assign(f"size({parts[0].code})"), type=_INT)
    if node.function in _METHODS:
        code = f"{parts[0].code}.{_METHODS[node.function]}({parts[1].code})"
        return Part(code=writer.assign(code), type=SignalType.BOOL)
    raise CannotCompile(FellBack(reason=f"the function `{node.function}` is not compiled", span=node.span))
