"""
From celpy's tree, one node per level of its grammar, to ours; what has no node here is refused with its place.

Only the shape of celpy's tree is known here: celpy itself is not imported.
"""

from __future__ import annotations

import re
from math import isinf
from typing import Any, Final

from canarypolicy.cel import syntax_wording as wording
from canarypolicy.cel.fault import Refused
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
    Range,
    Signal,
)

MACROS: Final = ("all", "exists", "exists_one", "filter", "map")

_INT_MIN, _INT_MAX = -(2**63), 2**63 - 1

_WRAPPERS: Final = frozenset(
    [
        "expr",
        "conditionalor",
        "conditionaland",
        "relation",
        "addition",
        "multiplication",
        "unary",
        "member",
        "primary",
        "paren_expr",
    ]
)
"""Levels of the grammar that say nothing when they have one child."""

_COMPARISONS: Final = {
    "relation_lt": "<",
    "relation_le": "<=",
    "relation_gt": ">",
    "relation_ge": ">=",
    "relation_eq": "==",
    "relation_ne": "!=",
}
_ARITHMETIC: Final = {
    "addition_add": "+",
    "addition_sub": "-",
    "multiplication_mul": "*",
    "multiplication_div": "/",
    "multiplication_mod": "%",
}

_ESCAPE: Final = re.compile(
    r"""\\(?:(?P<plain>[abfnrtv"'\\?`])|(?P<octal>[0-3][0-7]{2})|[xX](?P<x>[0-9a-fA-F]{2})"""
    r"""|u(?P<u>[0-9a-fA-F]{4})|U(?P<U>[0-9a-fA-F]{8})|(?P<unknown>[\s\S]))"""
)
_PLAIN: Final = dict(zip("abfnrtv", "\a\b\f\n\r\t\v", strict=True))


def lower(tree: Any) -> Node:
    """
    Give our tree for celpy's, or raise `Refused` at the first construct that has no node.
    """
    while tree.data in _WRAPPERS and len(tree.children) == 1:
        tree = tree.children[0]
    span = _span(tree)
    match str(tree.data):
        case "expr":
            condition, yes, no = (lower(child) for child in tree.children)
            return Conditional(condition=condition, yes=yes, no=no, span=span)
        case "conditionalor":
            return Or(left=_left(tree), right=lower(tree.children[1]), span=span)
        case "conditionaland":
            return And(left=_left(tree), right=lower(tree.children[1]), span=span)
        case "relation" | "addition" | "multiplication":
            return _binary(tree, span)
        case "unary":
            operand = lower(tree.children[1])
            is_not = tree.children[0].data == "unary_not"
            return Not(operand=operand, span=span) if is_not else Negate(operand=operand, span=span)
        case "literal":
            return Literal(value=_constant(tree.children[0], span), span=span)
        case "list_lit":
            return List(items=_arguments(tree.children), span=span)
        case "ident" | "member_dot":
            return Signal(name=_name(tree), span=span)
        case "ident_arg":
            return _call(tree, span)
        case "member_dot_arg":
            return _method(tree, span)
        case "member_index":
            return Index(operand=lower(tree.children[0]), index=lower(tree.children[1]), span=span)
        case other:
            raise Refused(wording.unsupported_construct(other, span))


def _span(tree: Any) -> Range:
    return tree.meta.start_pos, tree.meta.end_pos


def _left(tree: Any) -> Node:
    return lower(tree.children[0])


def _binary(tree: Any, span: Range) -> Node:
    operator, right = tree.children
    left_node, right_node = lower(operator.children[0]), lower(right)
    if operator.data == "relation_in":
        return In(item=left_node, container=right_node, span=span)
    if operator.data in _COMPARISONS:
        return Compare(operator=_COMPARISONS[operator.data], left=left_node, right=right_node, span=span)
    return Arithmetic(operator=_ARITHMETIC[operator.data], left=left_node, right=right_node, span=span)


def _arguments(children: list[Any]) -> tuple[Node, ...]:
    return tuple(lower(child) for child in children[0].children) if children else ()


def _name(tree: Any) -> str:
    """
    Give the dotted name that a chain of fields spells.
    """
    parts: list[str] = []
    field = tree
    while field.data == "member_dot":
        target, part = field.children
        parts.insert(0, str(part))
        while target.data in ("member", "primary"):
            target = target.children[0]
        if target.data not in ("member_dot", "ident"):
            raise Refused(wording.field_of_expression(str(part), _token_span(part)))
        field = target
    return ".".join([str(field.children[0]), *parts])


def _token_span(token: Any) -> Range:
    return token.start_pos, token.end_pos


def _call(tree: Any, span: Range) -> Node:
    function = str(tree.children[0])
    if function == "has":
        return _has(tree, span)
    return Call(function=function, target=None, arguments=_arguments(tree.children[1:]), span=span)


def _has(tree: Any, span: Range) -> Has:
    arguments = tree.children[1].children if len(tree.children) > 1 else []
    if len(arguments) != 1:
        raise Refused(wording.has_of_expression(span))
    signal = lower(arguments[0])
    if not isinstance(signal, Signal):
        raise Refused(wording.has_of_expression(signal.span))
    return Has(name=signal.name, span=span, name_span=signal.span)


def _method(tree: Any, span: Range) -> Node:
    function = str(tree.children[1])
    target, arguments = lower(tree.children[0]), _arguments(tree.children[2:])
    if function not in MACROS:
        return Call(function=function, target=target, arguments=arguments, span=span)
    if len(arguments) != 2:
        raise Refused(wording.macro_arguments(function, len(arguments), span))
    variable, body = arguments
    if not isinstance(variable, Signal) or "." in variable.name:
        raise Refused(wording.macro_variable(function, variable.span))
    return Macro(function=function, target=target, variable=variable.name, body=body, span=span, variable_span=variable.span)


def _constant(token: Any, span: Range) -> bool | float | str:
    text = str(token)
    match token.type:
        case "BOOL_LIT":
            return text == "true"
        case "INT_LIT":
            return _whole(text, span)
        case "FLOAT_LIT":
            number = float(text)
            if isinf(number):
                raise Refused(wording.not_finite(text, span))
            return number
        case "STRING_LIT" | "MLSTRING_LIT":
            return _string(text, span)
        case other:
            raise Refused(wording.unsupported_literal(other, text, span))


def _whole(text: str, span: Range) -> int:
    number = int(text, 16) if "0x" in text else int(text)
    if not _INT_MIN <= number <= _INT_MAX:
        raise Refused(wording.int_out_of_range(text, span))
    return number


def _string(text: str, span: Range) -> str:
    """
    Give what a string literal stands for; an escape that CEL does not know is refused.
    """
    is_raw = text[0] in "rR"
    quoted = text[1:] if is_raw else text
    quotes = 3 if quoted[:3] in ('"""', "'''") else 1
    content = quoted[quotes:-quotes]
    if is_raw:
        return content
    start = span[0] + quotes
    return _ESCAPE.sub(lambda match: _unescaped(match, start), content)


def _unescaped(match: re.Match[str], start: int) -> str:
    place = (start + match.start(), start + match.end())
    plain, octal = match["plain"], match["octal"]
    if plain is not None:
        return _PLAIN.get(plain, plain)
    if match["unknown"] is not None:
        raise Refused(wording.invalid_escape(match.group(), place))
    code = int(octal, 8) if octal is not None else int(match["x"] or match["u"] or match["U"], 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise Refused(wording.invalid_escape(match.group(), place))
    return chr(code)
