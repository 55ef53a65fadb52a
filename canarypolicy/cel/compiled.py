"""
The compiled reading: a tree becomes one generated Python function over the present values.

It gives what the reference gives, value for value, unknowns included; what it cannot say it hands back with why.
Names and constants enter the generated text through `repr` only; the text of a policy never does, and it has no builtins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, assert_never

from canarypolicy.cel import arithmetic
from canarypolicy.cel.expression import UNKNOWN, FellBack, Reading
from canarypolicy.cel.tree import (
    And,
    Arithmetic,
    Call,
    Compare,
    Conditional,
    Has,
    In,
    Index,
    List,
    Literal,
    Macro,
    Negate,
    Node,
    Not,
    Or,
    Signal,
    children,
)
from canarypolicy.cel.types import CelType, type_of_constant
from canarypolicy.documents.signals import SignalType

_DOUBLE, _INT = SignalType.DOUBLE, SignalType.INT
LARGEST: Final = 1.7976931348623157e308

_NAMES: Final[Mapping[str, Any]] = {
    "__builtins__": {},
    "UNKNOWN": UNKNOWN,
    "UNDEFINED": (KeyError, ArithmeticError, ValueError),
    "OVERFLOW": OverflowError,
    "int_quotient": arithmetic.int_quotient,
    "int_remainder": arithmetic.int_remainder,
    "to_bool": arithmetic.to_bool,
    "to_double": arithmetic.to_double,
    "to_int": arithmetic.to_int,
    "to_string": arithmetic.to_string,
    "size": len,
}
"""All that generated code can name."""

_CONVERSIONS: Final = {
    "bool": SignalType.BOOL,
    "double": SignalType.DOUBLE,
    "int": SignalType.INT,
    "string": SignalType.STRING,
}
_METHODS: Final = {"contains": "__contains__", "startsWith": "startswith", "endsWith": "endswith"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """
    A constant, a look-up or a variable of the generated code, and its type.
    """

    code: str
    type: SignalType
    is_computed: bool = False
    """Whether it is a variable with a double that may be infinite or NaN."""


class _CannotCompile(Exception):
    """
    Carries the reason out of the depth of one compilation.
    """

    def __init__(self, fell_back: FellBack) -> None:
        super().__init__(fell_back.reason)
        self.fell_back = fell_back


@dataclass(slots=True, kw_only=True)
class _Writer:
    """
    The lines written so far, and the variables that hold what they have settled.
    """

    types: Mapping[str, CelType]
    lines: list[str] = field(default_factory=lambda: ["def evaluate(values):"])
    indent: int = 1
    variables: int = 0
    settled: dict[int, _Part] = field(default_factory=dict)
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


def compile_tree(tree: Node, types: Mapping[str, CelType]) -> Reading | FellBack:
    """
    Give the compiled reading of a typechecked tree, or why there is none.
    """
    writer = _Writer(types=types)
    try:
        result = _settle(writer, tree)
    except _CannotCompile as stopped:
        return stopped.fell_back
    writer.write(f"return {result.code}")
    names = dict(_NAMES)
    exec(compile("\n".join(writer.lines), "<compiled expression>", "exec"), names)  # noqa: S102 - our text, see the module
    reading: Reading = names["evaluate"]
    return reading


def _settle(writer: _Writer, node: Node) -> _Part:
    """
    Write the lines after which the part given back is the node's value or UNKNOWN.
    """
    match node:
        case And(left=left, right=right):
            return _and(writer, left, right)
        case Or(left=left, right=right):
            return _or(writer, left, right)
        case Conditional(condition=condition, yes=yes, no=no):
            return _conditional(writer, condition, yes, no)
        case _:
            return _strict(writer, node)


def _and(writer: _Writer, left: Node, right: Node) -> _Part:
    variable = writer.assign(_settle(writer, left).code)
    writer.write(f"if {variable} is not False:")
    writer.indent += 1
    second = _settle(writer, right).code
    writer.write(f"if {second} is False or {variable} is True: {variable} = {second}")
    writer.indent -= 1
    return _Part(code=variable, type=SignalType.BOOL)


def _or(writer: _Writer, left: Node, right: Node) -> _Part:
    variable = writer.assign(_settle(writer, left).code)
    writer.write(f"if {variable} is not True:")
    writer.indent += 1
    second = _settle(writer, right).code
    writer.write(f"if {second} is True or {variable} is False: {variable} = {second}")
    writer.indent -= 1
    return _Part(code=variable, type=SignalType.BOOL)


def _conditional(writer: _Writer, condition: Node, yes: Node, no: Node) -> _Part:
    chosen = _settle(writer, condition).code
    variable = writer.assign("UNKNOWN")
    types = []
    for truth, branch in ((True, yes), (False, no)):
        writer.write(f"if {chosen} is {truth}:")
        writer.indent += 1
        part = _settle(writer, branch)
        writer.write(f"{variable} = {part.code}")
        writer.indent -= 1
        types.append(part.type)
    return _Part(code=variable, type=types[0])


def _strict(writer: _Writer, node: Node) -> _Part:
    """
    Write a node that is unknown as soon as one of its operands is.
    """
    guards: list[str] = []
    for inner in _inner_choices(node):
        writer.settled[id(inner)] = part = _settle(writer, inner)
        guards.append(f"{part.code} is not UNKNOWN")
    variable = writer.assign("UNKNOWN") if guards else writer.new_variable()
    if guards:
        writer.write(f"if {' and '.join(guards)}:")
        writer.indent += 1
    writer.write("try:")
    writer.indent += 1
    part = _value(writer, node)
    writer.write(f"{variable} = {_checked(writer, part).code}")
    writer.indent -= 1
    writer.write(f"except UNDEFINED: {variable} = UNKNOWN")
    writer.indent -= 1 if guards else 0
    return _Part(code=variable, type=part.type)


def _inner_choices(node: Node) -> Iterator[Node]:
    """
    Give the outermost `&&`, `||` and `?:` below a node: they can have a value where an operand has none.
    """
    for child in children(node):
        if isinstance(child, And | Or | Conditional):
            yield child
        elif not isinstance(child, Macro):
            yield from _inner_choices(child)


def _value(writer: _Writer, node: Node) -> _Part:
    """
    Write what computes a node, raising where it has no value.
    """
    match node:
        case Literal(value=value):
            return _Part(code=repr(value), type=type_of_constant(value))
        case Signal(name=name):
            return _look_up(writer, name, node)
        case Has(name=name):
            return _has(writer, name)
        case Not(operand=operand):
            return _Part(code=writer.assign(f"not {_value(writer, operand).code}"), type=SignalType.BOOL)
        case Negate(operand=operand):
            return _negate(writer, _value(writer, operand))
        case Compare(operator=operator, left=left, right=right):
            return _compare(writer, operator, _operand(writer, left), _operand(writer, right))
        case Arithmetic(operator=operator, left=left, right=right):
            return _arithmetic(writer, operator, _value(writer, left), _value(writer, right))
        case In(item=item, container=List(items=items)):
            return _member(writer, _operand(writer, item), [_operand(writer, each) for each in items])
        case Call():
            return _call(writer, node)
        case And() | Or() | Conditional():
            return writer.settled[id(node)]
        case List() | In():
            raise _CannotCompile(FellBack(reason="lists other than on the right of `in` are not compiled", span=node.span))
        case Index():
            raise _CannotCompile(FellBack(reason="items of lists are not compiled", span=node.span))
        case Macro(function=function):
            raise _CannotCompile(FellBack(reason=f"the macro `{function}` is not compiled", span=node.span))
        case _:
            assert_never(node)


def _operand(writer: _Writer, node: Node) -> _Part:
    return _checked(writer, _value(writer, node))


def _checked(writer: _Writer, part: _Part) -> _Part:
    """
    Write the test that a double is finite, where it may not be.

    Infinity and NaN stay what they are through `+ - *` and as dividends: only where a sum ends, and in divisors, is it tested.
    """
    if part.is_computed and part.type is _DOUBLE:
        writer.write(f"if not -{LARGEST!r} <= {part.code} <= {LARGEST!r}: raise OVERFLOW")
        return _Part(code=part.code, type=part.type)
    return part


def _int64(writer: _Writer, variable: str) -> None:
    writer.write(f"if not {arithmetic.INT_MIN} <= {variable} <= {arithmetic.INT_MAX}: raise OVERFLOW")


def _look_up(writer: _Writer, name: str, node: Node) -> _Part:
    type_ = writer.types[name]
    if not isinstance(type_, SignalType):
        raise _CannotCompile(FellBack(reason=f"`{name}` is a list, which is not compiled", span=node.span))
    return _Part(code=f"values[{name!r}]", type=type_)


def _has(writer: _Writer, name: str) -> _Part:
    return _Part(code=writer.assign(f"{name!r} in values"), type=SignalType.BOOL)


def _negate(writer: _Writer, operand: _Part) -> _Part:
    variable = writer.assign(f"-({operand.code})")
    if operand.type is _INT:
        _int64(writer, variable)
    return _Part(code=variable, type=operand.type, is_computed=operand.is_computed)


def _compare(writer: _Writer, operator: str, left: _Part, right: _Part) -> _Part:
    return _Part(code=writer.assign(f"{left.code} {operator} {right.code}"), type=SignalType.BOOL)


def _member(writer: _Writer, item: _Part, items: list[_Part]) -> _Part:
    listed = "".join(f"{each.code}, " for each in items)
    return _Part(code=writer.assign(f"{item.code} in ({listed})"), type=SignalType.BOOL)


def _arithmetic(writer: _Writer, operator: str, left: _Part, right: _Part) -> _Part:
    if left.type is _INT:
        return _int_arithmetic(writer, operator, left, right)
    if operator == "/":
        right = _checked(writer, right)
    variable = writer.assign(f"{left.code} {operator} {right.code}")
    return _Part(code=variable, type=left.type, is_computed=True)


def _int_arithmetic(writer: _Writer, operator: str, left: _Part, right: _Part) -> _Part:
    function = {"/": "int_quotient", "%": "int_remainder"}.get(operator)
    if function is not None:
        return _Part(code=writer.assign(f"{function}({left.code}, {right.code})"), type=_INT)
    variable = writer.assign(f"{left.code} {operator} {right.code}")
    _int64(writer, variable)
    return _Part(code=variable, type=_INT)


def _call(writer: _Writer, node: Call) -> _Part:
    nodes = node.arguments if node.target is None else (node.target, *node.arguments)
    parts = [_operand(writer, each) for each in nodes]
    if node.function in _CONVERSIONS:
        type_ = _CONVERSIONS[node.function]
        return (
            parts[0] if parts[0].type is type_ else _Part(code=writer.assign(f"to_{node.function}({parts[0].code})"), type=type_)
        )
    if node.function == "size":
        return _Part(code=writer.assign(f"size({parts[0].code})"), type=_INT)
    if node.function in _METHODS:
        code = f"{parts[0].code}.{_METHODS[node.function]}({parts[1].code})"
        return _Part(code=writer.assign(code), type=SignalType.BOOL)
    raise _CannotCompile(FellBack(reason=f"the function `{node.function}` is not compiled", span=node.span))
