"""
From the tree back to text: parsing what is written here gives the same tree.

Parentheses stand only where CEL's precedence needs them, so that text never nests deeper than the tree.
"""

from __future__ import annotations

from typing import Final, assert_never

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

_CONDITIONAL, _OR, _AND, _RELATION, _ADDITION, _MULTIPLICATION, _UNARY, _MEMBER = range(8)
"""How tightly each construct binds, loosest first."""

_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def unparse(node: Node) -> str:
    """
    Write a tree as CEL.
    """
    match node:
        case Literal(value=value):
            return _constant(value)
        case List(items=items):
            return f"[{_listed(items)}]"
        case Signal(name=name):
            return name
        case Has(name=name):
            return f"has({name})"
        case Not(operand=operand):
            return f"!{_at_least(_UNARY, operand)}"
        case Negate(operand=operand):
            return f"-{_negated(operand)}"
        case And(left=left, right=right):
            return f"{_at_least(_AND, left)} && {_at_least(_AND + 1, right)}"
        case Or(left=left, right=right):
            return f"{_at_least(_OR, left)} || {_at_least(_OR + 1, right)}"
        case Conditional(condition=condition, yes=yes, no=no):
            return f"{_at_least(_OR, condition)} ? {_at_least(_OR, yes)} : {unparse(no)}"
        case Compare(operator=operator, left=left, right=right) | Arithmetic(operator=operator, left=left, right=right):
            level = _level(node)
            return f"{_at_least(level, left)} {operator} {_at_least(level + 1, right)}"
        case In(item=item, container=container):
            return f"{_at_least(_RELATION, item)} in {_at_least(_RELATION + 1, container)}"
        case Index(operand=operand, index=index):
            return f"{_before_suffix(operand)}[{unparse(index)}]"
        case Call(function=function, target=target, arguments=arguments):
            return f"{_before_dot(target)}{function}({_listed(arguments)})"
        case Macro(function=function, target=target, variable=variable, body=body):
            return f"{_before_dot(target)}{function}({variable}, {unparse(body)})"
        case _:
            assert_never(node)


def _level(node: Node) -> int:
    match node:
        case Conditional():
            return _CONDITIONAL
        case Or():
            return _OR
        case And():
            return _AND
        case Compare() | In():
            return _RELATION
        case Arithmetic(operator="+" | "-"):
            return _ADDITION
        case Arithmetic():
            return _MULTIPLICATION
        case Not() | Negate():
            return _UNARY
        case Literal() | List() | Signal() | Has() | Index() | Call() | Macro():
            return _MEMBER
        case _:
            assert_never(node)


def _at_least(level: int, node: Node) -> str:
    text = unparse(node)
    return text if _level(node) >= level else f"({text})"


def _negated(operand: Node) -> str:
    # `-5` is one literal, `-(5)` is a literal that is negated
    return f"({unparse(operand)})" if isinstance(operand, Literal) else _at_least(_UNARY, operand)


def _before_dot(target: Node | None) -> str:
    return "" if target is None else f"{_before_suffix(target)}."


def _before_suffix(operand: Node) -> str:
    # `1.f()` would be the number `1.` and a name, and `-1[0]` an item of the literal `-1`
    is_number = isinstance(operand, Literal) and isinstance(operand.value, int | float)
    return f"({unparse(operand)})" if is_number else _at_least(_MEMBER, operand)


def _listed(nodes: tuple[Node, ...]) -> str:
    return ", ".join(unparse(node) for node in nodes)


def _constant(value: bool | float | str) -> str:  # noqa: FBT001 - the value itself
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return '"' + "".join(_character(each) for each in value) + '"'
        case _:
            return repr(value)


def _character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else f"\\U{ord(character):08x}"
