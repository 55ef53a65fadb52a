"""
The tree of a CEL expression: a dozen frozen node classes with a span and children.

Equal subtrees are equal and hash alike: a span says where a node stands and is no part of what it is.
Nodes have no methods but Python's own; a reading is one function with one `match` over them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

Range: TypeAlias = tuple[int, int]
"""Half-open offsets in the text of the expression."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Literal:
    """
    A constant; its Python type is its CEL type. A list is `List`.

    `1`, `1.0` and `true` are three literals, and so are `0.0` and `-0.0`, though Python calls them equal.
    """

    value: bool | int | float | str
    span: Range

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and repr(self.value) == repr(other.value)

    def __hash__(self) -> int:
        return hash(repr(self.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class List:
    """
    A list of expressions.
    """

    items: tuple[Node, ...]
    span: Range = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """
    A dotted name: a signal, a built-in signal, a field of a probe's result, or a macro's variable.
    """

    name: str
    span: Range = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Has:
    """
    Whether a signal is present; never unknown.
    """

    name: str
    span: Range = field(compare=False)
    name_span: Range = field(compare=False)
    """Where the name stands inside of the parentheses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """
    Logical negation.
    """

    operand: Node
    span: Range = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Negate:
    """
    Arithmetic negation.
    """

    operand: Node
    span: Range = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """
    `&&`: false if either side is false, whatever the other is.
    """

    left: Node
    right: Node
    span: Range = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """
    `||`: true if either side is true, whatever the other is.
    """

    left: Node
    right: Node
    span: Range = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional:
    """
    `condition ? yes : no`.
    """

    condition: Node
    yes: Node
    no: Node
    span: Range = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """
    One of `< <= > >= == !=`.
    """

    operator: str
    left: Node
    right: Node
    span: Range = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic:
    """
    One of `+ - * / %`.
    """

    operator: str
    left: Node
    right: Node
    span: Range = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class In:
    """
    Membership in a list.
    """

    item: Node
    container: Node
    span: Range = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """
    An element of a list.
    """

    operand: Node
    index: Node
    span: Range = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """
    A function, or a method when there is a target.
    """

    function: str
    target: Node | None
    arguments: tuple[Node, ...]
    span: Range = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    """
    `range.all(variable, body)` and its siblings `exists`, `exists_one`, `filter`, `map`.
    """

    function: str
    target: Node
    variable: str
    body: Node
    span: Range = field(compare=False)
    variable_span: Range = field(compare=False)


Node: TypeAlias = (
    Literal | List | Signal | Has | Not | Negate | And | Or | Conditional | Compare | Arithmetic | In | Index | Call | Macro
)


def children(node: Node) -> tuple[Node, ...]:
    """
    Give a node's direct children, left to right.
    """
    match node:
        case Literal() | Signal() | Has():
            return ()
        case List(items=items):
            return items
        case Not(operand=operand) | Negate(operand=operand):
            return (operand,)
        case And(left=left, right=right) | Or(left=left, right=right):
            return (left, right)
        case Compare(left=left, right=right) | Arithmetic(left=left, right=right):
            return (left, right)
        case Conditional(condition=condition, yes=yes, no=no):
            return (condition, yes, no)
        case In(item=item, container=container):
            return (item, container)
        case Index(operand=operand, index=index):
            return (operand, index)
        case Call(target=target, arguments=arguments):
            return arguments if target is None else (target, *arguments)
        case Macro(target=target, body=body):
            return (target, body)
        case _:
            assert_never(node)


def walk(node: Node) -> Iterator[Node]:
    """
    Give a node and all below it, parents first.
    """
    yield node
    for child in children(node):
        yield from walk(child)
