"""
Trees as plain JSON values and back: what a compiled policy keeps of its expressions.

A record may come from a file that anybody wrote: what is not a tree is refused, and nothing of it is ever run as it stands.
Names and operators are held against the language, since the compiled reading writes them into the code that it generates.
"""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias, assert_never

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
)

Record: TypeAlias = list[Any]
"""The kind of a node, its parts, and where it begins and ends."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*\Z")
_OPERATORS: Final = {"compare": frozenset({"<", "<=", ">", ">=", "==", "!="}), "arithmetic": frozenset("+-*/%")}
_DEEPEST: Final = 500
"""No tree within the limits of expressions is deeper: 400 tokens make fewer levels."""


def record_of(node: Node) -> Record:
    """
    Give a tree as a JSON value.
    """
    match node:
        case Literal(value=value):
            return ["literal", value, *node.span]
        case List(items=items):
            return ["list", [record_of(each) for each in items], *node.span]
        case Signal(name=name):
            return ["signal", name, *node.span]
        case Has(name=name):
            return ["has", name, *node.span, *node.name_span]
        case Not(operand=operand):
            return ["not", record_of(operand), *node.span]
        case Negate(operand=operand):
            return ["negate", record_of(operand), *node.span]
        case And(left=left, right=right):
            return ["and", record_of(left), record_of(right), *node.span]
        case Or(left=left, right=right):
            return ["or", record_of(left), record_of(right), *node.span]
        case Conditional(condition=condition, yes=yes, no=no):
            return ["conditional", record_of(condition), record_of(yes), record_of(no), *node.span]
        case Compare(operator=operator, left=left, right=right):
            return ["compare", operator, record_of(left), record_of(right), *node.span]
        case Arithmetic(operator=operator, left=left, right=right):
            return ["arithmetic", operator, record_of(left), record_of(right), *node.span]
        case In(item=item, container=container):
            return ["in", record_of(item), record_of(container), *node.span]
        case Index(operand=operand, index=index):
            return ["index", record_of(operand), record_of(index), *node.span]
        case Call(function=function, target=target, arguments=arguments):
            written = None if target is None else record_of(target)
            return ["call", function, written, [record_of(each) for each in arguments], *node.span]
        case Macro(function=function, target=target, variable=variable, body=body):
            return ["macro", function, record_of(target), variable, record_of(body), *node.span, *node.variable_span]
        case _:
            assert_never(node)


def node_of(record: object, depth: int = 0) -> Node:
    """
    Give the tree of a record; what is none is a `ValueError`.
    """
    if depth > _DEEPEST:
        raise ValueError("a tree is not so deep")
    match record:
        case ["literal", value, int(start), int(end)] if isinstance(value, bool | int | float | str):
            return Literal(value=value, span=(start, end))
        case ["list", list(items), int(start), int(end)]:
            return List(items=tuple(node_of(each, depth + 1) for each in items), span=(start, end))
        case ["signal", str(name), int(start), int(end)]:
            return Signal(name=_name(name), span=(start, end))
        case ["has", str(name), int(start), int(end), int(first), int(last)]:
            return Has(name=_name(name), span=(start, end), name_span=(first, last))
        case ["call", str(function), target, list(arguments), int(start), int(end)]:
            within = None if target is None else node_of(target, depth + 1)
            given = tuple(node_of(each, depth + 1) for each in arguments)
            return Call(function=_name(function), target=within, arguments=given, span=(start, end))
        case ["macro", str(function), target, str(variable), body, int(start), int(end), int(first), int(last)]:
            return Macro(
                function=_name(function),
                target=node_of(target, depth + 1),
                variable=_name(variable),
                body=node_of(body, depth + 1),
                span=(start, end),
                variable_span=(first, last),
            )
        case [("compare" | "arithmetic") as kind, str(operator), left, right, int(start), int(end)]:
            return _binary(kind, operator, (node_of(left, depth + 1), node_of(right, depth + 1)), (start, end))
        case [str(kind), *parts, int(start), int(end)]:
            return _plain(kind, tuple(node_of(each, depth + 1) for each in parts), (start, end))
    raise ValueError("no record of a node")


def _name(name: str) -> str:
    if not _NAME.match(name):
        raise ValueError("no name of the language")
    return name


def _binary(kind: str, operator: str, sides: tuple[Node, Node], span: tuple[int, int]) -> Node:
    if operator not in _OPERATORS[kind]:
        raise ValueError("no operator of the language")
    if kind == "compare":
        return Compare(operator=operator, left=sides[0], right=sides[1], span=span)
    return Arithmetic(operator=operator, left=sides[0], right=sides[1], span=span)


def _plain(kind: str, parts: tuple[Node, ...], span: tuple[int, int]) -> Node:
    """
    Give a node that has no parts but nodes.
    """
    match kind, parts:
        case "not", (operand,):
            return Not(operand=operand, span=span)
        case "negate", (operand,):
            return Negate(operand=operand, span=span)
        case "and", (left, right):
            return And(left=left, right=right, span=span)
        case "or", (left, right):
            return Or(left=left, right=right, span=span)
        case "conditional", (condition, yes, no):
            return Conditional(condition=condition, yes=yes, no=no, span=span)
        case "in", (item, container):
            return In(item=item, container=container, span=span)
        case "index", (operand, index):
            return Index(operand=operand, index=index, span=span)
    raise ValueError("no record of a node")
