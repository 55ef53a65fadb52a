"""
The compiled reading: a tree becomes one generated Python function over the present values.

It gives what the reference gives, value for value, unknowns included; what it cannot say it hands back with why.
Names and constants enter the generated text through `repr` only; the text of a policy never does, and it has no builtins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, assert_never

from canarypolicy.cel import arithmetic, writing
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
from canarypolicy.cel.writing import CannotCompile, Part, Writer
from canarypolicy.documents.signal_type import SignalType

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


def compile_tree(tree: Node, types: Mapping[str, CelType]) -> Reading | FellBack:
    """
    Give the compiled reading of a typechecked tree, or why there is none.
    """
    writer = Writer(types=types)
    try:
        result = _settle(writer, tree)
    except CannotCompile as stopped:
        return stopped.fell_back
    writer.write(f"return {result.code}")
    names = dict(_NAMES)
    exec(compile("\n".join(writer.lines), "<compiled expression>", "exec"), names)  # noqa: S102 - our text, see the module
    reading: Reading = names["evaluate"]
    return reading


def _settle(writer: Writer, node: Node) -> Part:
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


def _and(writer: Writer, left: Node, right: Node) -> Part:
    variable = writer.assign(_settle(writer, left).code)
    writer.write(f"if {variable} is not False:")
    writer.indent += 1
    second = _settle(writer, right).code
    writer.write(f"if {second} is False or {variable} is True: {variable} = {second}")
    writer.indent -= 1
    return Part(code=variable, type=SignalType.BOOL)


def _or(writer: Writer, left: Node, right: Node) -> Part:
    variable = writer.assign(_settle(writer, left).code)
    writer.write(f"if {variable} is not True:")
    writer.indent += 1
    second = _settle(writer, right).code
    writer.write(f"if {second} is True or {variable} is False: {variable} = {second}")
    writer.indent -= 1
    return Part(code=variable, type=SignalType.BOOL)


def _conditional(writer: Writer, condition: Node, yes: Node, no: Node) -> Part:
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
    return Part(code=variable, type=types[0])


def _strict(writer: Writer, node: Node) -> Part:
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
    writer.write(f"{variable} = {writing.checked(writer, part).code}")
    writer.indent -= 1
    writer.write(f"except UNDEFINED: {variable} = UNKNOWN")
    writer.indent -= 1 if guards else 0
    return Part(code=variable, type=part.type)


def _inner_choices(node: Node) -> Iterator[Node]:
    """
    Give the outermost `&&`, `||` and `?:` below a node: they can have a value where an operand has none.
    """
    for child in () if isinstance(node, Macro) else children(node):  # a macro is not compiled, and its body has a variable
        if isinstance(child, And | Or | Conditional):
            yield child
        else:
            yield from _inner_choices(child)


def _value(writer: Writer, node: Node) -> Part:
    """
    Write what computes a node, raising where it has no value.
    """
    match node:
        case Literal(value=value):
            return Part(code=repr(value), type=type_of_constant(value))
        case Signal(name=name):
            return writing.look_up(writer, name, node)
        case Has(name=name):
            return writing.has(writer, name)
        case Not(operand=operand):
            return Part(code=writer.assign(f"not {_value(writer, operand).code}"), type=SignalType.BOOL)
        case Negate(operand=operand):
            return writing.negate(writer, _value(writer, operand))
        case Compare(operator=operator, left=left, right=right):
            return writing.compare(writer, operator, _operand(writer, left), _operand(writer, right))
        case Arithmetic(operator=operator, left=left, right=right):
            return writing.arithmetic(writer, operator, _value(writer, left), _value(writer, right))
        case In(item=item, container=List(items=items)):
            return writing.member(writer, _operand(writer, item), [_operand(writer, each) for each in items])
        case Call():
            nodes = node.arguments if node.target is None else (node.target, *node.arguments)
            return writing.call(writer, node, [_operand(writer, each) for each in nodes])
        case And() | Or() | Conditional():
            return writer.settled[id(node)]
        case List() | In():
            raise CannotCompile(FellBack(reason="lists other than on the right of `in` are not compiled", span=node.span))
        case Index():
            raise CannotCompile(FellBack(reason="items of lists are not compiled", span=node.span))
        case Macro(function=function):
            raise CannotCompile(FellBack(reason=f"the macro `{function}` is not compiled", span=node.span))
        case _:
            assert_never(node)


def _operand(writer: Writer, node: Node) -> Part:
    return writing.checked(writer, _value(writer, node))
